"""Keys are equal exactly when things are, and nothing personal leaves ingest."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.content import ContentNormalised, ContentReceived, Text
from schemas.vocabulary import TextRole
from services.ingest.identity import Pseudonyms, Secret, canonical, content_version, pair_key
from services.ingest.memory import RecentIds
from services.ingest.normalise import MAXIMUM_CHARACTERS, identify, normalise
from services.ingest.similarity import distance, simhash
from services.ingest.urls import canonical_url
from services.runtime.codec import decode, encode
from services.runtime.errors import Rejected
from tests.builders import received, received_value

FIELDS = st.lists(st.text(max_size=4) | st.integers() | st.none(), max_size=4)
SECRET = Secret("k1", b"s" * 32)
TEXTS = st.lists(st.tuples(st.sampled_from(TextRole), st.text(min_size=1, max_size=40)), min_size=1, max_size=4)
IDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=3, max_size=40)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(timezones=ZONES)


def written(fields: list[Any]) -> list[str | None]:
    return [None if field is None else str(field) for field in fields]


@given(FIELDS, FIELDS)
def test_canonical_bytes_are_equal_exactly_when_the_fields_are(one: list[Any], other: list[Any]) -> None:
    assert (canonical(one) == canonical(other)) == (written(one) == written(other))


@given(TEXTS, TEXTS)
def test_versions_are_equal_exactly_when_what_was_said_is(one: Any, other: Any) -> None:
    versions = [content_version("k", [Text(role=role, text=text) for role, text in said], ()) for said in (one, other)]
    assert (versions[0] == versions[1]) == (one == other)


@given(st.tuples(st.none() | IDS, IDS), st.tuples(st.none() | IDS, IDS))
def test_a_pair_has_one_key_in_either_order(one: Any, other: Any) -> None:
    assert pair_key(SECRET, "x", one, other) == pair_key(SECRET, "x", other, one)


@given(ZONES)
def test_an_observation_is_the_same_in_every_zone(zone: timezone) -> None:
    observed = datetime(2026, 6, 1, 12, 0, 0, 123_456, tzinfo=UTC)
    there = received(observed_at=observed.astimezone(zone).isoformat())
    assert identify(there) == identify(received(observed_at=observed.isoformat()))


@given(IDS, IDS, IDS)
def test_no_raw_id_and_no_handle_is_in_the_bytes_that_leave(author: str, handle: str, other: str) -> None:
    marked = [f"\u2603{name}\u2603" for name in (author, handle, other)]
    event = received(
        author={"id": marked[0], "handle": marked[1]},
        relation={"in_reply_to": {"content_id": "p-0", "author_id": marked[2]}, "mentions": [{"author_id": marked[2]}]},
    )
    assert "\u2603" not in encode(normalise(event, Pseudonyms(SECRET))).decode()


@given(TEXTS, MOMENTS, MOMENTS)
def test_what_comes_out_is_valid_and_reads_back_equal(texts: Any, published: datetime, edited: datetime) -> None:
    event = received(
        texts=[{"role": role, "text": text} for role, text in texts],
        published_at=published.isoformat(),
        edited_at=edited.isoformat(),
    )
    content = normalise(event, Pseudonyms(SECRET))
    assert decode(ContentNormalised, encode(content)) == content
    assert max(content.published_at, content.event_time) <= content.observed_at


@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=6))
def test_never_more_than_40_000_characters_leave(sizes: list[int]) -> None:
    content = normalise(received(texts=[{"text": "ab " * (size // 3 + 1)} for size in sizes]), Pseudonyms(SECRET))
    assert sum(len(text.original) for text in content.texts) <= MAXIMUM_CHARACTERS


@given(st.text(max_size=200), st.sampled_from(list(ContentReceived.model_fields)))
def test_a_received_event_reads_back_equal(text: str, left_out: str) -> None:
    value = received_value(texts=[{"text": text or "x"}], place=text or None, tags=[text[:50]])
    value.pop(left_out, None)
    try:
        event = decode(ContentReceived, orjson.dumps(value))
    except Rejected:
        return
    assert decode(ContentReceived, encode(event)) == event


@given(
    st.lists(st.text(st.characters(categories=["Ll"]), min_size=1, max_size=6), min_size=4, max_size=30), st.randoms()
)
def test_similarity_forgets_how_often_and_where_a_pair_of_words_stands(words: list[str], random: Any) -> None:
    text = " ".join(words)
    one, twice = simhash(text), simhash(f"{text} {words[0]} {words[1]}")
    assert one is not None
    assert twice is not None
    assert simhash(text.replace(" ", " \n- ")) == one
    assert 0 <= distance(one, twice) <= 64


@given(st.lists(st.integers(0, 60)), st.integers(0, 20))
def test_the_memory_holds_the_most_recent_ids(numbers: list[int], size: int) -> None:
    recent = RecentIds(size)
    for number in numbers:
        recent.mark([f"{number:032x}"])
    distinct = list(dict.fromkeys(reversed(numbers)))
    assert {number for number in distinct if f"{number:032x}" in recent} == set(distinct[:size])


@example("http://./")
@given(st.from_regex(r"https?://[a-zA-Z0-9.:\[\]@-]{1,20}[/?#]?[a-zA-Z0-9/?#&=_.%:@-]{0,30}", fullmatch=True))
def test_a_canonical_address_is_canonical(url: str) -> None:
    try:
        spelt = canonical_url(url)
    except Rejected:
        return
    assert canonical_url(spelt) == spelt
