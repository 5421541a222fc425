"""Copies in one case: what leaves about each was seen, by as many people as its own text needs, and is asked for once."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.content import Media
from schemas.referral import TakedownRequested
from schemas.review import CaseState, Opening
from schemas.scoring import ContentRanked
from schemas.topics import TAKEDOWN_REQUESTED
from schemas.vocabulary import Change, Exemption, MediaType
from services.referrer.adapters.database import SqlDatabase
from services.referrer.case_file import file_of
from services.referrer.declined import Declined, Why
from services.referrer.records import Case
from services.referrer.roles import Role
from services.runtime.codec import decode
from tests.builders import NOON, key_of, normalised, ranked, scored
from tests.desk import ADesk, an_outcome, asked, declined, made

CLIP = (Media(type=MediaType.VIDEO, url="https://cdn.example/v.mp4", sha256="ab" * 32),)
FIRST, SECOND, THIRD = (key_of("bluesky", f"p-{n}") for n in (1, 2, 3))


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


def a_copy(number: int, text: str, minute: float, exemption: Exemption | None = None, **changes: Any) -> ContentRanked:
    """The same clip under other words, published so many minutes after noon."""
    said = {name: NOON + timedelta(minutes=minute) for name in ("published_at", "event_time", "observed_at")}
    content = normalised(text, **{"content_id": f"p-{number}", "media": CLIP, **said, **changes})
    exemptions = {Exemption.NONE: 1.0} if exemption is None else {exemption: 0.9, Exemption.NONE: 0.1}
    return ranked(content, scored=scored(content, exemptions=exemptions))


def the_case(desk: ADesk, *copies: ContentRanked) -> Case:
    desk.take(*copies)
    (case,) = desk.queue()
    return case


def seen(desk: ADesk, case: Case) -> tuple[str, ...]:
    """What a page of the case shows."""
    file = desk.desk.view(desk.person("looker"), case.case_id)
    assert not isinstance(file, Declined)
    return tuple(each.content_version for each in file.locations)


def test_what_was_asked_for_already_is_shown_last_of_what_is_there_and_what_is_gone_after_it(desk: ADesk) -> None:
    case = the_case(desk, a_copy(1, "get him", 0), a_copy(2, "get him now", 1))
    desk.decide(desk.person(), case, locations=(SECOND,))
    desk.take(a_copy(3, "get him soon", 2), a_copy(4, "get him too", 3))
    desk.take(a_copy(4, "get him too", 4, change=Change.DELETED))
    file = desk.database.read(lambda books: file_of(books, desk.now(case.case_id)))
    names = {each.content_version: each.content_key for each in file.locations}
    fourth = key_of("bluesky", "p-4")
    assert [names[each] for each in file.look.versions] == [FIRST, THIRD, SECOND, fourth]


def urls(desk: ADesk) -> list[str]:
    sent = [decode(TakedownRequested, record.value) for record in desk.outbox(TAKEDOWN_REQUESTED.name)]
    return [request.locator.url.rsplit("/", 1)[1] for request in sent]


def test_a_copy_that_may_be_protected_speech_needs_two_people_in_whatever_case_it_stands(desk: ADesk) -> None:
    case = the_case(desk, a_copy(1, "get him", 0), a_copy(2, "BBC: police appeal", 4, Exemption.NEWS))
    assert case.content_key == FIRST
    done = desk.decide(desk.person(), case, locations=(SECOND,))
    assert (done.decision.awaits_second_review, urls(desk)) == (True, [])


def test_two_people_are_needed_where_any_of_the_addresses_needs_them(desk: ADesk) -> None:
    case = the_case(desk, a_copy(1, "get him", 0), a_copy(2, "BBC: police appeal", 4, Exemption.NEWS))
    done = desk.decide(desk.person(), case)
    assert (done.decision.awaits_second_review, urls(desk)) == (True, [])


def test_a_copy_that_is_not_named_asks_for_nobody(desk: ADesk) -> None:
    case = the_case(desk, a_copy(1, "get him", 0), a_copy(2, "BBC: police appeal", 4, Exemption.NEWS))
    done = desk.decide(desk.person(), case, locations=(FIRST,))
    assert (done.case.state, urls(desk)) == (CaseState.APPROVED, ["p-1"])


def test_the_view_says_why_two_are_needed_of_each_copy_and_of_all(desk: ADesk) -> None:
    case = the_case(desk, a_copy(1, "get him", 0), a_copy(2, "BBC: police appeal", 4, Exemption.NEWS))
    file = desk.desk.view(desk.person(), case.case_id)
    assert not isinstance(file, Declined)
    assert desk.deciding.second_review_of(file) == ("news",)
    assert desk.deciding.second_review_at(file) == {FIRST: (), SECOND: ("news",)}


def edited(desk: ADesk) -> tuple[Case, tuple[str, ...]]:
    """A case whose copy was edited after somebody looked at it, and what was seen then."""
    case = the_case(desk, a_copy(1, "get him", 0), a_copy(2, "get him too", 4))
    held, before = desk.held(desk.person(), case), seen(desk, case)
    desk.take(a_copy(2, "remembering our friend", 8, change=Change.EDITED))
    return held, before


def test_a_copy_that_was_edited_since_it_was_seen_is_not_asked_about(desk: ADesk) -> None:
    case, before = edited(desk)
    refused = declined(desk.deciding.decide(desk.person(), case.case_id, asked(case, locations=(SECOND,), seen=before)))
    assert (refused.why, refused.code, refused.allowed) == (Why.CONFLICT, "content_changed", (SECOND,))
    assert urls(desk) == []


def test_what_nobody_saw_is_left_out_and_brings_the_case_again(desk: ADesk) -> None:
    case, before = edited(desk)
    done = made(desk.deciding.decide(desk.person(), case.case_id, asked(case, seen=before)))
    again = desk.now(case.case_id)
    assert (done.case.state, urls(desk)) == (CaseState.APPROVED, ["p-1"])
    assert (again.state, again.opening, again.round) == (CaseState.OPEN, Opening.REUPLOADED, 2)


def test_a_copy_that_came_since_brings_the_case_again_also_where_addresses_were_named(desk: ADesk) -> None:
    held = desk.held(desk.person(), the_case(desk, a_copy(1, "get him", 0), a_copy(2, "get him too", 1)))
    before = seen(desk, held)
    desk.take(a_copy(3, "get him now", 5))
    made(desk.deciding.decide(desk.person(), held.case_id, asked(held, locations=(FIRST,), seen=before)))
    assert (urls(desk), desk.now(held.case_id).state) == (["p-1"], CaseState.OPEN)


def test_whoever_saw_all_copies_and_named_one_has_decided_about_the_others(desk: ADesk) -> None:
    held = desk.held(desk.person(), the_case(desk, a_copy(1, "get him", 0), a_copy(2, "get him too", 1)))
    made(desk.deciding.decide(desk.person(), held.case_id, asked(held, locations=(FIRST,), seen=seen(desk, held))))
    assert desk.now(held.case_id).state is CaseState.APPROVED


def test_a_copy_that_says_it_was_published_earlier_undoes_no_first_approval(desk: ADesk) -> None:
    """The time of publishing is the poster's to say, who could undo every approval by one more copy."""
    case = the_case(desk, a_copy(1, "get him", 0, Exemption.NEWS))
    desk.decide(desk.person("r-1"), case)
    desk.take(a_copy(2, "get him!", -5, Exemption.NEWS))
    assert desk.now(case.case_id).content_key == FIRST
    done = desk.decide(desk.person("r-2"), desk.now(case.case_id), locations=(FIRST,))
    assert (done.case.state, urls(desk)) == (CaseState.APPROVED, ["p-1"])


