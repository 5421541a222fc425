"""What the text normaliser undoes, and what it leaves alone."""

import sys
import time
import unicodedata

import pytest

from schemas.vocabulary import TextFlag
from services.runtime.text import identity, normalise, to_original
from services.runtime.text_tables import JOINING_STARTERS, emoji_table, lookalikes


@pytest.mark.parametrize(
    ("hidden", "plain"),
    [
        ("k1ll", "kill"), ("ki11er", "killer"), ("sh00t", "shoot"), ("st@b", "stab"), ("$tab", "stab"), ("b1ade", "blade"),
        ("g1ock", "glock"), ("d1e", "die"), ("kn!fe", "knife"), ("0pps", "opps"), ("murd3r", "murder"), ("#k1ll", "#kill"),
        ("5h00t th3m", "shoot them"), ("d34d m4t3", "dead mate"), ("whol3", "whole"), ("k1ll1n9", "killing"), ("4tt4ck", "attack"),
        ("8lade", "blade"), ("h4rm", "harm"),
        ("k i l l", "kill"), ("K.I.L.L him", "kill him"), ("k-i-l-l", "kill"), ("k_i_l_l", "kill"), ("d i e", "die"),
        ("k.i.l.l, now", "kill, now"), ("k!i!l!l", "kill"), ("k|i|l|l y/o/u", "kill you"), ("ki11 y0u", "kill you"),
        ("#KillThem", "#kill them"), ("#IWillRIPTom", "#i will rip tom"), ("so #BLM #kill2", "so #blm #kill2"),
        ("#KILL2nite", "#kill 2nite"), ("#OTF4Life #SE15Boys", "#otf4 life #se15 boys"), ("gun5hot ki11ing", "gunshot killing"),
        ("k  i  l  l him", "kill him"), ("k\ni\nl\nl him", "kill him"), ("i   w  i  l  l   find u", "i   will   find u"),
        ("ki-ll him, sh.oot her", "kill him, shoot her"), ("f*uck", "fuck"), ("kiII yourseIf", "kill yourself"),
        ("#killthemall #icantbreathe", "#kill them all #i cant breathe"), ("IWILLFINDYOU", "i will find you"),
        ("i w i l l k i l l y o u tonight", "i will kill you tonight"), ("#stopknifecrime!", "#stop knife crime!"),
        ("k\r\ni\r\nl\r\nl", "kill"), ("b o m b him", "bomb him"), ("#buildawall #killkillkill", "#build a wall #kill kill kill"),
        ("#alllivesmatter", "#all lives matter"), ("ki\u200bII", "kill"), ("#knife_\u0441rime", "#knife_ crime"), ("10⁻³", "10-3"),
        ("k•i•l•l h·i·m", "kill him"), ("k\u0332i\u0332l\u0332l\u0332", "kill"), ("k\u0305i\u0305l\u0305l", "kill"),
        ("k\u200bi\u00adl\u2060l", "kill"), ("\u202ekill\u202c", "kill"), ("k\u0336i\u0336l\u0336l\u0336", "kill"),
        ("к\u0456ll", "kill"), ("К\u0406LL", "kill"), ("\u0455tаb", "stab"), ("sh\u03bf\u03bft", "shoot"), ("ᴋɪʟʟ", "kill"),
        ("𝓴𝓲𝓵𝓵", "kill"), ("ｋｉｌｌ", "kill"), ("Ⓚⓘⓛⓛ", "kill"), ("🅺🅸🅻🅻", "kill"), ("🅱itch", "bitch"),
        ("noooooo wayyyy", "noo way"), ("kiiiilllll youuu", "kill you"), ("looool cooool", "lool cool"),
        ("DON’T", "don't"), ("e\u0301", "é"), ("İstanbul", "istanbul"), ("1️⃣8️⃣7️⃣", "187"),
        ("g🔪g", "g kitchen_knife g"), ("👊🏿", " oncoming_fist "), ("🔪🔪🔪🔪", " kitchen_knife  kitchen_knife "),
        ("\ud800 ok", "\ufffd ok"),
    ],
)  # fmt: skip
def test_obfuscation_is_undone(hidden: str, plain: str) -> None:
    assert normalise(hidden).text == plain


