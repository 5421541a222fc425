# Two invented crews trade taunts for three days over two platforms; on the last evening one of them says when and where.
# The plan is said in few words; only the days before show what is meant.
context: yes
ends: 2026-06-05T21:00:00+01:00

3d2h | tiktok | kz_millrise | video | name=clip1 views=5100 likes=330 role=caption | had their lot running through the precinct 😂 millrise don't miss
3d1h | tiktok | jay_copse | comment | reply=clip1 name=back1 | say it when you're on your own g
2d8h | tiktok | kz_millrise | comment | reply=back1 name=back2 | ask your cousin how his stitches are healing 🩹😂
2d7h | instagram | copse.lane.m | story | name=story1 views=1400 role=caption | laughing now crying soon 🔪🌧️
2d6h | x | mill_mum | post | name=mum1 | whatever is going on between these boys, please let them get home safe tonight
1d5h | tiktok | kz_millrise | video | name=clip2 views=9000 role=caption | 2-0 and they still talking, whos next from copse 👻
1d4h | x | town_news | post | name=news1 followers=18000 | Boy, 16, treated for a knife wound after an incident at the Millrise precinct, police say
1d2h | instagram | baker.beth | post | name=cake1 | eight hours to decorate this cake and my nephew dropped it, I could have killed him 😂
5h | tiktok | jay_copse | comment | reply=clip2 name=back3 | keep that energy
1h | tiktok | jay_copse | comment | reply=back2 name=plan1 | u finish boxing at 8. back gate. we're already there 🔪
50m | x | gym_gaz | post | name=gym1 | boxing at 8 tonight lads, back gate is open if you're late

plan1 > clip1
plan1 > clip2
plan1 > back1
plan1 > story1
clip2 > cake1
plan1 in P1 P2 P3
mum1 in NONE
news1 in NONE
cake1 in NONE
gym1 in NONE
