# One account counts down to a day it has named before. The single numbers mean nothing to who has not read the first post.
context: yes

4d | x | cnt_dwn_x | post | name=first views=90 | four more sleeps til ashdown college finds out what my dad keeps in his gun cabinet
3d | x | cnt_dwn_x | post | name=three | 3
2d | x | cnt_dwn_x | post | name=two | 2 ⏳
1d | x | cnt_dwn_x | post | name=one | 1 ⏳🔫 tomorrow
1d | x | space_fan | post | name=launch | T minus 1 day to launch 🚀 3 2 1
20h | x | xmas_jo | post | name=xmas | 3 more sleeps til my birthday 🎂
10h | x | ashdown_college | post | name=coll followers=7000 | Open day on Saturday, come and see our new labs
6h | x | shooter_club | post | name=club | clay shooting on Sunday, cabinet keys with Dave
3h | x | nye_fan | post | name=nye | count down with us at the pier, fireworks at nine
1h | x | student_ash | post | name=stud | assignment due tomorrow, send help, dead inside
first > launch
one > launch
first > xmas
one > three
first > club
first in P1 P2 P3
launch in NONE
xmas in NONE
coll in NONE
club in NONE
nye in NONE
stud in NONE
