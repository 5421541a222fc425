# Match evening: hundreds of supporters shout as usual. Two firms agree on a street, and one man says he carries a blade for it.
context: no
ends: 2026-06-06T15:30:00+01:00

1d | x | rovers_tv | post | name=club1 followers=88000 | Derby day tomorrow. Doors open at 6. Who scores first?
20h | x | gaz_rovers | post | name=shout1 | we are going to absolutely batter them tomorrow 4-0 easy
12h | x | town_til_i_die | post | name=shout2 | hope their keeper breaks his leg tbh. hate that lot
9h | telegram | rvf_firm | message | name=meet1 views=200 | station road, crown pub, 5.30 today before kick off. they're bringing 40. no kids, no colours, come tooled up
8h | telegram | town_ymc | message | name=meet2 views=150 | crown at half 5 then. we'll leave a few of them in hospital
7h | x | dazza_ymc | post | name=blade1 views=90 | got my blade sorted for the crown later. first rovers mug i see is getting striped
6h | x | rovers_tv | post | name=club2 followers=88000 | Our captain on the derby: 'It's war out there. We'll fight for every ball.'
5h | x | pub_crown | post | name=crown1 followers=300 | The Crown opens at noon today, home fans only, burgers from 5.30
4h | x | mum_in_red | post | name=mum1 | taking my lad to his first derby tonight, bit nervous about Station Road
3h | x | chant_chaz | post | name=chant1 | station road sounding unreal already, smoke and songs everywhere 🔴⚪
2h | x | bet_bob | post | name=bet1 | need a late killer goal, both teams to score, I'll murder the bookies tonight
1h | x | transport_w | post | name=train1 followers=10000 | Extra trains to Wexley for the match. Station Road is closed to cars from 5
20m | x | crowdbots | post | name=bots times=30 | up the rovers smash them tonight {n}

blade1 > shout1
blade1 > shout2
blade1 > club2
meet1 > shout1
meet1 > club2
meet1 > crown1
meet2 > shout1
meet2 > crown1
blade1 > bots-1
blade1 in P1 P2
meet1 in P1 P2 P3
meet2 in P1 P2 P3
club1 in NONE
shout1 in NONE
club2 in NONE
crown1 in NONE
mum1 in NONE
chant1 in NONE
bet1 in NONE
train1 in NONE
