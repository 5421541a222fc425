# One attack, told by the boy who was hurt, by his mother, by a paper, and by the boy who did it.
context: no

1d | reddit | stitched_up | post | name=victim likes=400 | I got stabbed in the thigh on Friday for a phone. Twelve stitches. I keep hearing his footsteps. How do you go outside again?
22h | facebook | proud.mum | post | name=mum | They could have killed my son for a phone. He is fifteen. Whoever you are, I hope you sleep badly.
20h | x | thelocal | post | name=paper followers=13000 | Boy, 15, stabbed in robbery near Foss Bridge. Police want to hear from witnesses.
10h | instagram | foss.demon | story | name=boast views=900 role=caption | boy screamed like a girl when i put it in his leg 😂 come collect your phone pussy 🔪📱
8h | snapchat | foss_lil | message | name=boast2 | demon chinged that yout by foss, saw the whole thing, boy was leaking
6h | x | surgeon_a | post | name=doc followers=5000 | A thigh wound can kill in five minutes. Put pressure on it, call 999.
5h | x | phone_shop | post | name=phone | cracked screens fixed while you wait near Foss Bridge
4h | x | tattoo_fan | post | name=tat | needle in my thigh for six hours, screamed like a girl, love it
2h | instagram | foss.demon | story | name=next views=1000 role=caption | round 2 saturday. whoever he sends 🔪
1h | x | counsel | post | name=help followers=800 | free counselling for young victims of robbery, link below
boast > victim
boast > mum
boast > paper
boast > tat
boast2 > doc
next > victim
boast in P1 P2 P3
boast2 in P2 P3 P4
next in P1 P2 P3 P4
victim in NONE
mum in NONE
paper in NONE
doc in NONE
phone in NONE
tat in NONE
help in NONE