@pytest.mark.parametrize(
    "genuine",
    [
        "2nd 4pm 3-0 18yo 9mm .40cal 7up 6ix 5star 100k 24/7", "se15 n17 e8 4aa m14 b21 sw1a 1aa ec1v 2nx",
        "ak47s mp5 ps5s covid19 h5n1 w3c", "ar15 mac10 glock19 m1911 b2b 4x4 m60 u18s", "bd51 smr lk09 xyz fy70abc",
        "100k 10ft 50th 15min 500m 20s", "se11 ba11 ca11 m11 n/a w/o", "year7 level10 5kids top5 round2 gate5 3times 4ever",
        "#mac10 #ak47 #covid19 #mañana #libertéégalité", "ld11xyz ab00abc n11ab w1a 1aa w1d 3af", "mp5k m1garand at5pm flat4b me@7",
        "stand4life march4marriage kill4u", "him/her and/or well-known a.m. st.ann w/o so-called half-dead", "p**r b***h **",
        "nevertheless notwithstanding formatting compassionate differentiate congratulations",
        "hahahahahaha lolololol #yesterday @killthemall",
        "#dieting #laddies #comedies #blackburn #candies #uploaded #intention #penistone #normalisation #colouring",
        "wetherspoon trainspotting bewitching nottinghill autoplay", "re-sign t-shirt co-op x-ray p.rice c.rush s/not",
        "killthemall.co iwillfindyou.ie", "x\ny\nb.com", "u  r  a joke", "u\nr\na", "a\nb\nc", "w  d  l  w", "form: w\nl\nd\nw",
        "www.killthemall.com the kitchenware and the bodybuilder", "wifi iphones ibiza hawaii", "world war iii, henry viii",
        "привет, как дела, мама? нет", "he said нет to me, понял", "γειά σου κόσμε", "مرحبا يا صديقي", "سلام می\u200cخواهم", "שלום לך",
        "u r a joke", "i c u r ok", "naïve café zoë smørrebrød łódź kızım", "bob@mail.com @j0hn", "https://youtu.be/a3bc5ddd?x=k1ll",
        "www.example.com/aaa", "party@johns", "yes!now", "us$ $100 £5", "good morning", "你好世界", "मैं क्\u200dष", "안녕하세요", "tシャツ",
    ],
)  # fmt: skip
def test_genuine_text_stays_as_it_is(genuine: str) -> None:
    assert normalise(genuine).text == genuine


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("good morning", ()),
        ("k1ll", (TextFlag.OBFUSCATED,)),
        ("k\u200bill", (TextFlag.OBFUSCATED, TextFlag.INVISIBLE)),
        ("\u0455tab", (TextFlag.OBFUSCATED, TextFlag.MIXED_SCRIPT)),
        ("❤️ R.I.P 1️⃣ 👨\u200d👩\u200d👧", ()),
        ("\ufdfa" * 4_000, (TextFlag.TRUNCATED,)),
    ],
)
def test_flags_say_what_was_found(text: str, flags: tuple[TextFlag, ...]) -> None:
    assert normalise(text).flags == flags


def test_a_threat_behind_more_emoji_than_can_be_named_is_read() -> None:
    """Their names filled what a normal form may hold, and the threat behind them was cut."""
    some = [emoji for emoji in emoji_table().names if len(emoji) == 1][:1_200]
    normal = normalise("".join(some) + "I will kill you tonight")
    assert normal.text.endswith(" i will kill you tonight")
    assert normal.flags == (TextFlag.TRUNCATED,)


