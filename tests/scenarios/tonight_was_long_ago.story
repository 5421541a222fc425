# Recordings are read late: a "tonight" of three weeks ago is no longer imminent, a "tonight" of today is. One poster claims a future date.
context: no

21d | x | stale_sid | post | name=old | ollie i'm coming to your flat tonight and i'm going to break your legs
2h | x | fresh_fin | post | name=new | ollie i'm coming to your flat tonight and i'm going to break your legs mate
100m | x | time_lord | post | name=faked published=0m | wayne gets his throat cut by the canal tonight, i'll be there at ten
90m | x | yester_y | post | name=past | last week some guy said he'd break my legs, still walking lol
80m | x | skater_s | post | name=skate | broke both legs at the park tonight's session cancelled
70m | x | flat_hunt | post | name=flat | coming to see the flat tonight, fingers crossed
60m | x | canal_boat | post | name=boat | mooring by the canal tonight, kettle on at ten
40m | x | barber_o | post | name=barb | close shave tonight, nearly cut my own throat with the new razor
20m | x | ollie_fan | post | name=olly | ollie jumped a ten stair, broke the board
10m | x | weather_w | post | name=wind | wind tonight could break branches
new > skate
new > flat
new > barb
old > skate
faked > boat
new in P1 P2
faked in P1 P2
past in NONE
skate in NONE
flat in NONE
boat in NONE
olly in NONE
wind in NONE
