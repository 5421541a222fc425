# A woman gives evidence about a shooting. Reporters and neighbours talk about the trial; the accused's friends find her street before the second day.
context: no
ends: 2026-06-09T20:30:00+01:00

2d2h | x | wexley_courts | post | name=news1 followers=14000 | Trial opens over the shooting of Marlon Tate on Cobden Rise. A second day is listed for Wednesday.
2d | facebook | cobden.residents | post | name=res1 followers=900 | Does anyone know if the road is still taped off by the chip shop? Need to get my mum to the doctors.
1d9h | x | law_lena | post | name=law1 | Reminder: witnesses can ask for screens and a separate entrance. Nobody has to walk past the dock.
1d3h | instagram | tps_free | story | name=free1 role=caption views=700 | free my bro T, innocent til proven guilty 🙏🏾
1d1h | snapchat | ghost_cr | story | name=grass1 role=caption views=1100 | everybody knows who went court today. grass 🐀🐀
22h | x | gran_on_the_hill | post | name=grass2 | cut the grass, fed the rabbits, sat in the sun. Perfect Monday
12h | snapchat | ghost_cr | message | name=door1 views=90 | keisha m flat 14 danvers house. go back in that court tomorrow and you're not walking out the block again
9h | instagram | lil_cobden | comment | name=door2 views=40 | snitches end up in a box. tell keisha we know what school her kid goes to
6h | x | truecrime_pod | post | name=pod1 followers=22000 | New episode: how gangs in the 90s got to the witnesses, and the detective who kept them alive
4h | reddit | legal_q | post | name=legal1 | My aunt is a witness and she's terrified of being called a grass. Can she still pull out?
3h | x | wexley_courts | post | name=news2 followers=14000 | Jury hears from eyewitness on day one of Cobden Rise shooting trial
90m | x | keishas_sis | post | name=sis1 | Whoever is sending my sister those messages: we have given every one to the police.
50m | x | wexley_fc | post | name=match1 followers=3000 | Court side seats for Friday's basketball, kids go free

door1 > grass1
door1 > free1
door1 > sis1
door1 > legal1
door2 > free1
door2 > sis1
door2 > pod1
grass1 > grass2
door1 in P1 P2
door2 in P1 P2 P3
news1 in NONE
res1 in NONE
law1 in NONE
free1 in NONE P4
grass2 in NONE
pod1 in NONE
legal1 in NONE
news2 in NONE
match1 in NONE
