"""What the ledger asks of the database: events come in at the end; entries and signed checkpoints go out, in order."""

from collections.abc import Sequence
from typing import Protocol

from services.referrer.checkpoints import Checkpoint
from services.referrer.ledger import Entry, Happened


class LedgerBook(Protocol):
    """The append-only record."""

    def append(self, happened: Sequence[Happened]) -> None:
        """Chain events to the end; appends of all writers follow one another."""
        ...

    def entries(self, after: int = 0, limit: int = 1_000) -> list[Entry]:
        """Entries in order."""
        ...

    def last(self) -> Entry | None:
        """The newest entry."""
        ...

    def rules(self) -> frozenset[tuple[str, str]]:
        """Names and digests of all rules that were ledgered; nobody else can add to them until the transaction ends."""
        ...

    def checkpoints(self) -> list[Checkpoint]:
        """All signed checkpoints, in order."""
        ...

    def sealed(self) -> int:
        """Number of the newest entry that a checkpoint is of; 0 for none."""
        ...

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep a signed checkpoint; of the same head only the first."""
        ...