@pytest.mark.parametrize("tag", ["#MAC10", "#AK47", "#SE15", "#COVID19", "#G4S", "#MAC10s"])
def test_a_number_belongs_to_the_capitals_before_it(tag: str) -> None:
    assert normalise(tag).text == tag.lower()


def test_where_not_all_emoji_can_be_named_each_is_named_once_before_any_is_again() -> None:
    """Whoever hides a knife behind thousands of smiles is read; what is left unnamed parts words as a space does."""
    normal = normalise("😀😁" * 5_000 + "🔪kill🔪you😀😁")
    assert normal.text.count(" kitchen_knife ") == 1
    assert normal.text.endswith(" kitchen_knife kill you ")


def test_a_character_that_stands_for_very_many_becomes_four_where_there_is_no_room() -> None:
    assert normalise("\ufdfa" * 4_000).text == normalise("\ufdfa").text[:4] * 4_000


def test_a_closer_bound_keeps_every_word() -> None:
    normal = normalise("\u337f\u3316" * 5_000 + " stab", growth=1)
    assert (len(normal.text), normal.text[-5:]) == (10_005, " stab")


def test_heaped_marks_cost_no_more_than_as_many_letters() -> None:
    """Putting n marks in order took n² steps: a second for as many as an event can hold."""
    begun = time.process_time()
    normalise("k" + "\u0301\u0323" * 20_000)
    assert time.process_time() - begun < 0.5


def test_lookalike_words_within_latin_text_are_read_as_latin() -> None:
    assert normalise("\u043e\u0440\u0440\u0455 outside").text == "opps outside"


def test_lookalike_words_beside_genuine_words_of_their_script_stay() -> None:
    assert normalise("hello \u0445\u043e\u0440 и хорошо").text == "hello \u0445\u043e\u0440 и хорошо"


@pytest.mark.parametrize(
    ("text", "word", "original"),
    [
        ("I will k.i.l.l you", "kill", "k.i.l.l"),
        ("so k\u200bi\u200bl\u200bl him", "kill", "k\u200bi\u200bl\u200bl"),
        ("got a 🔪 here", "kitchen_knife", "🔪"),
        ("👊🏿 k1ll 🔪🔪", "kill", "k1ll"),
        ("nooooo", "noo", "nooooo"),
        ("ﷺ stab", "stab", "stab"),
    ],
)
def test_spans_lead_back_to_the_original(text: str, word: str, original: str) -> None:
    normal = normalise(text)
    at = normal.text.index(word)
    start, end = to_original(normal.runs, at, at + len(word))
    assert text[start:end] == original


def test_an_empty_span_stays_empty() -> None:
    assert to_original(normalise("k.i.l.l").runs, 2, 2) == (4, 4)


def test_plain_text_has_the_identity_map() -> None:
    assert normalise("good morning").runs == identity(12) == ((0, 0, 12), (12, 12, 0))


def test_no_emoji_name_is_changed_by_normalising_it_again() -> None:
    names = set(emoji_table().names.values())
    assert {name for name in names if normalise(name).text != name} == set()


def test_skin_tones_do_not_reach_the_normalised_text() -> None:
    assert not [name for name in emoji_table().names.values() if "skin_tone" in name]


def test_joining_starters_are_those_of_the_unicode_data() -> None:
    """Derived from the data anew: second halves of canonical compositions that are starters themselves."""
    halves = set()
    for code in range(sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            second = chr(int(parts[1], 16))
            pair = chr(int(parts[0], 16)) + second
            if not unicodedata.combining(second) and unicodedata.normalize("NFC", pair) == chr(code):
                halves.add(second)
    assert halves <= JOINING_STARTERS


def test_lookalikes_map_to_single_small_letters() -> None:
    table = lookalikes()
    assert {len(plain) for plain in (*table.wide.values(), *table.latin.values())} == {1}
    assert all("a" <= plain <= "z" for plain in (*table.wide.values(), *table.latin.values()))
