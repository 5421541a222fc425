"""The two lifecycles: every state with every event, against a table written by hand from the design."""

from itertools import product

import pytest

from schemas.referral_vocabulary import ReferralStatus
from schemas.review import CaseState
from services.referrer.lifecycle import (
    CASE_MEANING,
    REFERRAL_MEANING,
    CaseEvent,
    Illegal,
    ReferralEvent,
    allowed_case_events,
    allowed_referral_events,
    move_case,
    move_referral,
)

# Written from the design, not from the code. One line per state, one cell per event; a dot is an illegal move.
CASE_TABLE = """
            lease   release hand_over propose approve  refuse  escalate  defer    return vanish reopen
open        leased  .       .         .       .        .       .         .        .      moot   .
leased      .       open    leased    open    approved refused escalated deferred .      moot   .
approved    .       .       .         .       .        .       .         .        .      .      open
refused     .       .       .         .       .        .       .         .        .      .      open
escalated   .       .       .         .       .        .       .         .        open   moot   .
deferred    .       .       .         .       .        .       .         .        open   moot   .
moot        .       .       .         .       .        .       .         .        .      .      open
"""
REFERRAL_TABLE = """
                    receive  process    action   refuse              reinstate  confirm_withdrawal expire  withdraw  correct
issued              received processing actioned refused_by_platform .          .                  expired withdrawn corrected
received            received processing actioned refused_by_platform .          .                  expired withdrawn corrected
processing          .        processing actioned refused_by_platform .          .                  expired withdrawn corrected
actioned            .        .          actioned .                   reinstated .                  .       withdrawn .
refused_by_platform .        .          actioned .                   .          .                  .       withdrawn .
expired             .        .          actioned refused_by_platform .          .                  .       withdrawn .
withdrawn           .        .          withdrawn withdrawn          reinstated withdrawn          .       .         .
corrected           .        .          corrected corrected          corrected  .                  .       .         .
reinstated          .        .          actioned .                   .          .                  .       .         .
"""


def read(table: str) -> dict[tuple[str, str], str | None]:
    """A table as moves."""
    head, *lines = [line.split() for line in table.strip().splitlines()]
    return {
        (line[0], event): None if cell == "." else cell
        for line in lines
        for event, cell in zip(head, line[1:], strict=True)
    }


CASES, REFERRALS = read(CASE_TABLE), read(REFERRAL_TABLE)


@pytest.mark.parametrize(("state", "event"), list(product(CaseState, CaseEvent)))
def test_a_case_moves_as_the_table_says(state: CaseState, event: CaseEvent) -> None:
    expected = CASES[state.value, event.value]
    after = move_case(state, event)
    if expected is None:
        allowed = tuple(each.value for each in CaseEvent if CASES[state.value, each.value] is not None)
        assert isinstance(after, Illegal)
        assert (after.state, after.event, set(after.allowed)) == (state.value, event.value, set(allowed))
    else:
        assert after is CaseState(expected)


@pytest.mark.parametrize(("status", "event"), list(product(ReferralStatus, ReferralEvent)))
def test_a_referral_moves_as_the_table_says(status: ReferralStatus, event: ReferralEvent) -> None:
    expected = REFERRALS[status.value, event.value]
    after = move_referral(status, event)
    if expected is None:
        allowed = tuple(each.value for each in ReferralEvent if REFERRALS[status.value, each.value] is not None)
        assert isinstance(after, Illegal)
        assert (after.state, after.event, set(after.allowed)) == (status.value, event.value, set(allowed))
    else:
        assert after is ReferralStatus(expected)


def test_the_tables_speak_of_every_state_and_event() -> None:
    assert set(CASES) == set(product(map(str, CaseState), map(str, CaseEvent)))
    assert set(REFERRALS) == set(product(map(str, ReferralStatus), map(str, ReferralEvent)))


def test_an_illegal_move_reads_as_a_sentence_with_what_is_allowed() -> None:
    illegal = move_case(CaseState.OPEN, CaseEvent.APPROVE)
    assert str(illegal) == "approve cannot follow open; allowed: lease, vanish"


def test_a_state_that_allows_nothing_says_so() -> None:
    assert str(Illegal("over", "action", ())) == "action cannot follow over; allowed: nothing"


def test_every_event_has_a_meaning() -> None:
    assert list(CASE_MEANING) == list(CaseEvent)
    assert set(REFERRAL_MEANING) == set(ReferralEvent)


def test_nothing_is_decided_without_a_lease() -> None:
    """The human gate: a decision needs somebody who holds the case."""
    decisions = {CaseEvent.APPROVE, CaseEvent.PROPOSE, CaseEvent.REFUSE, CaseEvent.ESCALATE, CaseEvent.DEFER}
    for state in set(CaseState) - {CaseState.LEASED}:
        assert decisions.isdisjoint(allowed_case_events(state))


def test_whatever_is_reported_of_a_corrected_referral_it_stays_corrected() -> None:
    corrected = ReferralStatus.CORRECTED
    assert {move_referral(corrected, event) for event in allowed_referral_events(corrected)} == {corrected}
