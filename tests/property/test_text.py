"""What holds of the text normaliser for every text."""

import itertools
import string
import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.ingest.normalise import MAXIMUM_CHARACTERS as LIMIT
from services.runtime.text import GROWTH, SLACK, coarser, identity, normalise, to_original
from services.runtime.text_tables import emoji_table

_TRICKS = "kilstab01345@$!|.-_ *\u200b\u00ad\u202e\ufe0f\u200d\u0336\u0301\u0430\u0456\u0455\u0391🔪👊🏿❤ﬁ½ﾡￂ\ufdfa\u0130Σ\ud800\x00\n"
EMOJI = "".join(emoji_table().names)
FLAGS = "".join(emoji for emoji, name in emoji_table().names.items() if "flag" in name) * 80
SIGNS = (
    "\u200b",
    "\ufe0f",
    "\u337f",
    "\ufb03",
    "\ufb03x",
    "\ufdfa",
    "\u3316",
    "\u0301",
    "\u0301\u0323",
    "e\u0301",
    "\U0001d4f4 ",
    "k\u0336",
    "😀",
    "x😀",
    "🔪\u200b",
)
# A sign or a stretch of many emoji, as often as it takes to come near the limit, or just a few times.
padding = st.builds(
    lambda signs, often: signs * (often // len(signs)),
    st.sampled_from(SIGNS) | st.integers(0, 1_000).map(lambda at: EMOJI[at : at + 1_000]) | st.just(FLAGS),
    st.sampled_from((2, 1_500, 9_000)),
)
anything = st.text(st.characters(), max_size=60) | st.text(_TRICKS, max_size=40)


@given(anything)
@example("aaaa@bcd")
@example("k 1 l l")
@example("\u0345\u0345")
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once


@given(anything)
def test_every_span_lies_within_the_original(text: str) -> None:
    normal = normalise(text)
    for at in range(len(normal.text)):
        start, end = to_original(normal.runs, at, at + 1)
        assert 0 <= start < end <= len(text)


@given(anything)
def test_spans_never_run_backwards(text: str) -> None:
    normal = normalise(text)
    spans = [to_original(normal.runs, at, at + 1) for at in range(len(normal.text))]
    assert spans == sorted(spans)


@given(anything)
def test_the_map_ends_where_both_texts_end(text: str) -> None:
    normal = normalise(text)
    assert normal.runs[-1] == (len(normal.text), len(text), 0)


@given(anything)
def test_runs_are_ordered_and_never_overlap(text: str) -> None:
    runs = normalise(text).runs
    assert all(n + length <= m and o + length <= p for (n, o, length), (m, p, _) in itertools.pairwise(runs))


@given(
    st.lists(st.sampled_from(["good", "morning", "see", "you", "at", "the", "match", "on", "2nd", "st"])).map(" ".join)
)
def test_plain_small_words_map_to_themselves(text: str) -> None:
    assert normalise(text) == (text, identity(len(text)), ())


@given(st.text(string.ascii_letters + " ", max_size=50), st.integers(0, 49))
def test_a_zero_width_space_anywhere_changes_nothing_but_the_map(text: str, at: int) -> None:
    assert normalise(text[:at] + "\u200b" + text[at:]).text == normalise(text).text


@given(anything, st.integers(2, 40))
def test_a_coarser_map_leads_to_a_span_that_holds_the_finer_one(text: str, least: int) -> None:
    normal = normalise(text)
    coarse = coarser(normal.runs, least)
    assert len(coarse) <= 2 + 2 * len(normal.text) / least
    for at in range(len(normal.text)):
        (start, end), (low, high) = to_original(normal.runs, at, at + 1), to_original(coarse, at, at + 1)
        assert 0 <= low <= start < end <= high <= len(text)


def _plain(text: str) -> str:
    """Without the marks that padding leaves on the letter before it."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


@settings(max_examples=25, deadline=None)
@given(st.lists(padding, min_size=4, max_size=4))
@example([EMOJI, "", "", ""])
@example([FLAGS[:20_000], FLAGS[:20_000], "", ""])
@example(["\u337f" * 20_000, "\u0301\u0323" * 9_000, "\u200b" * 1_000, EMOJI[:100]])
@example(["", "", "", "\ufb03x" * 19_000])
def test_no_padding_within_the_limit_takes_a_word_away(padded: list[str]) -> None:
    """Names of emoji, and signs that stand for several letters, make a text longer: what followed them was cut."""
    words = ["kill", "you", "tonight"]
    text = "".join(pad[: LIMIT // 4 - 10] + word for pad, word in zip(padded, [*words, ""], strict=True))
    normal = normalise(text)
    at = 0
    for word in words:
        at = _plain(normal.text).index(word, at)
    assert len(normal.text) <= GROWTH * len(text) + SLACK
    assert normalise(normal.text).text == normal.text


@settings(max_examples=25, deadline=None)
@given(padding, padding)
@example(EMOJI[:15_000], FLAGS[:15_000])
@example("\ufdfa" * 15_000, "\u337f" * 15_000)
def test_what_stands_between_padding_leads_back_to_its_own_place(before: str, after: str) -> None:
    text = f"{before} kill {after}"
    normal = normalise(text)
    at = normal.text.index("kill")
    start, end = to_original(normal.runs, at, at + 4)
    assert (start, text[start:end]) == (len(before) + 1, "kill")
    assert normal.runs[-1] == (len(normal.text), len(text), 0)
