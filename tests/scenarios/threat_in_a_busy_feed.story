# A Saturday feed of a town: match, market, exams, weather. One short reply among it names a time and a door.
context: no

10h | x | town_baker | post | name=f1 | sourdough is out of the oven, come before ten
9h55m | x | ferry_tim | post | name=f2 | calm crossing this morning, two porpoises by the pier
9h50m | reddit | runner_al | comment | name=f3 | new personal best, lungs on fire, worth it
9h40m | x | dee_kay | post | name=f4 | can somebody explain why the bins are blue now
9h30m | facebook | school_pta | post | name=f5 | Cake sale at the gates on Monday, nut free please
9h20m | x | mrs_oyelaran | post | name=f6 | my year 11s are petrified of the physics paper and honestly same
9h10m | tiktok | gull_watch | video | name=f7 role=caption views=19000 | seagull stole a whole battered sausage, violence in broad daylight 😭
9h | x | bus_user | post | name=f8 | 17A cancelled again. third time this week
8h50m | x | cheeky_tone | post | name=f9 | if united bottle this i am burning my shirt on the pitch
8h40m | mastodon | botanist | post | name=f10 | Deadheading the roses. Off with their heads, said the queen
8h30m | x | locksmith_lee | post | name=f11 | do not leave your key under the mat people
8h20m | x | gamer_gran | post | name=f12 | seventy three and still top of the scoreboard, got eleven kills before lunch
8h | reddit | diy_rob | comment | name=f13 | the angle grinder went through it like butter
7h45m | x | petrolhead | post | name=f14 | 152.9 a litre at the ring road, robbery
7h30m | x | yoga_may | post | name=f15 | corpse pose is my favourite pose
7h | x | sal_p | post | name=f16 views=300 | night out was messy, my head is banging
6h30m | facebook | allot_ments | post | name=f17 | Someone has been in the sheds again, keep an eye out
6h | x | ref_hater | post | name=f18 | hang the referee, that was never a corner
5h30m | x | tess_v | post | name=target | opening the salon late tonight, last appointment half nine
5h20m | x | quiet_acc | reply | reply=target name=threat followers=3 views=11 | half nine. back door. you'll be on your own and i'll have the hammer. told you i'd fix that face
5h10m | x | nailfan | reply | reply=target name=f19 | can i get the last slot pls, nails are in bits
5h | x | cheeky_tone | post | name=f20 | 2-0 down, shirt and matches at the ready
4h | x | cinema_club | post | name=f21 | tonight: a hammer horror double bill, doors half eight
3h | x | town_police | post | name=f22 followers=15000 | Two arrests for theft on the high street this afternoon. Thanks to all who called.
2h | x | grill_dad | post | name=f23 | slow cooked for nine hours then pulled apart with forks
1h | x | night_shift | post | name=f24 | wish me luck, saturday night in A&E
30m | x | f_ted | post | name=f25 | what time does the chippy shut
threat > f7
threat > f9
threat > f12
threat > f18
threat > f20
threat in P1 P2
f1 in NONE
f6 in NONE
f8 in NONE
f10 in NONE
f12 in NONE
f13 in NONE
f15 in NONE
f19 in NONE
f21 in NONE
f22 in NONE
f24 in NONE
