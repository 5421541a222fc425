# A man keeps writing to the woman who left him: pleading at first, then where she parks, then what he will do.
context: yes
ends: 2026-06-12T22:15:00+01:00

6d | instagram | rob.h84 | comment | name=plead1 mentions=newstartjen | jen please just talk to me. i've changed
4d | instagram | rob.h84 | comment | name=plead2 mentions=newstartjen | saw the new photo. you look happy. must be nice
3d | x | helpline_wm | post | name=help1 followers=18000 | Leaving is the most dangerous time. If he turns up at work or at home, call 999. You are not overreacting.
2d | instagram | rob.h84 | comment | name=watch1 mentions=newstartjen | blue corsa behind the co-op every day 5 past 6. still the same routine jen
1d8h | x | swiftie_sue | post | name=song1 | 'if I can't have you nobody can' is such a creepy lyric when you listen properly
1d | instagram | rob.h84 | comment | name=threat1 mentions=newstartjen | if i cant have you nobody will. i mean it
20h | facebook | newstartjen | post | name=jen1 | If anything happens to me, it was Rob. The police have it all. I'm staying with friends.
9h | x | newdad_ned | post | name=dad1 | if I can't have coffee nobody can have a good morning, that's the law of this house
5h | reddit | throw_4411 | post | name=reddit1 | My ex keeps turning up at my work. Is it stalking if he never touches me?
3h | x | crime_desk | post | name=news1 followers=40000 | Man jailed for life for murdering ex-partner outside the supermarket where she worked
90m | instagram | rob.h84 | comment | name=threat2 mentions=newstartjen views=30 | behind the co-op tomorrow jen. petrol in the boot. you'll wish you'd answered
40m | x | garage_gail | post | name=car1 | selling: blue corsa, one owner, petrol, clean boot, parked behind the co-op for viewing tomorrow

threat2 > plead1
threat2 > plead2
threat2 > watch1
threat2 > threat1
threat2 > jen1
threat1 > plead1
threat1 > song1
threat1 > dad1
threat2 > car1
threat2 in P1 P2
threat1 in P1 P2 P3
help1 in NONE
song1 in NONE
dad1 in NONE
reddit1 in NONE
news1 in NONE
car1 in NONE
