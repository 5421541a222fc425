# A copied chain message about a bomb is shared by frightened people with "is this true?"; the sender of the first is what matters.
context: no

6h | telegram | anon_9911 | message | name=source views=60 | there is a bomb in the Marlow arcade. it goes off at six. everyone who ignored me will burn
5h30m | x | shop_worker | post | name=s1 | evacuated from marlow arcade, someone says bomb threat?? anyone know if its real
5h20m | facebook | mum_group | post | name=s2 | Please share: police say stay away from Marlow arcade, there has been a threat
5h10m | x | fact_check | post | name=s3 followers=8000 | The "second bomb at the station" message is a hoax from 2019. Please stop forwarding it.
5h | x | marlow_police | post | name=s4 followers=60000 shares=900 | We are responding to a report at Marlow arcade. As a precaution the area has been cleared.
4h | x | joker_j | post | name=s5 | the real bomb in marlow arcade is the pretzel stand
3h | reddit | localhist | comment | name=s6 | the arcade was actually bombed in 1941, there is a plaque
2h | x | marlow_police | post | name=s7 followers=60000 | Update: nothing was found at Marlow arcade. A man has been arrested.
1h | x | bath_fan | post | name=s8 | bath bombs half price at the arcade since everyone's gone home lol
30m | x | dj_marlow | post | name=s9 | last night's set was the bomb
source > s1
source > s5
source > s6
source > s8
source in P1 P2
s3 in NONE
s4 in NONE
s6 in NONE
s7 in NONE
s8 in NONE
s9 in NONE
