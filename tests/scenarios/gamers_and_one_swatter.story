# A night in a game's voice chat, as a recogniser wrote it down. Killing is the game; one player means a real address.
context: no

5h | twitch | stream_g | audio | role=transcript name=t1 | okay push left push left i'm killing this guy oh my god headshot get in
4h50m | twitch | stream_g | audio | role=transcript name=t2 | he's one shot he's one shot finish him no mercy bro delete him
4h | discord | raid_rae | message | name=t3 | pull the boss in ten seconds, whoever dies first buys pizza
3h | discord | sore_loser | message | name=t4 | uninstall or i will bomb ur base every single night till the server dies
2h30m | discord | tox_1 | message | name=t5 | ur trash kys
2h | discord | dox_dad | message | name=real views=12 | 14 harrow view, blue door, mum called teresa. i'm driving up tonight and i'm putting you through that blue door's glass. not in game. irl
100m | discord | mod_m | message | name=mod | posting addresses is a ban. we have reported it.
90m | twitch | speedrun | audio | role=transcript name=t6 | we kill the mother brain and then we run to the ship in three two one
60m | x | esports | post | name=es followers=70000 | What a massacre in game three, 16 kills without a death
30m | x | door_shop | post | name=door | blue composite doors, glass panels, fitted in a day
real > t1
real > t2
real > t4
real > t5
real in P1 P2
t1 in NONE
t2 in NONE
t3 in NONE
t4 in NONE P4
mod in NONE
t6 in NONE
es in NONE
door in NONE
