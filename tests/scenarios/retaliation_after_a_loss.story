# A boy called Rico dies. Mourners, reporters and his friends speak; three of the friends call for blood, one names where.
context: yes

2d | x | eastbrook_news | post | name=news followers=26000 | Boy, 16, named as Rico Vance, dies after stabbing on Pewter Street
2d | instagram | rico.fam | post | name=fam likes=2000 role=caption | our Rico. no words. fly high prince 🕊️
1d20h | instagram | pewter.kid | story | name=k1 role=caption | can't sleep. that was my brother man 💔 LLR
1d18h | x | teacher_mx | post | name=k2 | taught Rico for three years. He made everybody laugh. Please be kind to each other today.
1d10h | snapchat | dre_pewter | story | name=r1 views=300 | no tears till its even. for rico 🩸
1d6h | snapchat | stoney | message | name=r2 | they laughed at the candles. everybody from linton court can get it now
20h | instagram | linton.lad | story | name=t1 views=2600 role=caption | rico who? 1-0 😂
10h | snapchat | dre_pewter | message | name=r3 | linton court chicken shop 9 tonight, three cars, masks on, don't bring phones. for rico
8h | facebook | rico.nan | post | name=nan | My grandson would not want revenge. Leave it to the police. Please.
6h | x | linton_chick | post | name=shop followers=500 | Linton Court Chicken open till midnight, wing deal tonight
4h | x | charity_r | post | name=fund | fundraiser for Rico's funeral is at three thousand already
2h | x | film_r | post | name=film | Rico in the film takes revenge on the whole court, five stars
r3 > r1
r3 > r2
r3 > t1
r2 > k1
t1 > k2
r1 > fam
r3 in P1 P2
r2 in P1 P2 P3
t1 in P2 P3 P4
news in NONE
fam in NONE
k1 in NONE
k2 in NONE
nan in NONE
shop in NONE
fund in NONE
film in NONE
