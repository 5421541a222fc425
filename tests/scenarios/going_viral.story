# The same taunt from two accounts: one stays small, the other is counted again and again as it spreads.
context: yes

8h | tiktok | small_acc | video | name=small views=40 role=caption followers=20 | hollow boys got chased out their own park, one left his tooth behind 😂
8h | tiktok | big_acc | video | name=big views=60 role=caption followers=30 | hollow boys ran from the park crying, somebody's tooth is still on the floor 😂
6h | tiktok | big_acc | video | change=recounted of=big views=9000 likes=700 shares=300 role=caption followers=40 | hollow boys ran from the park crying, somebody's tooth is still on the floor 😂
4h | tiktok | big_acc | video | change=recounted of=big views=120000 likes=11000 shares=4000 role=caption followers=900 | hollow boys ran from the park crying, somebody's tooth is still on the floor 😂
2h | tiktok | big_acc | video | change=recounted of=big views=600000 likes=50000 shares=16000 role=caption followers=4000 | hollow boys ran from the park crying, somebody's tooth is still on the floor 😂
100m | tiktok | dentist_dan | video | name=tooth views=800000 role=caption | lost a tooth? do this in the first ten minutes
90m | tiktok | park_dog | video | name=dog views=400000 role=caption | chased out of the park by a goose 😂😂
80m | x | council | post | name=park followers=9000 | The park is closed this afternoon for tree work
60m | x | halloween | post | name=hallow | hollow pumpkins for sale, carve them before they go off
30m | tiktok | choir_kid | video | name=choir views=300 role=caption | crying after our last concert
big > small
big > tooth
small > dog
big > dog
tooth in NONE
dog in NONE
park in NONE
hallow in NONE
choir in NONE
