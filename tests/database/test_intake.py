"""Ranked records become cases: exactly one ending each, one transaction a batch, whatever arrives in which order."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.content import Engagement
from schemas.review import CaseState, Decision, Opening, ReviewRequested
from schemas.scoring import ContentRanked
from schemas.topics import RANKED, REVIEW_REQUESTED
from schemas.vocabulary import Band, Change, ContentStatus
from services.referrer.adapters.all_tables import metadata
from services.referrer.adapters.database import SqlDatabase
from services.referrer.records import Ended
from services.runtime.codec import decode
from services.runtime.dead_letters import reason_of
from services.runtime.envelope import Incoming, Source
from tests.builders import NOON, normalised, ranked, scored
from tests.desk import ADesk

LATER = NOON + timedelta(minutes=5)
LAST = NOON + timedelta(minutes=10)


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


def edited(text: str, risk: float = 0.8, band: Band = Band.P2, at: Any = LATER) -> ContentRanked:
    return ranked(normalised(text, change=Change.EDITED, event_time=at, observed_at=at, edited_at=at), risk, band)


def gone(at: Any = LAST) -> ContentRanked:
    return ranked(normalised(change=Change.DELETED, observed_at=at), 0.0, Band.NONE)


def endings(desk: ADesk, *values: Any) -> list[Ended]:
    return [ending.ended for ending in desk.take(*values)]


def test_content_above_the_floor_becomes_a_case_and_calls_for_a_person(desk: ADesk) -> None:
    assert endings(desk, ranked()) == [Ended.RECORDED]
    (case,) = desk.queue()
    request = decode(ReviewRequested, desk.outbox(REVIEW_REQUESTED.name)[0].value)
    assert (case.state, case.risk, case.band) == (CaseState.OPEN, 0.7, Band.P3)
    assert (request.case_id, request.opening) == (case.case_id, Opening.NEW)


def test_content_below_the_floor_is_remembered_and_not_queued(desk: ADesk) -> None:
    assert endings(desk, ranked(risk=0.1, band=Band.NONE)) == [Ended.RECORDED]
    assert desk.queue() == []
    assert desk.outbox() == []


def test_a_record_that_is_delivered_again_changes_nothing(desk: ADesk) -> None:
    desk.take(ranked())
    desk.offset = 0
    assert endings(desk, ranked()) == [Ended.DUPLICATE]
    assert len(desk.outbox()) == 1


def test_the_same_observation_in_another_record_is_a_duplicate(desk: ADesk) -> None:
    assert endings(desk, ranked(), ranked()) == [Ended.RECORDED, Ended.DUPLICATE]
    assert endings(desk, ranked()) == [Ended.DUPLICATE]
    assert len(desk.queue()) == 1


def test_a_full_score_takes_the_place_of_a_degraded_one_and_not_the_reverse(desk: ADesk) -> None:
    content = normalised()
    degraded = ranked(content, scored=scored(content, 0.5, Band.P4, degraded=True))
    assert endings(desk, degraded, ranked(content)) == [Ended.RECORDED, Ended.RECORDED]
    assert endings(desk, degraded) == [Ended.DUPLICATE]
    assert desk.queue()[0].risk == 0.7


def queue_after(desk: ADesk, *batches: ContentRanked) -> list[tuple[str, float, Band]]:
    """The queue after facts that came one by one, each in a batch of its own."""
    for batch in batches:
        desk.take(batch)
    return [(case.content_key, case.risk, case.band) for case in desk.queue()]


@pytest.mark.parametrize(("risk", "band"), [(0.7, Band.P3), (0.3, Band.P4), (0.1, Band.NONE), (0.01, Band.NONE)])
def test_a_full_score_that_comes_later_leaves_the_queue_that_it_would_have_made_at_once(
    desk: ADesk, database: SqlDatabase, risk: float, band: Band
) -> None:
    """Also for what was said around it: its author's later words, and a copy of it."""
    first = normalised("we are outside yours tonight and we are not alone")
    later = ranked(normalised("and we will", content_id="p-2", author_key=first.author_key, event_time=LATER), 0.4)
    copy = ranked(normalised(first.texts[0].original, content_id="p-3", observed_at=LATER), 0.3, Band.P4)
    degraded = ranked(first, scored=scored(first, 0.95, Band.P1, degraded=True))
    full = ranked(first, risk, band)
    twice = queue_after(desk, degraded, later, copy, full)
    with database.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    heard_of = [full] if risk >= 0.05 else []
    assert twice == queue_after(desk, *heard_of, later, copy)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[]", b'{"schema_version":"2"}', b"null", None])
def test_an_unusable_record_is_set_aside_alone_with_its_reason(desk: ADesk, raw: bytes | None) -> None:
    assert endings(desk, raw, ranked()) == [Ended.DEAD_LETTERED, Ended.RECORDED]
    letter = desk.outbox(RANKED.dlq)[0]
    assert reason_of(Incoming(Source(letter.topic, 0, 0), letter.key, letter.value, tuple(letter.headers))) is not None
    assert letter.value == raw


