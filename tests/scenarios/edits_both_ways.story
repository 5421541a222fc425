# One post starts as a threat and is edited into small talk; another starts as small talk and is edited into a threat.
context: no

6h | x | ron_del | post | name=was_bad views=300 | gary if you come to the club on saturday i'm going to put a bottle in your face
6h | x | tia_m | post | name=was_good views=120 | looking forward to saturday at the club
5h | x | barnaby | post | name=plain | club on saturday? count me in, i'll bring crisps
4h | x | mo_fitz | post | name=steady | i'm going to stab my ex in the neck when she finishes work at six
3h | x | ron_del | post | change=edited of=was_bad views=900 | gary see you at the club on saturday
2h | x | tia_m | post | change=edited of=was_good views=500 | gary walks out of the club on saturday, i run him over. already parked round the back
90m | x | poppy | post | name=kids | face paint and bottle game at the club on saturday for the kids
1h | x | dj_lo | post | name=dj | i will murder that dance floor on saturday
40m | x | steward | post | name=steward | doors at eight, bags searched
20m | x | nan_rose | post | name=nan | my grandson is playing at the club on saturday
was_good > was_bad
was_good > plain
steady > was_bad
was_good in P1 P2 P3
steady in P1 P2
plain in NONE
kids in NONE
dj in NONE
steward in NONE
nan in NONE