def test_what_somebody_has_in_hand_goes_on_showing_what_it_shows(desk: ADesk) -> None:
    held = desk.held(desk.person(), the_case(desk, a_copy(1, "get him", 0)))
    desk.take(a_copy(2, "get him!", -5))
    assert desk.now(held.case_id).content_key == FIRST
    desk.desk.release(desk.person(), held.case_id)
    desk.take(a_copy(3, "get him!!", 1))
    assert desk.now(held.case_id).content_key == SECOND


def test_what_is_gone_is_not_shown_any_more_although_somebody_has_it_in_hand(desk: ADesk) -> None:
    held = desk.held(desk.person(), the_case(desk, a_copy(1, "get him", 0), a_copy(2, "get him!", 1)))
    desk.take(a_copy(1, "get him", 2, change=Change.DELETED))
    assert desk.now(held.case_id).content_key == SECOND


def answered_and_copied(desk: ADesk) -> Case:
    """A case that was approved and whose content was copied then."""
    first = desk.approved(the_case(desk, a_copy(1, "get him", 0)))
    desk.take(a_copy(2, "get him now", 5))
    return desk.now(first.case_id)


def test_what_the_platform_was_asked_and_did_not_answer_is_not_asked_again(desk: ADesk) -> None:
    desk.decide(desk.person(), answered_and_copied(desk))
    assert urls(desk) == ["p-1", "p-2"]


def test_an_address_that_is_named_is_asked_about_again(desk: ADesk) -> None:
    desk.decide(desk.person(), answered_and_copied(desk), locations=(FIRST, SECOND))
    assert urls(desk) == ["p-1", "p-1", "p-2"]


def test_what_the_platform_left_where_it_is_may_be_asked_again(desk: ADesk) -> None:
    case = answered_and_copied(desk)
    (first,) = desk.database.read(lambda books: books.referrals.of_case(case.case_id))
    desk.outcome(an_outcome(first, outcome="no_action"))
    desk.decide(desk.person("l-1", Role.LEAD), case)
    assert urls(desk) == ["p-1", "p-1", "p-2"]


def test_a_copy_without_an_address_keeps_nothing_from_leaving(desk: ADesk) -> None:
    done = desk.decide(desk.person(), the_case(desk, a_copy(1, "get him", 0), a_copy(2, "get him!", 1, url=None)))
    assert (done.case.state, urls(desk)) == (CaseState.APPROVED, ["p-1"])


def with_one_gone(desk: ADesk) -> Case:
    copies = a_copy(1, "get him", 0), a_copy(2, "get him!", 1), a_copy(2, "get him!", 2, change=Change.DELETED)
    return desk.held(desk.person(), the_case(desk, *copies))


def test_where_the_content_is_gone_nothing_is_removed(desk: ADesk) -> None:
    case = with_one_gone(desk)
    both = asked(case, locations=(FIRST, SECOND), seen=seen(desk, case))
    refused = declined(desk.deciding.decide(desk.person(), case.case_id, both))
    assert (refused.code, refused.allowed, urls(desk)) == ("content_gone", (FIRST,), [])


def test_where_the_content_is_gone_it_may_still_be_preserved(desk: ADesk) -> None:
    keep = {"requested_action": "preserve_only"}
    done = desk.decide(desk.person(), with_one_gone(desk), locations=(SECOND,), notice=keep)
    assert (done.case.state, urls(desk)) == (CaseState.APPROVED, ["p-2"])
