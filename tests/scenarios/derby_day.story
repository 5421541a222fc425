# Two sets of football fans shout at each other all day. War words are about the match; one group arranges a fight with weapons.
context: no

9h | x | red_faithful | post | name=d1 views=4000 | WAR today. no prisoners. absolutely batter them lads 💪🔴
8h | x | blue_army | post | name=d2 views=5200 | gonna destroy these muppets, slaughter at the bridge incoming
7h | x | pundit | post | name=d3 followers=90000 | Their left back gets murdered every time he's isolated. Attack him early.
6h | reddit | derby_thread | comment | name=d4 likes=500 | he's a dead man if he misses from there again
5h | x | red_faithful | post | name=d5 | hope their keeper chokes
4h | telegram | rf_lads_closed | message | name=d6 views=40 | 15 of us, canal side, 5 o'clock before kick off. poles and bottles. any blue shirt gets it, don't care how old
3h | x | blue_mum | post | name=d7 | taking my lad to his first derby, so nervous and excited
2h | x | stadium | post | name=d8 followers=120000 | Gates open at 4. Bags larger than A4 will not be admitted.
1h | x | blue_army | post | name=d9 | we got killed out there. manager should be shot
30m | x | red_faithful | post | name=d10 | MURDERED THEM 5-1 get in
d6 > d1
d6 > d2
d6 > d4
d6 > d9
d6 in P1 P2
d3 in NONE
d5 in NONE P4
d7 in NONE
d8 in NONE
d10 in NONE
d1 in NONE P4
