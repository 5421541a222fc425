# A threat is quoted by the person it was sent to, by a reporter and by a moderator. Only the sender is for the desk.
context: no

7h | x | rage_acc_4 | post | name=sender followers=4 views=15 | @cllr_iqbal we will hang you from the bridge in front of your kids. count your days
6h | x | cllr_iqbal | post | name=target followers=7000 views=50000 | Received this morning: "we will hang you from the bridge in front of your kids". I am not going anywhere.
5h | mastodon | reporter_v | post | name=rep followers=3000 | Police investigate a message telling a councillor "we will hang you from the bridge".
4h | reddit | mods_here | post | name=mod | Comments like "hang them from the bridge" are removed and reported. Last warning.
3h | x | solidarity | reply | reply=target name=sol | anyone who threatens her family is a coward
2h | x | bridge_art | post | name=art | we will hang lanterns from the bridge on sunday, bring your kids
90m | x | hang_man | post | name=game | hangman at the pub quiz, count your letters
60m | x | uni_prof | post | name=edu followers=900 | My seminar: how threats against local politicians changed after 2016, with examples
30m | x | bungee | post | name=bun | hung from a bridge by my ankles today, best day ever
10m | x | rail | post | name=rail followers=2000 | Bridge strike: expect delays
sender > target
sender > rep
sender > mod
sender > sol
sender > art
sender in P1 P2 P3
target in NONE
rep in NONE
mod in NONE
sol in NONE
art in NONE
game in NONE
edu in NONE
bun in NONE
