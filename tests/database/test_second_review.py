"""A second review completes what the first person agreed to, and nothing else; nobody agrees to what nobody saw."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from schemas.content import Media
from schemas.referral import TakedownRequested
from schemas.review import CaseState
from schemas.scoring import ContentRanked
from schemas.topics import TAKEDOWN_REQUESTED
from schemas.vocabulary import Change, Exemption, MediaType
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.tables import decisions
from services.referrer.declined import Declined
from services.referrer.records import Case
from services.runtime.codec import decode
from tests.builders import NOON, key_of, normalised, ranked, scored
from tests.desk import ADesk, asked, declined, made

CLIP = (Media(type=MediaType.VIDEO, url="https://cdn.example/v.mp4", sha256="ab" * 32),)
FIRST, SECOND = (key_of("bluesky", f"p-{n}") for n in (1, 2))


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


def news(number: int, text: str, minute: float, exemption: Exemption = Exemption.NEWS, **changes: Any) -> ContentRanked:
    said = {name: NOON + timedelta(minutes=minute) for name in ("published_at", "event_time", "observed_at")}
    content = normalised(text, **{"content_id": f"p-{number}", "media": CLIP, **said, **changes})
    return ranked(content, scored=scored(content, exemptions={exemption: 0.9}))


def two_copies(desk: ADesk, exemption: Exemption = Exemption.NEWS) -> Case:
    desk.take(news(1, "get him", 0, exemption), news(2, "get him now", 1, exemption))
    (case,) = desk.queue()
    return case


def sent(desk: ADesk) -> Sequence[TakedownRequested]:
    return [decode(TakedownRequested, record.value) for record in desk.outbox(TAKEDOWN_REQUESTED.name)]


def test_an_approval_of_one_copy_is_none_of_another(desk: ADesk) -> None:
    case = two_copies(desk)
    desk.decide(desk.person("r-1"), case, locations=(FIRST,))
    second = desk.decide(desk.person("r-2"), case, locations=(SECOND,))
    assert (second.decision.awaits_second_review, sent(desk)) == (True, [])
    third = desk.decide(desk.person("r-1"), case, locations=(SECOND,))
    (request,) = sent(desk)
    assert (third.case.state, request.review.reviewers) == (CaseState.APPROVED, ("r-2", "r-1"))


def test_an_approval_of_all_is_one_of_each(desk: ADesk) -> None:
    case = two_copies(desk)
    desk.decide(desk.person("r-1"), case)
    desk.decide(desk.person("r-2"), case, locations=(SECOND,))
    (request,) = sent(desk)
    assert (request.content_key, request.review.reviewers) == (SECOND, ("r-1", "r-2"))


def test_an_approval_of_one_copy_is_none_of_all(desk: ADesk) -> None:
    case = two_copies(desk)
    desk.decide(desk.person("r-1"), case, locations=(FIRST,))
    assert desk.decide(desk.person("r-2"), case).decision.awaits_second_review


@pytest.mark.parametrize(
    "other",
    [
        {"requested_action": "labelled"}, {"profile": "dsa_art16"}, {"preserve_months": 6},
        {"violence_types": ["taunt"]},
    ],
)  # fmt: skip
def test_an_approval_of_another_notice_does_not_count(desk: ADesk, other: dict[str, str]) -> None:
    case = two_copies(desk)
    desk.decide(desk.person("r-1"), case, notice=other)
    assert desk.decide(desk.person("r-2"), case).decision.awaits_second_review
    assert sent(desk) == []


def test_an_approval_that_names_another_law_does_not_count(desk: ADesk) -> None:
    case = two_copies(desk)
    one, other = ({"profile": "dsa_art16", "grounds": [law]} for law in ("poa1986_s4", "oapa1861_s16"))
    desk.decide(desk.person("r-1"), case, notice=one)
    assert desk.decide(desk.person("r-2"), case, notice=other).decision.awaits_second_review
    assert sent(desk) == []
    desk.decide(desk.person("r-1"), case, notice=other)
    assert [request.review.reviewers for request in sent(desk)] == [("r-2", "r-1")] * 2


def test_whoever_proposed_a_case_leaves_also_the_copy_in_it_that_needs_nobody_else_to_another(desk: ADesk) -> None:
    desk.take(news(1, "get him", 0, Exemption.NONE), news(2, "get him now", 1))
    (case,) = desk.queue()
    assert desk.decide(desk.person("r-1"), case).decision.awaits_second_review
    held = desk.held(desk.person("r-1"), case)
    again = declined(desk.deciding.decide(desk.person("r-1"), case.case_id, asked(held, locations=(FIRST,))))
    assert ("different reviewer" in again.detail, sent(desk)) == (True, [])


def test_the_words_of_the_second_person_may_be_other_ones(desk: ADesk) -> None:
    case = two_copies(desk)
    desk.decide(desk.person("r-1"), case)
    desk.decide(desk.person("r-2"), case, notice={"reasons": "It threatens a man by name."})
    assert [request.review.reviewers for request in sent(desk)] == [("r-1", "r-2")] * 2


def test_an_approval_of_a_copy_that_was_edited_since_does_not_count(desk: ADesk) -> None:
    case = two_copies(desk)
    desk.decide(desk.person("r-1"), case)
    desk.take(news(2, "get him tonight", 5, change=Change.EDITED))
    assert desk.decide(desk.person("r-2"), case).decision.awaits_second_review


def test_nobody_is_their_own_second_reviewer_of_the_same_copies(desk: ADesk) -> None:
    case = two_copies(desk)
    desk.decide(desk.person("r-1"), case)
    held = desk.held(desk.person("r-1"), case)
    again = declined(desk.deciding.decide(desk.person("r-1"), case.case_id, asked(held, locations=(FIRST,))))
    assert "different reviewer" in again.detail


def test_a_first_approval_of_which_nobody_knows_what_it_named_has_to_be_given_again(desk: ADesk) -> None:
    case = two_copies(desk)
    desk.decide(desk.person("r-1"), case)
    assert isinstance(desk.database, SqlDatabase)
    with desk.database.engine.begin() as connection:
        connection.execute(sa.update(decisions).values(agreed=None))
    assert desk.decide(desk.person("r-2"), case).decision.awaits_second_review


def test_a_program_that_does_not_say_what_it_showed_is_held_to_what_the_person_looked_at(desk: ADesk) -> None:
    person, case = desk.person(), two_copies(desk, Exemption.NONE)
    held = desk.held(person, case)
    assert not isinstance(desk.desk.view(person, case.case_id), Declined)
    desk.take(news(2, "remembering our friend", 8, Exemption.NONE, change=Change.EDITED))
    refused = declined(desk.deciding.decide(person, case.case_id, asked(held, locations=(SECOND,))))
    assert (refused.code, refused.allowed) == ("content_changed", (SECOND,))
    made(desk.deciding.decide(person, case.case_id, asked(held)))
    assert [request.content_key for request in sent(desk)] == [FIRST]
    assert desk.now(case.case_id).state is CaseState.OPEN


def test_whoever_looked_at_nothing_decides_about_the_one_content_that_was_told(desk: ADesk) -> None:
    person, case = desk.person(), two_copies(desk, Exemption.NONE)
    made(desk.deciding.decide(person, case.case_id, asked(desk.held(person, case))))
    assert [request.content_key for request in sent(desk)] == [FIRST]
