"""What ingest asks of the outside, in its own words."""

from collections.abc import Sequence
from typing import Protocol

from services.runtime.envelope import Outgoing


class Sender(Protocol):
    """Hands records to the broker in order."""

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """Return when all in-sync replicas have every record.

        Raises Retryable when the outcome is unknown, Rejected when a record is too large, Fatal when sending cannot go on.
        """
        ...
