# A few accounts that insult one man begin to talk about a delivery: food, a driver, a door. Beside them real couriers and hungry people.
context: yes
ends: 2026-06-07T21:20:00+01:00

4d | x | marlo_k | post | name=beef1 mentions=danny_ep | danny u set my cousin up. ur a dead man walking
3d | x | zee_marlo | reply | name=beef2 reply=beef1 mentions=danny_ep | we're gonna put danny in the ground for that
8h | x | marlo_k | post | name=order1 | order going out tonight. extra hot. one customer
7h | x | zee_marlo | reply | name=order2 reply=order1 | driver ready? danny's door right
6h | x | marlo_k | reply | name=order3 reply=order1 | yeah 11pm. no tip 😂 he won't be eating after
5h | x | courier_kim | post | name=real1 | 11pm, last order of the night, up four flights, no tip. love this job
4h | x | pizza_penshaw | post | name=shop1 followers=1200 | Orders going out hot till 11pm tonight, drivers ready at the door
3h | reddit | hungry_h | post | name=hungry1 | my driver ate my chips and the app says delivered. I want justice
2h | x | danny_ep | post | name=danny1 | they keep driving past my door. if something happens it was marlo
1h | x | cal_counts | post | name=diet1 | not eating after 8pm this week, dead man walking by bedtime 😂
20m | x | foodbank_n | post | name=bank1 followers=800 | 300 parcels delivered today by volunteers. Thank you, drivers

order3 > real1
order3 > shop1
order3 > hungry1
order2 > shop1
order2 > real1
order1 > shop1
beef2 > diet1
beef1 > diet1
beef1 in P1 P2 P3
beef2 in P1 P2 P3
real1 in NONE
shop1 in NONE
hungry1 in NONE
diet1 in NONE
bank1 in NONE
