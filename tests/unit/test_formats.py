"""Platforms' own shapes become content events, are ignored by name, or are refused at the place that is wrong."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from schemas.content import ContentReceived
from schemas.http import FORMATS as CONTRACT_FORMATS
from schemas.reasons import Reason
from services.ingest.formats.common import MAXIMUM_DEPTH, MAXIMUM_EVENTS, Ignored, Result, Seen
from services.ingest.formats.table import FORMATS
from services.ingest.identity import Pseudonyms, Secret
from services.ingest.normalise import normalise
from services.runtime.codec import check_tree
from services.runtime.errors import Rejected
from tests.builders import NOON

FIXTURES = Path(__file__).parents[1] / "fixtures" / "formats"


def cases() -> list[Any]:
    return [
        pytest.param(file.stem, case, id=f"{file.stem}: {case['says']}")
        for file in sorted(FIXTURES.glob("*.json"))
        for case in json.loads(file.read_text(encoding="utf-8"))
    ]


def results(format_name: str, case: Mapping[str, Any]) -> list[Result]:
    try:
        return FORMATS[format_name](case["payload"], Seen("desk", NOON, case.get("instance")))
    except Rejected as why:
        return [why]


def within(expected: Any, found: Any) -> bool:
    """Whether everything that is expected is there; null says that a member is absent."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(within(value, found.get(name)) for name, value in expected.items())
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(within(one, other) for one, other in zip(expected, found, strict=True))
        )
    return bool(expected == found)


def shown(result: Result) -> dict[str, Any]:
    if isinstance(result, ContentReceived):
        return dict(json.loads(result.model_dump_json(exclude_none=True)))
    return {"ignored": result.what} if isinstance(result, Ignored) else {"rejected": result.pointer}


@pytest.mark.parametrize(("format_name", "case"), cases())
def test_a_payload_becomes_what_its_fixture_says(format_name: str, case: Mapping[str, Any]) -> None:
    found = [shown(result) for result in results(format_name, case)]
    assert within(case["gives"], found), json.dumps(found, indent=1)


def test_the_contract_names_the_formats_that_there_are() -> None:
    assert set(CONTRACT_FORMATS) == {"hub", *FORMATS}


def test_every_format_has_fixtures_that_are_taken_and_such_that_are_refused() -> None:
    for name in FORMATS:
        gives = [given for case in json.loads((FIXTURES / f"{name}.json").read_text()) for given in case["gives"]]
        kinds = [{"ignored", "rejected"} & given.keys() for given in gives]
        assert {"rejected"} in kinds
        assert set() in kinds


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("payload", [None, 0, 1.5, True, "", "x", [], {}, [[]], [{}]])
def test_what_is_no_payload_at_all_is_refused(format_name: str, payload: Any) -> None:
    with pytest.raises(Rejected):
        FORMATS[format_name](payload, Seen("desk", NOON))


def test_an_item_of_a_million_events_is_refused_before_it_has_a_verdict_for_each() -> None:
    listing = {"kind": "Listing", "data": {"children": [{}] * 1_000_000}}
    comment = {
        "id": "c", "author": "a", "body": "words", "created_utc": 1_780_000_000, "parent_id": "t3_l", "link_id": "t3_l",
        "subreddit": "s", "replies": listing,
    }  # fmt: skip
    with pytest.raises(Rejected) as refused:
        FORMATS["reddit"]({"kind": "t1", "data": comment}, Seen("desk", NOON))
    assert (refused.value.reason, str(MAXIMUM_EVENTS) in refused.value.detail) == (Reason.TOO_LARGE, True)


def status(by: str, mentioned: str) -> dict[str, Any]:
    """A post of one of two people, one of whom has the page on another domain than name and posts."""
    people = {
        "kofi": {"id": "7", "acct": "kofi", "url": "https://social.example/@kofi"},
        "jay": {"id": "8", "acct": "jay@knots.example", "url": "https://www.knots.test/@jay"},
    }
    hosts = {"kofi": "social.example", "jay": "knots.example"}
    return {
        "id": "1", "uri": f"https://{hosts[by]}/p/1", "url": people[by]["url"], "visibility": "public", "content": "hello",
        "created_at": "2026-06-01T11:59:00Z", "account": people[by], "mentions": [people[mentioned], people[by]],
    }  # fmt: skip


def test_two_people_are_the_same_pair_whoever_names_whom() -> None:
    pseudonyms = Pseudonyms(Secret("k1", b"s" * 32))
    one, other = (
        event
        for payload in (status("kofi", "jay"), status("jay", "kofi"))
        for event in FORMATS["mastodon"](payload, Seen("desk", NOON))
        if isinstance(event, ContentReceived)
    )
    pairs = normalise(one, pseudonyms).pair_keys
    assert len(pairs) == 1
    assert pairs == normalise(other, pseudonyms).pair_keys


def nested(levels: int) -> Any:
    """A like whose record is so many levels deep: which is ignored, unless it is refused for that."""
    record: Any = 0
    for _ in range(levels):
        record = [record]
    return {"kind": "identity", "did": "did:plc:kofi", "record": record}


@pytest.mark.parametrize(("more", "ends"), [(-2, "taken"), (-1, "too_deep")])
def test_the_data_of_a_cloud_event_may_be_as_deep_in_base64_as_they_may_stand_in_it(more: int, ends: str) -> None:
    frame = {"specversion": "1.0", "id": "1", "source": "/desk", "type": "bluesky-jetstream"}
    data = nested(MAXIMUM_DEPTH + more)
    packed = base64.b64encode(json.dumps(data).encode()).decode()
    found = []
    for payload in (frame | {"data": data}, frame | {"data_base64": packed}):
        try:
            # The door looks at the depth of what it was sent before a format does.
            check_tree(payload, MAXIMUM_DEPTH)
            FORMATS["cloudevents"](payload, Seen("desk", NOON))
            found.append("taken")
        except Rejected as why:
            found.append(why.reason.value)
    assert found == [ends, ends]
