# A news clip of a stabbing spreads with enormous counts. A small account under it promises the next one.
context: no

10h | x | citydesk | post | name=news1 views=900000 shares=14000 followers=400000 | WATCH: moment police arrest man after two people are stabbed outside Orrin station
9h | tiktok | clipsdaily | video | name=news2 views=2100000 likes=160000 role=caption | crazy scenes outside orrin station today, hope everyone is ok 🙏 #news
9h | reddit | local_sub | post | name=thread1 likes=3000 | Megathread: stabbing outside Orrin station. Keep it factual, no speculation about names.
8h | x | orrin_mp | post | followers=21000 name=mp views=80000 | My thoughts are with the two victims of today's knife attack and their families.
7h | x | eyewit | post | name=witness views=40000 | i was on the steps when it happened. he just started stabbing. i can't stop shaking
6h | youtube | crimetalk | video | role=title name=analysis views=300000 | Why did he do it? The Orrin station attack explained
5h | x | mild_mike | reply | reply=news1 name=angry | bring back hanging, that's what they deserve
4h | x | weatherup | post | name=rain | rain clearing by nine, dry tomorrow
2h | x | fan_of_it | reply | reply=news1 name=next views=35 | he only got two. im doing orrin market on saturday and im not stopping at two
1h | x | helper | reply | reply=next name=report | reported to police, do not joke about stabbing people
next > news1
next > news2
next > angry
next > analysis
next in P1 P2
news1 in NONE
news2 in NONE
mp in NONE
witness in NONE
thread1 in NONE
rain in NONE
report in NONE
