"""Deliveries in the database: each request is enrolled once per way, one worker has it, and its end stands in the ledger."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import orjson
import pytest
import structlog

from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.delivery_book import SqlDeliveryBook
from services.referrer.deliverer import Deliverer, Way
from services.referrer.delivery import (
    Again,
    Answer,
    Channel,
    Delivery,
    DeliveryRules,
    Parcel,
    Taken,
    after,
    claimed,
    ready,
)
from services.referrer.records import Referral
from tests.builders import NOON, normalised, ranked
from tests.desk import ADesk

LONG_AGO = NOON - timedelta(days=9)
RULES = DeliveryRules()


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


@pytest.fixture
def book(database: SqlDatabase) -> SqlDeliveryBook:
    return SqlDeliveryBook(database)


def referral(desk: ADesk, number: int) -> Referral:
    """A request of its own; one is issued a second after the other."""
    desk.clock.forward(seconds=1)
    # Texts that share no word, so that none is gathered into the case of another one.
    words = f"gonna get you {'abcdefghij'[number] * 9} at the {'klmnopqrst'[number] * 9}"
    return desk.approved(desk.case(ranked(normalised(words, content_id=f"p-{number}"))))


def follows(desk: ADesk, first: Referral, seconds: int = 60) -> Referral:
    """A later record of the same chain."""
    later = replace(first, referral_id=UUID(int=seconds), issued_at=first.issued_at + timedelta(seconds=seconds))
    desk.database.write(lambda books: books.referrals.add(later))
    return later


def waiting(
    book: SqlDeliveryBook, now: datetime = NOON + timedelta(hours=1), *, since: datetime = LONG_AGO,
    channel: Channel = Channel.WEBHOOK, platform: str = "bluesky", limit: int = 100,
) -> Sequence[Delivery]:  # fmt: skip
    """What this way has to hand over."""
    return book.ready(platform, channel, since, now, limit)


def test_every_request_waits_once_for_every_way_with_its_bytes(desk: ADesk, book: SqlDeliveryBook) -> None:
    made = [referral(desk, n) for n in range(3)]
    for channel in (Channel.WEBHOOK, Channel.EMAIL):
        for _ in range(2):
            found = waiting(book, channel=channel)
            assert [(each.referral_id, each.body) for each in found] == [(r.referral_id, r.body) for r in made]


def test_a_request_that_comes_later_is_enrolled_later(desk: ADesk, book: SqlDeliveryBook) -> None:
    first = referral(desk, 0)
    assert [each.referral_id for each in waiting(book)] == [first.referral_id]
    second = referral(desk, 1)
    assert [each.referral_id for each in waiting(book)] == [first.referral_id, second.referral_id]


def test_a_request_whose_transaction_ended_late_is_enrolled_all_the_same(desk: ADesk, book: SqlDeliveryBook) -> None:
    first = referral(desk, 0)
    waiting(book)
    earlier = first.issued_at - timedelta(minutes=5)
    late = replace(first, referral_id=UUID(int=7), root_referral_id=UUID(int=7), issued_at=earlier)
    desk.database.write(lambda books: books.referrals.add(late))
    assert [each.referral_id for each in waiting(book)] == [late.referral_id, first.referral_id]


def test_what_was_issued_before_the_way_was_opened_stays_where_it_is(desk: ADesk, book: SqlDeliveryBook) -> None:
    referral(desk, 0)
    second = referral(desk, 1)
    assert [each.referral_id for each in waiting(book, since=second.issued_at)] == [second.referral_id]


def test_moving_since_back_enrols_what_was_issued_in_between(desk: ADesk, book: SqlDeliveryBook) -> None:
    first = referral(desk, 0)
    desk.clock.forward(hours=3)
    second = referral(desk, 1)
    later = NOON + timedelta(hours=4)
    assert [each.referral_id for each in waiting(book, later, since=second.issued_at)] == [second.referral_id]
    assert [each.referral_id for each in waiting(book, later)] == [first.referral_id, second.referral_id]


@pytest.mark.parametrize("seconds", [60, 3 * 3_600])
def test_moving_since_back_brings_up_no_request_after_what_took_it_back(
    desk: ADesk, book: SqlDeliveryBook, seconds: int
) -> None:
    """The platform would be asked for what the desk no longer wants."""
    withdrawal = follows(desk, referral(desk, 0), seconds)
    later = NOON + timedelta(hours=4)
    for since in (withdrawal.issued_at, LONG_AGO):
        assert [each.referral_id for each in waiting(book, later, since=since)] == [withdrawal.referral_id]


def test_a_way_sees_its_own_platform_only(desk: ADesk, book: SqlDeliveryBook) -> None:
    referral(desk, 0)
    assert waiting(book, platform="mastodon") == []


def test_no_more_than_asked_for(desk: ADesk, book: SqlDeliveryBook) -> None:
    made = [referral(desk, n) for n in range(3)]
    assert [each.referral_id for each in waiting(book, limit=2)] == [r.referral_id for r in made[:2]]


def test_the_database_chooses_what_the_rule_chooses(desk: ADesk, book: SqlDeliveryBook) -> None:
    """`delivery.ready` is the rule; the query is another way to say it."""
    first, second = referral(desk, 0), referral(desk, 1)
    follows(desk, first)
    follows(desk, second, 90)
    referral(desk, 2)
    held, free, *_ = every = list(waiting(book, NOON + timedelta(days=1)))
    every += [each for root in (first, second) for each in _chained(book, root)]
    now = NOON + timedelta(hours=1)
    later = claimed(held, now, RULES)
    done = after(free, Taken("200"), now, RULES, 0.0)
    assert book.put(held, later, now)
    assert book.put(free, done, now)
    known = {each.referral_id: each for each in every} | {held.referral_id: later, free.referral_id: done}
    for minutes in (0, 1, 2, 3):
        at = now + timedelta(minutes=minutes)
        assert list(waiting(book, at)) == ready(known.values(), at)


def _chained(book: SqlDeliveryBook, root: Referral) -> list[Delivery]:
    """The deliveries that wait behind the first one of a chain."""
    seconds = 60 if root.issued_at == NOON + timedelta(seconds=1) else 90
    return [
        Delivery(UUID(int=seconds), root.root_referral_id, root.platform, Channel.WEBHOOK, root.body,
                 root.issued_at + timedelta(seconds=seconds))
    ]  # fmt: skip


def test_of_two_workers_one_claims_a_delivery(desk: ADesk, book: SqlDeliveryBook) -> None:
    referral(desk, 0)
    (seen_by_both,) = waiting(book)
    claim = claimed(seen_by_both, NOON, RULES)
    assert book.put(seen_by_both, claim, NOON)
    assert not book.put(seen_by_both, claim, NOON)


def test_a_claimed_delivery_is_nobody_elses_until_the_claim_ends(desk: ADesk, book: SqlDeliveryBook) -> None:
    referral(desk, 0)
    now = NOON + timedelta(hours=1)
    (delivery,) = waiting(book, now)
    book.put(delivery, claimed(delivery, now, RULES), now)
    assert waiting(book, now + RULES.claim_for - timedelta(seconds=1)) == []
    (left,) = waiting(book, now + RULES.claim_for)
    assert (left.unsure, left.attempts) == (True, 1)


def test_the_end_of_a_delivery_stands_in_the_ledger_with_the_hash_of_what_left(
    desk: ADesk, book: SqlDeliveryBook
) -> None:
    referral(desk, 0)
    (delivery,) = waiting(book)
    claim = claimed(delivery, NOON, RULES)
    book.put(delivery, claim, NOON)
    before = desk.ledger()
    book.put(claim, after(delivery, Taken("200"), NOON, RULES, 0.0), NOON)
    entry = desk.database.read(lambda books: books.ledger.entries())[-1]
    body = orjson.loads(entry.body)
    assert list(desk.ledger()) == [*before, "delivered"]
    assert (body["channel"], body["attempts"], body["possibly_repeated"]) == ("webhook", 1, False)
    assert body["referral_id"] == str(delivery.referral_id)
    assert len(body["sha256"]) == 64


def test_a_failed_attempt_is_not_an_end(desk: ADesk, book: SqlDeliveryBook) -> None:
    referral(desk, 0)
    before = desk.ledger()
    (delivery,) = waiting(book)
    book.put(delivery, after(delivery, Again("503"), NOON, RULES, 0.0), NOON)
    assert desk.ledger() == before


class Receiver:
    """Takes what it is told to take."""

    channel = Channel.WEBHOOK

    def __init__(self) -> None:
        self.answer: Answer = Taken("200")
        self.handed: list[UUID] = []

    async def deliver(self, parcel: Parcel) -> Answer:
        self.handed.append(parcel.request.referral_id)
        return self.answer


async def test_a_worker_over_the_database_hands_everything_over_once(desk: ADesk, book: SqlDeliveryBook) -> None:
    made = [referral(desk, n) for n in range(4)]
    receiver = Receiver()
    way = Way("bluesky", receiver, LONG_AGO, 1_000)
    workers = [Deliverer(book, [way], RULES, desk.clock, structlog.get_logger()) for _ in range(2)]
    for worker in workers:
        await worker.round()
    assert receiver.handed == [r.referral_id for r in made]
    assert desk.ledger().count("delivered") == 4


async def test_what_nobody_took_in_time_ends_in_the_ledger_too(desk: ADesk, book: SqlDeliveryBook) -> None:
    referral(desk, 0)
    receiver = Receiver()
    receiver.answer = Again("503", unsure=True)
    worker = Deliverer(book, [Way("bluesky", receiver, LONG_AGO, 1_000)], RULES, desk.clock, structlog.get_logger())
    await worker.round()
    desk.clock.forward(hours=25)
    await worker.round()
    entry = desk.database.read(lambda books: books.ledger.entries())[-1]
    assert (entry.kind, orjson.loads(entry.body)["possibly_received"]) == ("undelivered", True)
    assert waiting(book, NOON + timedelta(days=9)) == []
