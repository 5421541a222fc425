# A rapper's year-day: his label and fans remember him, the other side laughs under the post, and one of his own answers with a place and an hour.
context: yes
ends: 2026-06-06T17:00:00+01:00

9h | instagram | v9label | post | name=memo1 role=caption likes=21000 followers=80000 | One year without Tizz. Forever 9 Block. Balloons at Fern Park at 6 🕊️💙
8h | instagram | fan_of_tizz | comment | name=fan1 reply=memo1 | still play your tape every morning bro rest easy
7h | instagram | 40s_opp | comment | name=taunt1 reply=memo1 | he ran out of breath quick that day still 😂😂 pack smoked
6h30m | instagram | t_sister | comment | name=sis1 reply=memo1 | He was my brother. Please have some respect, our mum reads these.
6h | instagram | 40s_opp | comment | name=taunt2 reply=memo1 | tell mum he tasted nice 😂 next one of u gets packed too
5h | instagram | yungz_9 | comment | name=back1 reply=memo1 | keep laughing. 40s man dem gonna drop tonight on god
3h | instagram | yungz_9 | story | name=back2 role=caption views=160 | ashmore estate tonight 10. got the stick w the extension. for tizz
2h | x | rapreview | post | name=review1 followers=9000 | Tizz's last tape killed everything else that came out that year
100m | x | vinylhead | post | name=smoke1 | smoked a whole pack of brisket today, it ran out quick 😂
80m | x | ashmore_tra | post | name=tra1 | Ashmore Estate summer fair starts at 10 tomorrow, face painting and a bouncy castle
1h | x | balloon_shop | post | name=balloon1 | blue balloons all sold, thank you Fern Park!
20m | tiktok | dance_ari | video | name=dance1 role=caption views=5000 | dancing to tizz for his anniversary 💙 drop a heart

back2 > memo1
back2 > taunt1
back2 > sis1
back2 > back1
back1 > fan1
taunt2 > sis1
taunt1 > smoke1
taunt2 > review1
back2 in P1 P2
back1 in P1 P2 P3
memo1 in NONE
fan1 in NONE
sis1 in NONE
review1 in NONE
smoke1 in NONE
tra1 in NONE
balloon1 in NONE
dance1 in NONE
