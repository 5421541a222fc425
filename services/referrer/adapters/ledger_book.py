"""The ledger in the database: appends of all writers follow one another, and nothing else ever changes a row."""

from collections.abc import Sequence

import orjson
import sqlalchemy as sa

from services.referrer.adapters.sql import columns_of, record_of, values_of
from services.referrer.adapters.tables import checkpoints, ledger
from services.referrer.checkpoints import Checkpoint
from services.referrer.ledger import GENESIS, Entry, Happened, LedgerKind, chained

# Any number that no other lock of this database has.
LOCK = 0x48554201
# SQLite keeps text in a column of bytes where somebody writes it there by hand: as bytes it can be checked like any other.
BODY = sa.cast(ledger.c.body, sa.LargeBinary).label("body")
ENTRY = [BODY if column is ledger.c.body else column for column in columns_of(Entry, ledger)]


class SqlLedger:
    """The ledger over one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def append(self, happened: Sequence[Happened]) -> None:
        """Chain events to the end. On PostgreSQL it waits for other writers' transactions; SQLite has only one anyway."""
        if not happened:
            return
        self._alone()
        last = self.last()
        seq, digest = (last.seq, last.hash) if last is not None else (0, GENESIS)
        self._connection.execute(sa.insert(ledger), [values_of(entry) for entry in chained(happened, seq, digest)])

    def _alone(self) -> None:
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))

    def rules(self) -> frozenset[tuple[str, str]]:
        """Names and digests of all rules that were ledgered; nobody else can add to them until the transaction ends."""
        self._alone()
        wanted = sa.select(ledger.c.body).where(ledger.c.kind == LedgerKind.POLICY_CHANGED.value)
        named = (_named(body) for body in self._connection.execute(wanted).scalars())
        return frozenset(each for each in named if each is not None)

    def entries(self, after: int = 0, limit: int = 1_000) -> list[Entry]:
        """Entries in order."""
        rows = self._connection.execute(
            sa.select(*ENTRY).where(ledger.c.seq > after).order_by(ledger.c.seq).limit(limit)
        )
        return [record_of(Entry, row) for row in rows.mappings()]

    def last(self) -> Entry | None:
        """The newest entry."""
        row = (
            self._connection.execute(sa.select(*ENTRY).order_by(ledger.c.seq.desc()).limit(1)).mappings().one_or_none()
        )
        return record_of(Entry, row) if row is not None else None

    def checkpoints(self) -> list[Checkpoint]:
        """All checkpoints, in order."""
        rows = self._connection.execute(sa.select(checkpoints).order_by(checkpoints.c.seq))
        return [record_of(Checkpoint, row) for row in rows.mappings()]

    def sealed(self) -> int:
        """Number of the newest entry that a checkpoint is of; 0 for none."""
        newest: int | None = self._connection.execute(sa.select(sa.func.max(checkpoints.c.seq))).scalar_one()
        return newest or 0

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep a signed checkpoint; of the same head only the first."""
        found = sa.select(checkpoints.c.seq).where(checkpoints.c.seq == checkpoint.seq)
        if self._connection.execute(found).first() is None:
            self._connection.execute(sa.insert(checkpoints), values_of(checkpoint))


def _named(body: bytes) -> tuple[str, str] | None:
    """Name and digest of the rules in an entry; None of one that was tampered with: a desk has to start all the same."""
    try:
        value = orjson.loads(body)
        return str(value["rules"]), str(value["digest"])
    except (ValueError, KeyError, TypeError):
        return None
