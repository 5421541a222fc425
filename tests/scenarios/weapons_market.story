# A seller offers blades to whoever pays; shops, cooks and collectors speak of knives too.
context: yes

3d | telegram | plug_norf | post | name=sale1 views=800 | zombies, rambos, folders in stock 🔪 meet up only, no names no questions
2d | telegram | plug_norf | post | name=sale2 views=1100 | two left. cash. bring ur mandem. good for the weekend if u know u know 😈
1d12h | instagram | chefstore | post | name=shop role=caption followers=22000 | Japanese kitchen knives 20 % off until Sunday, free sharpening in store
1d | reddit | collector_b | comment | name=coll | picked up a 1917 bayonet at the fair, the grip is original
20h | x | scoutmaster | post | name=scout | pocket knife safety badge tonight, parents welcome
10h | snapchat | lil_norf | story | name=show views=500 role=caption | new ting came 🗡️ south side know what time it is
9h | snapchat | lil_norf | message | name=show2 | don't get caught round the cage tonight, man's holding
6h | bluesky | trading.standards.example | post | name=ts followers=2000 | We seized 40 zombie knives from a seller on a messaging app this week.
5h | x | diner | post | name=steak | needed a rambo knife for that steak
2h | telegram | plug_norf | post | name=sale3 | 1 strap coming thursday, serious buyers, 9 with 16
1h | instagram | gamer_mod | post | name=skin role=caption | selling my karambit skin, 120 quid, no lowballs
sale3 > shop
sale3 > skin
sale1 > coll
show2 > steak
show2 > show
sale3 in P2 P3 P4
show2 in P1 P2 P3
shop in NONE
coll in NONE
scout in NONE
ts in NONE
steak in NONE
skin in NONE
