"""Deliveries in the database: requests are enrolled for a way when it first looks, and every change is made by one worker alone."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.delivery_tables import deliveries
from services.referrer.adapters.sql import record_of, values_of
from services.referrer.adapters.sql_books import SqlBooks
from services.referrer.adapters.tables import referrals
from services.referrer.books import Books
from services.referrer.delivery import Channel, Delivery, DeliveryState
from services.referrer.ledger import Happened, LedgerKind

ACTOR = "delivery"
# A request's time is taken before its transaction ends, so one that is older than the newest enrolled may still come.
OVERLAP = timedelta(hours=1)


class SqlDeliveryBook:
    """Deliveries over transactions of their own."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def ready(self, platform: str, channel: Channel, since: datetime, now: datetime, limit: int) -> Sequence[Delivery]:
        """What may be handed over now, first issued first; nothing overtakes an earlier one of its chain."""
        if self._database.read(lambda books: _unenrolled(_connection(books), platform, channel, since)):
            self._database.write(lambda books: _enrol(_connection(books), platform, channel, since))
        return self._database.read(lambda books: _ready(_connection(books), platform, channel, since, now, limit))

    def put(self, before: Delivery, now: Delivery, at: datetime) -> bool:
        """Store a change if nobody made another one meanwhile; an end lands in the ledger in the same transaction."""
        return self._database.write(lambda books: _put(books, before, now, at))


def _connection(books: Books) -> sa.Connection:
    if not isinstance(books, SqlBooks):
        raise TypeError("deliveries lie in the referrer's own database")
    return books.connection


def _missing(
    connection: sa.Connection, platform: str, channel: Channel, since: datetime
) -> sa.Select[tuple[object, ...]]:
    of_way = (deliveries.c.platform == platform, deliveries.c.channel == channel.value)
    # Each by itself is one look into an index; both together would count everything.
    ends = [
        sa.select(end(deliveries.c.issued_at)).where(*of_way).scalar_subquery() for end in (sa.func.min, sa.func.max)
    ]
    oldest, newest = connection.execute(sa.select(*ends)).one()
    issued = referrals.c.issued_at
    if newest is None:
        unseen = issued >= since
    else:
        # Before the oldest lies something only where somebody moved `since` back. Two ranges, each of which an index gives.
        unseen = sa.or_(issued >= max(since, newest - OVERLAP), sa.and_(issued >= since, issued < oldest))
    # What came after it in its chain was handed over without it, and must not be overtaken by it now.
    passed = deliveries.alias("passed")
    followed = sa.select(passed.c.referral_id).where(
        passed.c.root_referral_id == referrals.c.root_referral_id,
        passed.c.channel == channel.value,
        passed.c.issued_at > issued,
    )
    known = sa.select(deliveries.c.referral_id).where(
        deliveries.c.referral_id == referrals.c.referral_id, deliveries.c.channel == channel.value
    )
    return sa.select(
        referrals.c.referral_id,
        sa.literal(channel.value).label("channel"),
        referrals.c.root_referral_id,
        referrals.c.platform,
        referrals.c.issued_at,
        sa.literal(DeliveryState.WAITING.value).label("state"),
        sa.literal(0).label("attempts"),
        sa.literal(False).label("unsure"),
        sa.literal("").label("said"),
    ).where(
        referrals.c.platform == platform,
        unseen,
        ~known.exists(),
        ~followed.exists(),
    )


def _unenrolled(connection: sa.Connection, platform: str, channel: Channel, since: datetime) -> bool:
    return connection.execute(_missing(connection, platform, channel, since).limit(1)).first() is not None


def _enrol(connection: sa.Connection, platform: str, channel: Channel, since: datetime) -> None:
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    missing = _missing(connection, platform, channel, since)
    statement = make(deliveries).from_select([column.name for column in missing.selected_columns], missing)
    connection.execute(statement.on_conflict_do_nothing())


def _ready(
    connection: sa.Connection, platform: str, channel: Channel, since: datetime, now: datetime, limit: int
) -> list[Delivery]:
    earlier = deliveries.alias("earlier")
    overtakes = sa.select(earlier.c.referral_id).where(
        earlier.c.root_referral_id == deliveries.c.root_referral_id,
        earlier.c.platform == deliveries.c.platform,
        earlier.c.channel == deliveries.c.channel,
        earlier.c.state == DeliveryState.WAITING.value,
        earlier.c.issued_at >= since,
        sa.or_(
            earlier.c.issued_at < deliveries.c.issued_at,
            sa.and_(earlier.c.issued_at == deliveries.c.issued_at, earlier.c.referral_id < deliveries.c.referral_id),
        ),
    )
    statement = (
        sa.select(deliveries, referrals.c.body)
        .join(referrals, referrals.c.referral_id == deliveries.c.referral_id)
        .where(
            deliveries.c.platform == platform,
            deliveries.c.channel == channel.value,
            deliveries.c.state == DeliveryState.WAITING.value,
            deliveries.c.issued_at >= since,
            sa.or_(deliveries.c.next_at.is_(None), deliveries.c.next_at <= now),
            ~overtakes.exists(),
        )
        .order_by(deliveries.c.issued_at, deliveries.c.referral_id)
        .limit(limit)
    )
    return [record_of(Delivery, row) for row in connection.execute(statement).mappings()]


def _put(books: Books, before: Delivery, now: Delivery, at: datetime) -> bool:
    values = values_of(now)
    changed = _connection(books).execute(
        sa.update(deliveries)
        .where(
            deliveries.c.referral_id == now.referral_id,
            deliveries.c.channel == now.channel.value,
            deliveries.c.state == before.state.value,
            deliveries.c.attempts == before.attempts,
        )
        .values({name: values[name] for name in ("state", "attempts", "next_at", "ended_at", "unsure", "said")})
    )
    if changed.rowcount != 1:
        return False
    if now.state is not DeliveryState.WAITING:
        books.ledger.append([_ended(now, at)])
    return True


def _ended(delivery: Delivery, at: datetime) -> Happened:
    delivered = delivery.state is DeliveryState.DELIVERED
    body = {
        "referral_id": delivery.referral_id,
        "channel": delivery.channel.value,
        "attempts": delivery.attempts,
        "sha256": hashlib.sha256(delivery.body).hexdigest(),
    }
    if delivered:
        return Happened(at, LedgerKind.DELIVERED, ACTOR, body | {"possibly_repeated": delivery.unsure})
    return Happened(at, LedgerKind.UNDELIVERED, ACTOR, body | {"possibly_received": delivery.unsure})
