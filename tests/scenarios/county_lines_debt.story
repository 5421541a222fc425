# A boy sent out of London to sell has been robbed and is told to pay or be cut. Youth workers and a borrowed-money joke stand beside it.
context: no
ends: 2026-06-11T18:00:00+01:00

3d | snapchat | bigman_trap | story | name=advert1 role=caption views=2400 | who wants to make P this summer 💷 young ones only, train ticket paid, hmu
2d6h | snapchat | lil_jaydo | message | name=sorry1 | bro i swear they robbed me at the flat i aint got the food or the money. i need time
2d4h | snapchat | bigman_trap | message | name=debt1 mentions=lil_jaydo | u owe me 900. no one robs my line. every day it goes up 100
1d20h | x | youthwork_dee | post | name=work1 followers=5200 | Debt bondage is how they keep children working. If your child owes money to 'friends', ask for help, not for blame.
1d3h | snapchat | bigman_trap | message | name=knife1 mentions=lil_jaydo | jayden if the money aint there by 9 tonight i'm sending man to ur mums house to wet u up. 22 alder close yeah i know it
1d2h | x | broke_bex | post | name=joke1 | owe my flatmate £40 and she's going to literally murder me when she sees I bought boots instead 😭
20h | facebook | alder.close | post | name=street1 | Bin lorry missed Alder Close again, third week running
8h | snapchat | bigman_trap | message | name=knife2 mentions=lil_jaydo | last chance. 8 oclock tonight u bring the p or we come 22 alder close and poke u and ur brother
6h | reddit | uk_mum | post | name=mum1 | My son came home from the coast with a bruised face and says he owes someone money. He won't talk to police. What do I do?
5h | x | rail_watch | post | name=rail1 followers=9000 | Two teenagers safeguarded at the station after officers found them carrying drugs for a county line
3h | x | vinyl_vic | post | name=vinyl1 | that new album is dope, paid my debts to the record shop today
1h | instagram | cookwithjo | video | name=food1 role=caption views=30000 | food for the whole line of cousins, jerk chicken under a tenner

knife2 > debt1
knife2 > advert1
knife2 > sorry1
knife2 > mum1
knife2 > joke1
knife1 > debt1
knife1 > joke1
debt1 > street1
knife2 in P1 P2
knife1 in P1 P2 P3
debt1 in P1 P2 P3 P4
work1 in NONE
joke1 in NONE
street1 in NONE
rail1 in NONE
vinyl1 in NONE
food1 in NONE
