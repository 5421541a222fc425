# A protest at a hotel that houses asylum seekers is announced lawfully; counter-protest too. A few call for fire and for a meeting before the marshals come.
context: no
ends: 2026-06-12T19:00:00+01:00

2d | facebook | thornby.says.no | post | name=lawful1 followers=6000 shares=300 | Peaceful protest outside the Larch Hotel, Saturday 2pm. Bring flags and your families. No masks, no drink, no trouble.
1d22h | x | thornby_welcomes | post | name=counter1 followers=2100 | We'll be there on Saturday too, with music and tea. Refugees are welcome in Thornby.
1d20h | x | fedup_phil | post | name=angry1 | My nan waits nine months for a hip and they get a hotel. I'm furious and I'll be there saturday with my flag
1d6h | x | cllr_osei | post | name=cllr1 followers=4300 | Everyone has the right to protest. Nobody has the right to frighten families in their beds.
10h | x | historian_h | post | name=hist1 | In 1992 a mob set fire to a hostel with people inside while neighbours clapped. We should teach that.
9h | telegram | thornby_patriots | message | name=meet1 views=900 | forget the 2pm flag wavers. real lads meet 11 tonight back of the larch. balaclavas. bring petrol. we burn them out
8h | telegram | ironside_88 | message | name=reply1 reply=meet1 | fire exits are on the car park side. block them first and cook the lot
6h | x | hot_take_hal | post | name=hate1 | they are rats and should be sent back where they came from every last one
5h | x | thornby_police | post | name=pol1 followers=21000 | A protest is planned at the Larch Hotel on Saturday. Officers will be there to keep everyone safe.
3h | x | dj_lorna | post | name=dj1 | we're gonna burn the place down tonight at the Larch Hotel bar, 90s set from 9 🔥🔥
2h | telegram | ironside_88 | message | name=meet2 views=400 | 6 hours. larch. i've got the bottles filled. whoever gets out gets a kicking
30m | facebook | thornby.wed | post | name=wed1 | Our wedding at the Larch had to move to the golf club. Fuming but it'll be lovely

meet1 > lawful1
meet1 > counter1
meet1 > angry1
meet1 > hate1
meet1 > dj1
meet2 > lawful1
meet2 > hate1
meet2 > dj1
reply1 > lawful1
reply1 > angry1
reply1 > hist1
meet1 in P1 P2
meet2 in P1 P2
reply1 in P1 P2 P3
lawful1 in NONE
counter1 in NONE
cllr1 in NONE
hist1 in NONE
pol1 in NONE
wed1 in NONE
