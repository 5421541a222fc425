"""A board goes by what the hub saw and when, and by every platform on which a case is live; what a poster claims moves nothing."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from schemas.review import Decision
from schemas.scoring import ContentRanked
from schemas.vocabulary import Band, Change, Window
from services.referrer.adapters.database import SqlDatabase
from tests.builders import NOON, key_of
from tests.database.test_ranking import COPY, empty, gone, rest, said
from tests.desk import ADesk

LONG_AGO = NOON - timedelta(days=30)


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


def claimed(at: datetime) -> dict[str, Any]:
    """What a poster says of when it was said."""
    return {"event_time": at, "published_at": at}


def copy(name: str, risk: float, hours: float, band: Band = Band.P4, **changes: Any) -> ContentRanked:
    return said(name, risk, hours, band, text=COPY, similarity="0" * 16, **changes)


def on(desk: ADesk, window: Window = Window.HOUR, scope: str = "all") -> list[str]:
    return [entry.content_key for entry in desk.boards.board(window, scope).entries]


def test_a_copy_that_is_dated_back_takes_no_threat_off_a_board(desk: ADesk) -> None:
    desk.take(copy("threat", 0.9, 0.5, Band.P1))
    desk.take(copy("copy", 0.3, 0.2, **claimed(LONG_AGO)))
    (entry,) = desk.boards.board(Window.HOUR, "all").entries
    assert (entry.band, entry.event_time) == (Band.P1, LONG_AGO)
    assert entry.newest_at == NOON - timedelta(hours=0.2)


def test_an_old_post_that_is_edited_into_a_threat_counts_from_its_edit(desk: ADesk) -> None:
    desk.take(said("post", 0.1, 72, Band.NONE, text="nothing much happened here"))
    edit = said("post", 0.9, 0.2, Band.P1, change=Change.EDITED, published_at=NOON - timedelta(hours=72))
    desk.take(edit)
    assert on(desk) == [key_of("bluesky", "post")]
    desk.clock.forward(hours=1)
    assert (on(desk), on(desk, Window.DAY)) == ([], [key_of("bluesky", "post")])


def test_a_post_counts_from_when_it_was_first_seen_however_old_it_claims_to_be(desk: ADesk) -> None:
    desk.take(said("threat", 0.9, 0.1, Band.P1, **claimed(LONG_AGO)))
    assert on(desk) == [key_of("bluesky", "threat")]


def test_newer_counts_make_nothing_new(desk: ADesk) -> None:
    desk.take(said("post", 0.9, 5, Band.P1))
    recount = said("post", 0.9, 0.1, Band.P1, change=Change.RECOUNTED, **claimed(NOON - timedelta(hours=5)))
    desk.take(recount)
    assert (on(desk), on(desk, Window.DAY)) == ([], [key_of("bluesky", "post")])


def test_a_collector_whose_clock_is_fast_hides_nothing_from_boards(desk: ADesk) -> None:
    """The door takes what was observed up to an hour ahead."""
    desk.take(said("post", 0.9, -0.5, Band.P1))
    assert on(desk) == [key_of("bluesky", "post")]


def test_a_copy_that_is_gone_makes_a_case_no_newer(desk: ADesk) -> None:
    desk.take(copy("threat", 0.9, 5, Band.P2), copy("copy", 0.3, 0.5))
    assert on(desk) == [key_of("bluesky", "threat")]
    desk.take(gone("copy"))
    assert (on(desk), on(desk, Window.DAY)) == ([], [key_of("bluesky", "threat")])


def test_when_a_case_was_last_new_and_how_often_it_is_live_is_the_same_in_any_order(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    facts = [
        copy("threat", 0.9, 5, Band.P1), copy("copy", 0.3, 3, **claimed(LONG_AGO)), gone("copy"),
        said("threat", 0.9, 0.5, Band.P1, change=Change.EDITED, text=COPY, similarity="0" * 16),
    ]  # fmt: skip
    found = set()
    for order in permutations(facts):
        desk = ADesk(database)
        for fact in order:
            desk.take(fact)
        rest(desk)
        found |= {(case.content_key, case.newest_at, case.live) for case in desk.queue()}
        empty(database)
    assert found == {(key_of("bluesky", "threat"), NOON - timedelta(hours=0.5), 1)}


def test_of_many_copies_the_indexes_tell_the_same_as_the_rows(desk: ADesk) -> None:
    desk.take(*(copy(f"c{n}", 0.3, 5 - n / 100) for n in range(60)), copy("late", 0.3, 0.5, **claimed(LONG_AGO)))
    desk.take(gone("c1"))
    (case,) = desk.queue()
    assert (case.newest_at, case.live) == (NOON - timedelta(hours=0.5), 60)


def test_one_copy_more_is_no_change_of_a_decided_case_that_anybody_is_told_of(desk: ADesk) -> None:
    desk.take(copy("first", 0.3, 5))
    (case,) = desk.queue()
    desk.decide(desk.person(), case, Decision.REFUSE)
    before = desk.now(case.case_id)
    desk.clock.forward(hours=1)
    desk.take(copy("second", 0.06, 0.1, Band.NONE, author_key="k1:first"))
    after = desk.now(case.case_id)
    assert (before.live, after.live) == (1, 2)
    assert (after.revision, after.changed_at) == (before.revision, before.changed_at)


def test_a_case_stands_on_the_board_of_every_platform_where_a_copy_is_live(desk: ADesk) -> None:
    desk.take(copy("first", 0.3, 0.9), copy("worse", 0.9, 0.1, Band.P1, platform="mastodon"), said("other", 0.3, 0.1))
    shown = key_of("bluesky", "first")
    assert on(desk, scope="mastodon") == [shown]
    assert on(desk, scope="bluesky") == [shown, key_of("bluesky", "other")] == on(desk)
    (entry,) = desk.boards.board(Window.HOUR, "mastodon").entries
    assert (entry.platform, entry.band) == ("bluesky", Band.P1)


def test_a_case_leaves_the_board_of_a_platform_where_no_copy_is_live_any_more(desk: ADesk) -> None:
    desk.take(copy("first", 0.3, 0.9), copy("copy", 0.3, 0.5, platform="mastodon"), copy("third", 0.3, 0.4))
    assert on(desk, scope="mastodon") == [key_of("bluesky", "first")]
    desk.take(said("copy", 0.0, -1, Band.NONE, change=Change.DELETED, platform="mastodon"))
    assert (on(desk, scope="mastodon"), on(desk)) == ([], [key_of("bluesky", "first")])


def test_a_board_of_a_platform_is_as_long_as_any_with_the_riskiest_from_elsewhere(desk: ADesk) -> None:
    """Whatever shows itself elsewhere competes by its risk for a place, and takes none on the board of its own platform."""
    for n, similarity in enumerate(("0" * 16, "0f" * 8, "f" * 16)):
        text: dict[str, Any] = {"text": f"{COPY} {n * 'again '}", "similarity": similarity}
        desk.take(said(f"b{n}", 0.3 + n / 10, 0.9, **text), said(f"m{n}", 0.2, 0.5, platform="mastodon", **text))
    desk.take(said("own", 0.9, 0.1, platform="mastodon"))
    found = desk.database.read(lambda books: books.boards.riskiest(NOON - timedelta(hours=1), 2))
    best = {case.content_key for case, scope in found if scope == "mastodon"}
    assert best == {key_of("bluesky", "own"), key_of("bluesky", "b2"), key_of("bluesky", "b1")}
    assert on(desk, scope="mastodon")[:2] == [key_of("bluesky", "own"), key_of("bluesky", "b2")]
