"""What the pages of leads, platforms and auditors ask of the database: counts and stretches, never content."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from schemas.referral_vocabulary import ReferralStatus
from schemas.review import CaseState, Decision
from schemas.vocabulary import Band
from services.referrer.ledger import Entry
from services.referrer.outcomes import Verdict


@dataclass(frozen=True, slots=True)
class Load:
    """How many cases of one state and band there are, and since when the oldest waits."""

    state: CaseState
    band: Band
    cases: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Which entries are asked for; those before `before`, the newest first."""

    kind: str | None = None
    actor: str | None = None
    before: int | None = None


class OverviewBook(Protocol):
    """Counts over everything."""

    def load(self) -> Sequence[Load]:
        """Cases that are not decided, by state and band."""
        ...

    def holding(self) -> Mapping[str, int]:
        """How many cases each person holds now."""
        ...

    def views(self, since: datetime) -> Mapping[str, int]:
        """How often each person looked at content."""
        ...

    def decided(self, since: datetime) -> Mapping[str, Mapping[Decision, int]]:
        """What each person decided, counted."""
        ...

    def requests(self, since: datetime) -> Mapping[str, Mapping[ReferralStatus, int]]:
        """Requests issued since, per platform, by where they stand now."""
        ...

    def verdicts(self, since: datetime) -> Mapping[str, Mapping[Verdict, int]]:
        """What platforms said of requests issued since, counted."""
        ...

    def seconds_to_action(self, since: datetime, limit: int) -> Mapping[str, Sequence[float]]:
        """How long platforms took to act, of the newest `limit` actions since."""
        ...

    def overdue(self, now: datetime) -> Mapping[str, int]:
        """Requests past their deadline that the platform has neither acted on nor refused."""
        ...

    def cases_of(self, content_keys: Collection[str]) -> Mapping[str, UUID]:
        """Which case each of these contents belongs to, to look at."""
        ...

    def entries(self, wanted: LedgerFilter, limit: int) -> Sequence[Entry]:
        """Entries of the ledger, the newest first."""
        ...

    def newest(self, limit: int) -> Sequence[Entry]:
        """The last entries of the ledger, in order."""
        ...
