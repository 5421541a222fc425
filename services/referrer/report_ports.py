"""What a transparency report asks of the database: a period comes in; what was asked, answered and decided in it goes out."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from services.referrer.transparency import Answer, Asked, Said


class ReportBook(Protocol):
    """What a transparency report counts."""

    def size(self, start: datetime, end: datetime) -> int:
        """How many requests were issued in the period."""
        ...

    def asked(self, start: datetime, end: datetime) -> Iterator[Asked]:
        """Requests issued in the period."""
        ...

    def answers(self, start: datetime, end: datetime, until: datetime) -> Iterator[Answer]:
        """All that was reported about requests of the period, up to `until`."""
        ...

    def said(self, start: datetime, end: datetime) -> Iterator[Said]:
        """Decisions of the period."""
        ...
