"""Whatever a JSON document holds, a number that other readers would change never passes."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from schemas.reasons import Reason
from services.runtime.codec import MAX_NUMBER, parse
from services.runtime.errors import Rejected

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
documents = st.recursive(
    numbers | st.text(max_size=8) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def written(document: object) -> list[bytes]:
    """The same document as several writers put it down."""
    return [
        json.dumps(document).encode(),
        json.dumps(document, indent=1).encode(),
        json.dumps(document, separators=(",", ":")).encode(),
    ]


def too_large(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(too_large, value.values()))
    if isinstance(value, list):
        return any(map(too_large, value))
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > MAX_NUMBER


def refused(raw: bytes) -> bool:
    try:
        parse(raw)
    except Rejected as why:
        return why.reason in (Reason.NUMBER_OUT_OF_RANGE, Reason.NOT_JSON)
    return False


@given(documents)
@example(1e300)
@example([-1.5e20])
@example({"a": 9007199254740993})
def test_a_number_beyond_the_exact_range_is_refused_however_it_is_written(document: object) -> None:
    assert [refused(raw) for raw in written(document)] == [too_large(document)] * 3
