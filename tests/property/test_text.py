"""What holds of the text normaliser for every text."""

import itertools
import string

from hypothesis import example, given
from hypothesis import strategies as st

from services.runtime.text import identity, normalise, to_original

_TRICKS = "kilstab01345@$!|.-_ *\u200b\u00ad\u202e\ufe0f\u200d\u0336\u0301\u0430\u0456\u0455\u0391🔪👊🏿❤ﬁ½ﾡￂ\ufdfa\u0130Σ\ud800\x00\n"
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
