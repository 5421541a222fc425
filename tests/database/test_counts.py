"""What is counted of a content and of a case: of tests nothing beside what is real, of a flood all, and a recount takes nothing away."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from schemas.content import Engagement
from schemas.scoring import ContentRanked
from schemas.vocabulary import Band, Change
from services.referrer.adapters.database import SqlDatabase
from services.referrer.case_file import File
from services.referrer.finding import Finding
from services.referrer.reviewing import recounted
from tests.builders import NOON, key_of, normalised, ranked
from tests.database.test_ranking import COPY, empty, gone, said
from tests.desk import ADesk

THEN = NOON - timedelta(hours=2)


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


def counts(name: str, hours: float, views: int, risk: float = 0.5, **changes: Any) -> ContentRanked:
    values: dict[str, Any] = {"change": Change.RECOUNTED, "published_at": THEN, "event_time": THEN} | changes
    return said(name, risk, hours, engagement=Engagement(views=views), **values)


def risks(desk: ADesk) -> dict[str, float]:
    return {case.content_key: case.risk for case in desk.queue()}


def in_every_order(database: SqlDatabase, facts: Iterable[ContentRanked]) -> set[tuple[tuple[str, float], ...]]:
    """The risks that the desk comes to."""
    found = set()
    for order in permutations(facts):
        desk = ADesk(database)
        for fact in order:
            desk.take(fact)
        found.add(tuple(sorted(risks(desk).items())))
        empty(database)
    return found


def test_how_many_saw_a_test_says_nothing_of_the_real_thing_in_any_order(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    real = [counts("post", 2, 10, change=Change.CREATED), counts("post", 1, 20)]
    alone = in_every_order(database, real)
    assert len(alone) == 1
    tests = [counts("post", 0.5, 5_000_000, test=True), counts("post", 1.5, 0, test=True, change=Change.CREATED)]
    assert in_every_order(database, [*real, *tests]) == alone


def test_of_what_was_only_ever_a_test_its_counts_count(desk: ADesk) -> None:
    desk.take(counts("post", 2, 10, change=Change.CREATED, test=True))
    before = risks(desk)
    desk.take(counts("post", 1, 5_000_000, test=True))
    assert risks(desk)[key_of("bluesky", "post")] > before[key_of("bluesky", "post")]


def test_a_recount_that_repeats_no_relation_takes_no_context_away(desk: ADesk) -> None:
    answered = said("first", 0.8, 3, pair_keys=("ab",))
    desk.take(answered, said("answer", 0.5, 2, pair_keys=("ab",), engagement=Engagement(views=1)))
    before = risks(desk)
    assert before[key_of("bluesky", "answer")] > 0.5
    desk.take(counts("answer", 1, 1))
    assert risks(desk) == before
    desk.take(gone("first"))
    assert risks(desk) == {key_of("bluesky", "answer"): 0.5}


def test_a_recount_that_comes_before_what_it_counts_makes_no_difference(sqlite_url: str) -> None:
    facts = [
        said("first", 0.8, 3, pair_keys=("ab",)),
        said("answer", 0.5, 2, pair_keys=("ab",)),
        counts("answer", 1, 2),
    ]
    assert len(in_every_order(SqlDatabase(sqlite_url), facts)) == 1


def test_a_recount_says_what_it_does_not_repeat_as_its_content_did() -> None:
    relation: dict[str, Any] = {"pair_keys": ("ab",), "thread_key": "cd" * 16, "in_reply_to_key": "cd" * 16}
    said_then = normalised(place="Harrow Lane", tags=("one",), audience_country="GB", **relation)
    bare = ranked(normalised(change=Change.RECOUNTED, thread_key=said_then.content_key))
    taken = recounted(bare, said_then).content
    assert (taken.place, taken.tags, taken.audience_country) == ("Harrow Lane", ("one",), "GB")
    assert {name: getattr(taken, name) for name in relation} == relation
    own = normalised(change=Change.RECOUNTED, place="Elm Road", thread_key="ef" * 16)
    kept = recounted(ranked(own), said_then).content
    assert (kept.place, kept.tags, kept.thread_key, kept.pair_keys) == ("Elm Road", ("one",), "ef" * 16, ())


def test_of_a_flood_whose_case_is_made_late_every_live_copy_is_counted(desk: ADesk) -> None:
    """One decision names five hundred addresses at most, and so many are listed; a person must hear of the others."""
    flood = [said(f"c{n}", 0.06, 10 - n / 100, Band.NONE, text=COPY, similarity="0" * 16) for n in range(600)]
    for start in range(0, 600, 100):
        desk.take(*flood[start : start + 100])
    assert desk.queue() == []
    desk.take(gone("c7"), said("threat", 0.9, 0.5, Band.P1, text=COPY, similarity="0" * 16))
    (case,) = desk.queue()
    person = desk.person()
    glances = Finding(desk.database).glance(person, [case])
    file = desk.desk.view(person, case.case_id)
    assert isinstance(glances, dict)
    assert isinstance(file, File)
    listed = sum(place.live for place in file.locations)
    assert (case.live, glances[case.case_id].copies, file.look.copies) == (600, 599, 599)
    assert (listed < 600, file.unlisted) == (True, 600 - listed)


def test_a_case_counts_what_is_live_and_nothing_when_it_gives_way_to_another(desk: ADesk) -> None:
    far = {"c1": "0" * 16, "c2": "0" * 12 + "ffff", "first": "0" * 14 + "ff"}
    posts = {name: said(name, 0.3, 5 if name == "first" else 1, text=COPY, similarity=s) for name, s in far.items()}
    desk.take(posts["c1"], posts["c2"])
    two = desk.queue()
    desk.take(posts["first"])
    assert sorted(desk.now(case.case_id).live for case in two) == [0, 3]
    desk.take(gone("c1"))
    (case,) = desk.queue()
    assert case.live == 2
