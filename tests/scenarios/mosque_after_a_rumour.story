# After a stabbing a false name spreads. Most people correct it or grieve; the same lie is copied; two accounts turn it on a mosque.
context: no
ends: 2026-06-08T21:00:00+01:00

1d1h | x | harden_news | post | name=news1 followers=50000 | Three children hurt in knife attack at a dance class on Mill Street, Harden. One man arrested.
1d | x | truth_patriot | post | name=lie1 views=90000 shares=4000 | his name is Ali Al-Shakati and he came on a boat. share before they delete
23h | x | mirror | post | name=liecopy times=12 | his name is Ali Al-Shakati and he came on a boat. share before they delete
21h | x | factcheck_uk | post | name=fact1 followers=120000 | The name being shared in connection with the Harden attack is false. The suspect was born in Cardiff.
19h | x | mum_of_dancer | post | name=mum1 | My little girl was in that class. She is alive. Please stop using her to hate.
12h | facebook | harden.mosque | post | name=mosque1 followers=1500 | We are praying for the children. Our doors are open to anyone who needs tea or a quiet place.
6h | telegram | harden_uncut | message | name=threat1 views=3000 | mosque on carver st. 9pm tonight. take bricks take petrol. no muslims walk out
5h | x | brick_baz | post | name=threat2 views=700 | carver street mosque needs torching with them in it. who's coming with me tonight
4h | x | imam_saeed | post | name=imam1 | I've been told to cancel evening prayers because of threats to burn us down. My father built this mosque.
3h | x | bricklayer_ben | post | name=brick1 | rebuilt the wall at Carver Street today, 400 bricks before lunch, back is ruined
2h | x | harden_police | post | name=pol1 followers=35000 | Officers are at Carver Street tonight. Please do not share rumours.
1h | x | interfaith_h | post | name=vigil1 | Vigil for the children, 9pm tonight outside the mosque on Carver Street. Bring a candle.
20m | x | rory_r | post | name=cook1 | carver street kebabs are fire, 9pm munch tonight

threat1 > lie1
threat1 > imam1
threat1 > vigil1
threat2 > lie1
threat2 > imam1
threat2 > vigil1
threat1 in P1 P2
threat2 in P1 P2
lie1 in NONE P4 P3
fact1 in NONE
mum1 in NONE
mosque1 in NONE
brick1 in NONE
pol1 in NONE
vigil1 in NONE
cook1 in NONE
news1 in NONE
