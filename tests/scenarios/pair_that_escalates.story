# Two men argue for a week about money. Every post alone is mild; the last one only has weight because of the ones before.
context: yes

6d | x | lou_f | post | name=p1 mentions=carl_d | carl you still owe me four hundred, not funny anymore
5d | x | carl_d | reply | reply=p1 name=p2 | get in the queue mate
4d | x | lou_f | reply | reply=p2 name=p3 | keep laughing. people get hurt over less than this
3d | x | carl_d | reply | reply=p3 name=p4 | come and say it to my face then
2d | x | lou_f | reply | reply=p4 name=p5 | i know where you drink. i know what time you leave. bring your brother as well i don't care
1d | x | lou_f | post | name=p6 mentions=carl_d | last chance carl. thursday you pay or you bleed
4h | x | stranger_p | post | name=look1 | waiting outside for you when they shut, got your jumper
3h | x | lou_f | reply | reply=p4 name=p7 | see you outside at closing then
2h | x | pub_dart | post | name=darts | darts league tonight, losers pay
1h | x | debt_help | post | name=help followers=900 | Owed money? Free advice line, no judgement.
p7 > look1
p6 > p1
p6 > p3
p7 > darts
p6 in P1 P2 P3
p7 in P1 P2 P3 P4
look1 in NONE
darts in NONE
help in NONE
p1 in NONE P4
