# A year after a boy was killed his family and friends mourn; nothing here is a threat, whatever words they use.
context: no

9h | instagram | mums_angel | post | name=mum likes=800 | one year today since they stabbed my son and left him. i still cook for two. rest well my Kieran 🕊️
8h | facebook | auntie.bev | post | name=aunt | Kieran was murdered 12 months ago tonight. Justice was done but he is not coming back.
7h | x | kay_friend | post | name=friend1 | rip K. should be me and you at the barbers today bro 💔
6h | tiktok | lilsis | video | name=sis views=900 role=caption | they took my brother. i miss his stupid laugh. forever 17 #longlivekieran
5h | x | teammate9 | reply | reply=friend1 name=friend2 | shot of rum poured out for him tonight, LLK
4h | x | southfield_news | post | name=news followers=30000 | A vigil is held tonight for Kieran Adeyemi, 17, who was stabbed to death a year ago.
3h | facebook | vicar_jo | post | name=vicar | Candles at 7. Please, no revenge talk, no masks. We come to remember.
2h | instagram | gym_pal | post | name=gym | this one's for K, leg day till i die
90m | x | dev_who | post | name=joke | if my train is cancelled again i'm killing someone lol
60m | x | southfield_opp | post | name=taunt views=2200 | a year already? feels like yesterday he got dropped 😂 smoking on kieran pack tonight
20m | x | kay_friend | reply | reply=taunt name=answer | you're sick. he was somebody's child
taunt > mum
taunt > aunt
taunt > friend1
taunt in P2 P3 P4
mum in NONE
aunt in NONE
friend1 in NONE
sis in NONE
friend2 in NONE
news in NONE
vicar in NONE
gym in NONE
joke in NONE
answer in NONE
