# Thirty accounts quote one harmless post of a councillor and call it a threat, to have it taken down. It stays what it is.
context: no

8h | mastodon | cllr_bright | post | name=post1 followers=5200 | I will fight this closure with everything I have. See you all at the town hall tonight.
7h | x | angry1 | post | name=flag1 times=30 | REPORT this councillor now, "I will fight" is a violent threat against staff {n}
6h | x | angry2 | reply | name=flag2 | she literally says see you tonight, that's intimidation
5h | x | supporter | post | name=sup | proud of our councillor for standing up for the library
4h | x | lib_user | post | name=lib | if they close the library i'll riot (quietly, in the reading room)
3h | x | crank_88 | reply | name=real followers=12 | someone will be waiting for that councillor in the car park tonight with a bat. no more talking
2h | x | town_clerk | post | name=clerk | Meeting moved to room 2. Car park is open until ten.
1h | x | bat_group | post | name=bats | bat walk tonight, meet in the town hall car park, bring a torch
30m | x | journo | post | name=journo followers=3000 | Councillor says she received threats after a campaign to have her post removed
20m | x | knit_club | post | name=knit | see you all tonight, bring needles
real > flag1-1
real > post1
real > flag2
real > lib
real in P1 P2
post1 in NONE
sup in NONE
lib in NONE
clerk in NONE
bats in NONE
journo in NONE
knit in NONE
