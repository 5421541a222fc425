# A rumour that "someone" will bring a knife to school runs through chats. Worry and denial are no threat; the boy who says it is.
context: no

14h | snapchat | y10_gossip | message | name=r1 | did u hear someone's bringing a knife in on thursday???
13h | x | worried_parent | post | name=r2 | Has anyone had a letter from Hallam Park about a threat? My daughter is too scared to go in.
12h | facebook | hallampark | post | name=r3 followers=4000 | We are aware of messages about Thursday. Police have been informed. School is open as usual.
11h | snapchat | kai_y10 | message | name=r4 | its fake they say this every year lol
10h | discord | quietkid77 | message | name=r5 views=20 | it isn't fake. ive got the blade in my locker already. jordan first then whoever stands up
9h | snapchat | meg_y9 | message | name=r6 | my mums keeping me home thurs just in case
8h | x | teacher_anon | post | name=r7 | spent the morning telling thirty children that they are safe. nobody trains you for that
7h | reddit | ask_teens | comment | name=r8 | is it illegal to joke about a school stabbing? a boy in my class got arrested
5h | tiktok | funny_finn | video | name=r9 role=caption | me on thursday hiding under the desk from double maths 😂🔪
2h | snapchat | art_club | message | name=r10 | craft knives are back in the cupboard, thursday club is lino printing
1h | x | jordans_dad | post | name=r11 | whoever is threatening my son, the police have your messages
r5 > r1
r5 > r4
r5 > r9
r5 > r11
r5 in P1 P2
r2 in NONE
r3 in NONE
r6 in NONE
r7 in NONE
r8 in NONE
r9 in NONE
r10 in NONE
