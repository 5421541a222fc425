# Five friends insult and "threaten" each other all day, about games, food and football. Nobody means anything.
context: no

10h | x | kofi_b | post | name=b1 | @dan if you're late again i'm actually gonna kill you 😂
9h50m | x | dan_ok | reply | reply=b1 name=b2 | bro i'm five minutes away put the knife down lool
9h | x | sam_wx | reply | reply=b1 name=b3 | rip dan, he had a good run, flowers to his mum
8h | x | priya_l | reply | reply=b1 name=b4 | i call dibs on his playstation when he's dead
7h | x | kofi_b | post | name=b5 | just got destroyed 5-0 by priya on fifa. i'm ending it all (my subscription)
6h | x | priya_l | reply | reply=b5 name=b6 | come outside then 😤 best of three, controllers only
5h | x | dan_ok | post | name=b7 | whoever ate my leftovers: i know where you sleep
4h | x | lou_z | reply | reply=b7 name=b8 | it was me and i'd do it again. fight me (pls don't i have asthma)
3h | x | sam_wx | post | name=b9 | quiz tonight. we ride at seven. no mercy. bring pens
2h | x | priya_l | reply | reply=b9 name=b10 | taking no prisoners, team slay
1h | x | real_stranger | post | name=real followers=30 | @dan i'm behind you on the 38, when you get off i'm going to cut you
b1 in NONE P4
b2 in NONE
b3 in NONE P4
b4 in NONE
b5 in NONE
b6 in NONE
b7 in NONE P4
b8 in NONE
b9 in NONE
b10 in NONE
real > b1
real > b3
real > b7
real in P1 P2
