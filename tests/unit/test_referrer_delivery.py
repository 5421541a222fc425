"""Deliveries: what an answer makes of one, how long the desk waits, and in which order requests leave."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.referrer.delivery import (
    Again,
    Breaker,
    Channel,
    Delivery,
    DeliveryRules,
    DeliveryState,
    Refused,
    Taken,
    after,
    back_off,
    claimed,
    given_up,
    parcel_of,
    ready,
)
from services.runtime.codec import encode
from services.runtime.errors import Rejected
from tests.builders import NOON, a_request

RULES = DeliveryRules()
REQUEST = a_request()
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def a_delivery(number: int = 1, **changes: Any) -> Delivery:
    """A delivery that waits; its number stands for its id and its chain."""
    values: dict[str, Any] = {
        "referral_id": UUID(int=number),
        "root_referral_id": UUID(int=number),
        "platform": "bluesky",
        "channel": Channel.WEBHOOK,
        "body": encode(REQUEST),
        "issued_at": NOON,
    }
    return Delivery(**(values | changes))


def test_a_parcel_is_the_request_and_the_very_bytes() -> None:
    parcel = parcel_of(a_delivery())
    assert (parcel.request, parcel.body) == (REQUEST, encode(REQUEST))


def test_stored_bytes_that_are_no_request_are_rejected() -> None:
    with pytest.raises(Rejected):
        parcel_of(a_delivery(body=b"{}"))


def test_a_taken_delivery_has_ended() -> None:
    done = after(a_delivery(), Taken("200"), NOON, RULES, 0.0)
    assert (done.state, done.attempts, done.ended_at, done.unsure) == (DeliveryState.DELIVERED, 1, NOON, False)


def test_a_refused_delivery_is_a_dead_letter_at_once() -> None:
    dead = after(a_delivery(), Refused("410"), NOON, RULES, 0.0)
    assert (dead.state, dead.said, dead.ended_at) == (DeliveryState.DEAD, "410", NOON)


def test_an_attempt_without_an_answer_is_repeated_later_and_marked() -> None:
    tried = after(a_delivery(), Again("timeout", unsure=True), NOON, RULES, 0.0)
    assert (tried.state, tried.attempts, tried.unsure, tried.ended_at) == (DeliveryState.WAITING, 1, True, None)
    assert tried.next_at is not None
    assert tried.next_at > NOON


def test_what_may_have_arrived_before_stays_marked_when_it_is_taken() -> None:
    tried = after(a_delivery(), Again("timeout", unsure=True), NOON, RULES, 0.0)
    assert after(tried, Taken("200"), NOON, RULES, 0.0).unsure
    assert after(a_delivery(), Taken("409", repeat=True), NOON, RULES, 0.0).unsure


def test_a_claim_is_what_a_crash_leaves_behind() -> None:
    """Stored before the attempt: whoever finds it later knows that the request may have left."""
    trying = claimed(a_delivery(), NOON, RULES)
    assert (trying.attempts, trying.unsure, trying.state) == (1, True, DeliveryState.WAITING)
    assert trying.next_at == NOON + RULES.claim_for


def test_a_receiver_that_asks_for_time_gets_it() -> None:
    tried = after(a_delivery(), Again("429", after=2 * HOUR), NOON, RULES, 0.0)
    assert tried.next_at == NOON + 2 * HOUR


def test_waits_double_up_to_the_longest_and_half_of_each_is_chance() -> None:
    least = [back_off(n, RULES, 0.0) for n in range(1, 9)]
    most = [back_off(n, RULES, 0.999999) for n in range(1, 9)]
    assert least[:4] == [timedelta(seconds=s) for s in (15, 30, 60, 120)]
    assert least[-1] == RULES.longest_wait / 2
    assert all(low < high <= 2 * low for low, high in zip(least, most, strict=True))


def test_any_number_of_attempts_gives_a_wait() -> None:
    assert back_off(10_000, RULES, 0.5) < RULES.longest_wait


def test_after_the_set_age_a_delivery_is_a_dead_letter_that_says_why() -> None:
    old = a_delivery(attempts=7, said="503")
    assert given_up(old, NOON + RULES.give_up_after - MINUTE, RULES) is None
    dead = given_up(old, NOON + RULES.give_up_after, RULES)
    assert dead is not None
    assert dead.state is DeliveryState.DEAD
    assert dead.said == "gave up after 7 attempts in 1 day, 0:00:00: 503"


def test_an_attempt_at_the_set_age_is_the_last_one() -> None:
    tried = after(a_delivery(), Again("503"), NOON + RULES.give_up_after, RULES, 0.0)
    assert tried.state is DeliveryState.DEAD


def test_what_was_never_tried_says_so() -> None:
    dead = given_up(a_delivery(), NOON + 30 * HOUR, RULES)
    assert dead is not None
    assert dead.said.endswith("never tried")


def test_requests_leave_in_order_of_issue() -> None:
    deliveries = [a_delivery(n, issued_at=NOON - n * MINUTE) for n in range(3)]
    assert [each.referral_id.int for each in ready(deliveries, NOON)] == [2, 1, 0]


def test_what_has_ended_or_has_to_wait_is_left_out() -> None:
    waits = a_delivery(1, next_at=NOON + MINUTE)
    done = a_delivery(2, state=DeliveryState.DELIVERED)
    dead = a_delivery(3, state=DeliveryState.DEAD)
    due = a_delivery(4, next_at=NOON)
    assert ready([waits, done, dead, due], NOON) == [due]


def test_a_withdrawal_never_overtakes_what_it_takes_back() -> None:
    request = a_delivery(1, next_at=NOON + MINUTE)
    withdrawal = a_delivery(2, root_referral_id=UUID(int=1), issued_at=NOON + timedelta(seconds=1))
    assert ready([withdrawal, request], NOON) == []
    assert ready([withdrawal, request], NOON + MINUTE) == [request]
    assert ready([withdrawal, replace(request, state=DeliveryState.DEAD)], NOON) == [withdrawal]


def test_a_chain_on_another_way_does_not_hold_it_up() -> None:
    mail = a_delivery(1, channel=Channel.EMAIL, next_at=NOON + MINUTE)
    assert ready([mail, a_delivery(1)], NOON) == [a_delivery(1)]


def broken(failures: int) -> Breaker:
    """A breaker after that many failures in a row."""
    breaker = Breaker()
    for _ in range(failures):
        breaker = breaker.after(Again("503"), NOON, RULES)
    return breaker


def test_a_breaker_opens_after_failures_in_a_row_and_lets_one_try_after_a_while() -> None:
    assert broken(RULES.failures_to_open - 1).allows(NOON, RULES)
    opened = broken(RULES.failures_to_open)
    assert not opened.allows(NOON + RULES.open_for - MINUTE, RULES)
    assert opened.allows(NOON + RULES.open_for, RULES)


def test_a_failed_try_opens_it_again_at_once() -> None:
    later = NOON + RULES.open_for
    again = broken(RULES.failures_to_open).after(Again("503"), later, RULES)
    assert not again.allows(later + RULES.open_for - MINUTE, RULES)


@pytest.mark.parametrize("answer", [Taken("200"), Refused("400")])
def test_any_answer_closes_it(answer: Taken | Refused) -> None:
    assert broken(RULES.failures_to_open).after(answer, NOON, RULES) == Breaker()