def test_a_record_that_breaks_the_handler_is_set_aside_and_its_neighbours_are_taken_in(desk: ADesk) -> None:
    """PostgreSQL refuses U+0000 in text; SQLite takes it. Either way every record has one ending and the neighbours live."""
    strange = ranked(normalised(content_id="p-2", url="https://x.example/\x00"))
    found = endings(desk, ranked(), strange, ranked(normalised(content_id="p-3")))
    assert (found[0], found[2]) == (Ended.RECORDED, Ended.RECORDED)
    assert len(desk.queue()) == 2 + (found[1] is Ended.RECORDED)
    assert len(desk.outbox(RANKED.dlq)) == (found[1] is Ended.DEAD_LETTERED)


def test_an_edit_is_a_new_version_of_the_same_case(desk: ADesk) -> None:
    case = desk.case()
    desk.take(edited("on my way with a blade"))
    (after,) = desk.queue()
    assert after.case_id == case.case_id
    assert (after.risk, after.band) == (0.8, Band.P2)
    assert after.content_version != case.content_version


def test_a_case_that_became_worse_calls_again(desk: ADesk) -> None:
    desk.take(ranked())
    desk.take(edited("on my way with a blade"))
    assert [decode(ReviewRequested, r.value).band for r in desk.outbox(REVIEW_REQUESTED.name)] == [Band.P3, Band.P2]


def test_an_edit_to_something_harmless_takes_open_work_away(desk: ADesk) -> None:
    case = desk.case()
    desk.take(edited("have a nice day", 0.01, Band.NONE))
    assert desk.now(case.case_id).state is CaseState.MOOT
    assert desk.queue() == []


def test_a_deletion_takes_open_work_away(desk: ADesk) -> None:
    case = desk.case()
    desk.take(gone())
    assert desk.now(case.case_id).state is CaseState.MOOT


def test_a_deleted_threat_to_life_stays_for_a_person(desk: ADesk) -> None:
    desk.take(ranked(risk=0.95, band=Band.P1), gone())
    (case,) = desk.queue()
    assert (case.band, case.state) == (Band.P1, CaseState.OPEN)


def test_a_threat_to_life_that_is_edited_away_stays_for_a_person(desk: ADesk) -> None:
    desk.take(ranked(risk=0.95, band=Band.P1), edited("have a nice day", 0.01, Band.NONE))
    assert [case.band for case in desk.queue()] == [Band.P1]


def test_content_that_comes_back_after_its_deletion_is_open_again(desk: ADesk) -> None:
    case = desk.case()
    desk.take(gone(LATER))
    desk.take(ranked(normalised("gonna get you", observed_at=LAST)))
    after = desk.now(case.case_id)
    assert (after.state, after.opening) == (CaseState.OPEN, Opening.REUPLOADED)


def test_an_edit_after_a_decision_opens_the_case_again(desk: ADesk) -> None:
    case = desk.case()
    desk.decide(desk.person(), case, Decision.REFUSE)
    desk.take(edited("on my way with a blade"))
    after = desk.now(case.case_id)
    assert (after.state, after.opening, after.round) == (CaseState.OPEN, Opening.EDITED, 2)


@pytest.mark.parametrize("later", [gone(), ranked(normalised("gonna get you", observed_at=LATER))])
def test_a_decision_stands_while_the_content_says_the_same(desk: ADesk, later: ContentRanked) -> None:
    case = desk.case()
    desk.decide(desk.person(), case, Decision.REFUSE)
    desk.take(later)
    assert desk.now(case.case_id).state is CaseState.REFUSED


def recounted(views: int, risk: float, minutes: int) -> ContentRanked:
    at = NOON + timedelta(minutes=minutes)
    counts = Engagement(views=views)
    return ranked(normalised(change=Change.RECOUNTED, observed_at=at, engagement=counts), risk)


def test_the_latest_counts_win_whatever_arrives_last(desk: ADesk) -> None:
    desk.take(ranked(), recounted(900, 0.9, 9), recounted(500, 0.5, 5))
    assert desk.queue()[0].risk == 0.9


def test_a_lease_outlives_an_edit_so_that_its_holder_learns_of_it(desk: ADesk) -> None:
    person = desk.person()
    held = desk.held(person, desk.case())
    desk.take(edited("on my way with a blade"))
    assert desk.now(held.case_id).lease_holder == person.pseudonym


def test_a_deletion_that_nobody_has_heard_of_before_makes_no_case(desk: ADesk) -> None:
    assert endings(desk, gone()) == [Ended.RECORDED]
    assert desk.queue() == []


def test_status_of_a_record_follows_its_change() -> None:
    assert gone().status is ContentStatus.DELETED
