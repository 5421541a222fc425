# A feud in a US city: two sets claim shootings and promise more, while a barber, a cyclist and a basketball fan use the same words.
context: yes

3d | instagram | 6th.set | story | name=u1 views=2000 role=caption | smokin on tooka's lil homie pack tonight 💨💨 who next
2d | x | woogang | post | name=u2 | say less. when we slide aint no warning shots
1d10h | facebook | ms.loretta | post | name=m1 | Lord cover these babies. I buried one already.
1d | x | woogang | post | name=u3 | spun they block twice, nobody outside, bunch of hoes
10h | x | dj_slide | post | name=s1 | electric slide at the cookout tonight, aunties only
9h | x | bike_rounds | post | name=s2 | spun the block on my new bike, whole city outside
6h | instagram | 6th.set | story | name=u4 role=caption | funeral at mount olive saturday 11am. we sliding. bring everything w a switch on it
5h | x | mt_olive | post | name=c1 followers=400 | Homegoing service Saturday 11 am, Mount Olive. All are welcome.
4h | x | hoopfan | post | name=h1 | he got smoked off the dribble, put him in the pack
3h | x | fade_king | post | name=b1 | switch to a skin fade, slide thru saturday 11am
1h | x | reporter_c | post | name=n1 followers=50000 | Two teens shot on 6th Street overnight, third shooting this week
u4 > u1
u4 > u2
u4 > u3
u1 > h1
u2 > s1
u4 > c1
u4 in P1 P2
u1 in P1 P2 P3 P4
u2 in P1 P2 P3 P4
m1 in NONE
s1 in NONE
s2 in NONE
c1 in NONE
h1 in NONE
b1 in NONE
n1 in NONE
