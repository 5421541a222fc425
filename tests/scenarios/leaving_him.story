# A woman who left writes about it; her former partner writes too, first sorry, then not. Her account is no threat.
context: yes

4d | reddit | newstart_22 | post | name=v1 likes=900 | He used to say he'd kill me if I left. I left on Tuesday. I am shaking but I am free.
3d | facebook | gary.h | post | name=g1 | i'd do anything to get her back, i'm sorry babe
2d | x | gary_h_81 | post | name=g2 mentions=newstart | you think a new address stops me? i built that car, i can find that car
1d | x | gary_h_81 | post | name=g3 mentions=newstart | if i can't have you nobody will. that's not a song
20h | reddit | support_mod | comment | name=m1 | If he says "nobody else will have you", that is a threat. Please call 999 or the helpline.
10h | x | country_fan | post | name=song | "if i can't have you nobody will" is such a creepy lyric when you listen properly
3h | x | gary_h_81 | post | name=g4 mentions=newstart views=6 | parked at the end of cedar close. kitchen light's on. five minutes
2h | x | estate_agent | post | name=agent | lovely kitchen diner on Cedar Close, viewing in five minutes
1h | x | petrol_j | post | name=petrol | car's at the garage, can't find the part anywhere
30m | x | dv_charity | post | name=char followers=12000 | Two women a week are killed by a partner or ex-partner. Know the signs.
g4 > v1
g3 > g1
g3 > song
g4 > agent
g3 in P1 P2 P3
g4 in P1 P2 P3 P4
v1 in NONE
g1 in NONE
m1 in NONE
song in NONE
agent in NONE
petrol in NONE
char in NONE
