# Two accounts speak in emoji and initials only; a cook, a dentist and a birthday use the same signs.
context: yes

2d | instagram | b.lane7 | story | name=e1 views=600 role=caption | 👻👻 where everybody go 7️⃣🏆
1d12h | instagram | m9.soldier | comment | reply=e1 name=e2 | 🤫⏳
1d | instagram | m9.soldier | story | name=e3 views=400 role=caption | 7️⃣🔪🩸 soon
10h | instagram | chef.tomo | post | name=c1 role=caption | 🔪🐟🍣 tonight's omakase
9h | instagram | tooth.fairy | post | name=c2 role=caption | 🦷🩸 wisdom tooth is out, soup for days
8h | instagram | bday.girl | post | name=c3 role=caption | 7️⃣🏆🎂 my boy is seven
6h | instagram | horror.club | post | name=c4 role=caption | 👻🔪🩸 halloween screening friday
2h | instagram | m9.soldier | story | name=e4 views=500 role=caption | 🚗💨 7️⃣ ⚰️ tn
1h | instagram | driver.ed | post | name=c5 role=caption | 🚗💨 passed my test first time
30m | instagram | blood.bank | post | name=c6 followers=20000 role=caption | 🩸 give blood today, save three lives
e4 > c5
e3 > c1
e3 > c4
e4 > c3
e3 > c6
e4 in P1 P2 P3 P4
c1 in NONE
c2 in NONE
c3 in NONE
c5 in NONE
c6 in NONE
