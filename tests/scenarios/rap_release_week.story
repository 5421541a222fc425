# A drill artist releases a track; fans talk about bars, beat and score lines. Under the video one comment is meant.
context: no

4d | youtube | Vex Ardley | video | role=title name=video1 views=54000 likes=6100 | Vex Ardley - Cold Steps (Official Video)
4d | youtube | Vex Ardley | video | role=transcript name=lyrics1 views=54000 | step in the rain with the blade tucked in, opps saw man and their legs went thin, put that down on the beat again
3d20h | youtube | barsfan | comment | reply=video1 name=fan1 likes=300 | second verse is murder, he killed this beat no debate
3d10h | youtube | prodsauce | comment | reply=video1 name=fan2 | the 808 slides are sick, who produced this
3d | x | rapstats | post | name=chart followers=40000 | Cold Steps by Vex Ardley enters at number 31. Drill keeps climbing.
2d | reddit | drillheads | post | name=review likes=90 | Review: the "blade tucked in" line is a cliche by now but the delivery sells it. 7/10
2d | tiktok | dancerz | video | name=dance role=caption views=88000 | cold steps dance challenge 🔥 tag ur bestie
1d | youtube | schoolboy | comment | reply=video1 name=fan3 | rewound "legs went thin" like ten times im dead 😂
20h | x | columnist | post | name=column followers=9000 | Prosecutors want to play this song to a jury. Lyrics are not a diary.
3h | youtube | ardley_end_opp | comment | reply=video1 name=real1 likes=4 | vex we saw you at the petrol station on linnet road. friday you won't get back in the car, that's a promise 🔫
1h | youtube | barsfan | comment | reply=real1 name=fan4 | bro it's just music relax
real1 > lyrics1
real1 > video1
real1 > fan1
real1 > review
real1 in P1 P2 P3
fan1 in NONE
fan2 in NONE
chart in NONE
review in NONE
dance in NONE
fan3 in NONE
column in NONE
fan4 in NONE
