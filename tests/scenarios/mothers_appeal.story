# A mother's appeal for her missing son is shared by hundreds of thousands; under it a stranger threatens her, and nobody sees the small post.
context: no
ends: 2026-06-05T19:00:00+01:00

1d2h | facebook | find.kofi | post | name=appeal1 shares=90000 likes=200000 views=3000000 | Please help me find my son Kofi, 15, last seen at Wexley bus station on Wednesday in a grey hoodie. I just want my boy home.
1d | x | wexley_news | post | name=news1 followers=60000 shares=4000 | Mother's appeal for missing Kofi, 15, reaches three million people
22h | facebook | kind_strangers | post | name=appealcopy times=15 | Please help me find my son Kofi, 15, last seen at Wexley bus station on Wednesday in a grey hoodie. I just want my boy home.
18h | x | celeb_jo | post | name=celeb1 followers=900000 shares=12000 views=800000 | Breaking my heart. Share, share, share for Kofi.
10h | facebook | search.team | post | name=search1 followers=4000 | Search party meets 8am tomorrow, canal car park. Bring boots, torches and a stick for the long grass
5h | facebook | nobody.9981 | comment | name=threat1 reply=appeal1 views=25 | your boy is where he should be. shut your mouth or i'll be round yours tonight and slit your throat
4h | facebook | troll_tim | comment | name=troll1 reply=appeal1 views=300 | probably out robbing somebody lol
3h | x | mom_to_3 | post | name=hug1 shares=300 views=20000 | I'd kill to take this mother's pain away. Hug your kids tonight
2h | facebook | find.kofi | comment | name=mother1 reply=appeal1 | To whoever wrote that you'd come to my house: I am not afraid of you. I want my son.
1h | x | wexley_police | post | name=pol1 followers=30000 | We're growing more concerned for Kofi. If you saw him, call 101.
10m | instagram | canal.walks | post | name=canal1 role=caption | torches and boots on for the midnight canal walk tonight

threat1 > appeal1
threat1 > news1
threat1 > celeb1
threat1 > troll1
threat1 > hug1
threat1 > mother1
threat1 in P1 P2
appeal1 in NONE
news1 in NONE
celeb1 in NONE
search1 in NONE
hug1 in NONE
pol1 in NONE
canal1 in NONE
