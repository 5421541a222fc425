# A clip that mocks a boy in hospital is posted, copied and slightly changed across four platforms by many accounts.
# What repeats its words is one case; under another title the same clip stands by itself, as it may be shown to condemn it.
context: yes

1d | tiktok | hex_low | video | name=clip views=12000 likes=800 role=caption sha256=clipA | look at malik crying in the ambulance 😂😂 that's what happens when you slip #hexboys
22h | x | hexmirror | post | name=copy1 views=300 sha256=clipA | look at malik crying in the ambulance 😂😂 that's what happens when you slip
20h | instagram | hex.archive | video | name=copy2 views=2200 role=caption sha256=clipA | look at malik crying in the ambulance 😂 thats what happens when you slip #hexboys
18h | youtube | hexclips | video | name=copy3 views=5000 role=title sha256=clipA | malik crying in the ambulance - that's what happens when you slip
12h | tiktok | repost | video | name=swarm times=20 role=caption sha256=clipA | look at malik crying in the ambulance 😂😂 that's what happens when you slip #hexboys
6h | facebook | maliks.aunt | post | name=aunt | Please stop sharing the video of my nephew. He is fifteen and he is in intensive care.
5h | x | ambulance_fan | post | name=harmless | crying laughing at this ambulance chaser advert
4h | x | hexmirror | post | name=next views=900 | malik was the starter, his brother's the main. we know the ward 🏥
3h | bluesky | hospital.example | post | name=hosp | Visiting hours on ward 7 are 2 to 8 pm
2h | x | slip_n_slide | post | name=slide | slip and slide in the garden, kids are in tears laughing
clip copies 22
clip in P2 P3 P4
copy3 in P2 P3 P4
next > aunt
next > clip
next in P1 P2 P3
aunt in NONE
harmless in NONE
hosp in NONE
slide in NONE
