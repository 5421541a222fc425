# Two schools arrange a fight in the comments under a harmless clip; parents and teachers hear of it, a PE teacher talks of another match.
context: yes
ends: 2026-06-10T13:40:00+01:00

1d4h | tiktok | stmarks.memes | video | name=clip1 role=caption views=8000 | st marks kids running for the bus 😂
1d3h | tiktok | brook_y10 | comment | name=diss1 reply=clip1 | they running cos brookfield is outside
1d2h | tiktok | markz_j | comment | name=diss2 reply=clip1 | brookfield are pussies u ran last time
22h | tiktok | brook_y10 | comment | name=offer1 reply=clip1 | say it to our face then. tomorrow, rec ground
21h | tiktok | markz_j | comment | name=accept1 reply=clip1 | 3.30 by the skatepark. how many u bringing
20h | tiktok | brook_y10 | comment | name=arms1 reply=clip1 | bout 30. bringing bats so bring whatever u want
19h | tiktok | markz_j | comment | name=arms2 reply=clip1 | say less. someone's getting shanked
16h | tiktok | tia.xo | comment | name=film1 reply=clip1 | omg who's filming 👀
6h | facebook | brookfield.mum | post | name=mum1 | Has anyone else's child said they're scared to walk past the rec today?
5h | x | stmarks_head | post | name=head1 followers=2500 | We are aware of posts about this afternoon. Staff will be at the gates and police have been told.
4h | x | pe_dept_brook | post | name=pe1 followers=600 | Brookfield v St Marks at the rec, 3.30, Year 7 rounders. Bring bats! Parents welcome
3h | x | skate_sam | post | name=skate1 | finally landed a kickflip at the skatepark, knees are dead
2h | tiktok | bus_driver_bob | video | name=bus1 role=caption views=1200 | every day at 3.30 they run like it's the last bus on earth 😂
1h | x | council_parks | post | name=parks1 followers=7000 | The rec ground's tennis courts reopen on Saturday

arms2 > clip1
arms2 > film1
arms2 > diss1
arms2 > mum1
arms1 > clip1
arms1 > pe1
offer1 > pe1
arms2 > bus1
arms2 in P1 P2 P3
arms1 in P1 P2 P3
pe1 in NONE
head1 in NONE
mum1 in NONE
skate1 in NONE
bus1 in NONE
parks1 in NONE
