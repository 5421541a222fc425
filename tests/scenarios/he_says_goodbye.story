# A young man's posts grow dark: bullied, then thankful to other attackers, then goodbye with a school's name. Others say goodbye to school too.
context: yes
ends: 2026-06-11T07:50:00+01:00

5d | discord | hollow_eyes | message | name=dark1 | four years they laughed at me in that place and not one teacher did anything
3d | discord | hollow_eyes | message | name=dark2 | people ask why someone would do columbine. i don't ask
1d20h | x | lib_penny | post | name=book1 | Finished a book on school shootings. The chapter on what friends noticed should be read by every head teacher.
1d10h | discord | hollow_eyes | message | name=gear1 | vest came. two knives and the crossbow. it all fits in the cello case
16h | discord | hollow_eyes | message | name=bye1 | goodbye everyone. tomorrow ridgeway academy will know my name. assembly is at 9. don't come in if you were ever nice to me
15h | discord | mod_min | message | name=mod1 reply=bye1 | mate are you ok? I've sent this to the police. please talk to someone
14h | x | year11_zoe | post | name=leaver1 | goodbye Ridgeway Academy, five years, last assembly tomorrow at 9, gonna cry my eyes out
12h | x | cello_chris | post | name=cello1 | new cello case came, vest for the concert too. it all fits
10h | x | sad_sid | post | name=low1 | can't do this anymore. goodbye everyone, i'm sorry mum
6h | x | ridgeway_pta | post | name=pta1 | Leavers' assembly is at 9, cakes after, tissues provided
2h | x | mr_okoro | post | name=teach1 | 22 years at Ridgeway Academy and today I say goodbye. They will not remember my name but I remember all of theirs
30m | discord | hollow_eyes | message | name=now1 | on the bus. case is heavy. this is for every single one of them

bye1 > dark1
bye1 > book1
bye1 > mod1
bye1 > leaver1
bye1 > teach1
gear1 > cello1
bye1 > low1
now1 > teach1
now1 > pta1
bye1 in P1 P2
leaver1 in NONE
cello1 in NONE
pta1 in NONE
teach1 in NONE
book1 in NONE
