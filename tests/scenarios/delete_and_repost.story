# A threat to life is deleted and posted again from a second account; a mild taunt is deleted and stays gone.
context: yes

5h | x | tz_grove | post | name=threat1 views=700 | on my nan's life i am shooting jermaine outside his yard tonight
4h | x | grove_kid | post | name=mild1 views=90 | jermaine and them can't fight lool
3h | x | tz_grove | post | change=deleted of=threat1 |
3h | x | grove_kid | post | change=deleted of=mild1 |
2h | x | tz_grove2 | post | name=again views=40 | on my nan's life i am shooting jermaine outside his yard tonight
100m | x | chess_club | post | name=chess | jermaine took my queen and i nearly died
80m | x | tea_time | post | name=tea | nan's life hack for stains: salt and cold water
60m | x | runner_b | post | name=run | on my way home from parkrun, shins are shot
40m | x | film_fan | post | name=film | shooting a short film outside our yard tonight, extras wanted
20m | x | pizza_g | post | name=pizza | two for one tonight
again > chess
again > film
again in P1 P2
mild1 unlisted
chess in NONE
tea in NONE
run in NONE
film in NONE
pizza in NONE
