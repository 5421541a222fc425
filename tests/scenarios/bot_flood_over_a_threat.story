# Hundreds of bot accounts post the same insult while one account says where it will be waiting. The flood is one case with a count.
context: yes

50m | x | tarn_watch | post | name=ordinary1 views=40 | anyone else's power gone on Quillow Road?
45m | x | botring | post | name=flood times=150 | tarnside boys are all clowns lol follow for more
30m | x | lenny_q | post | name=threat1 views=60 followers=80 | dexter u walk home past the tyre place every night. tonight u don't make it. got the blade ready
28m | x | botring2 | post | name=flood2 times=40 | tarnside boys are all clowns lol follow for more {n}
10m | x | dan_cycles | post | name=bike1 | new tyre fitted, lights charged, riding home happy
5m | x | tarn_fc | post | name=match1 | we got absolutely slaughtered 6-0, clowns at the back all night
threat1 > flood-1
threat1 > flood-150
threat1 > flood2-1
threat1 in P1 P2
bike1 in NONE
match1 in NONE
ordinary1 in NONE
