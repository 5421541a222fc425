"""A lead, a reviewer or an auditor asks how things stand; counts, times and entries of the ledger, without content, go out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from schemas.referral_vocabulary import ReferralStatus
from schemas.review import Decision
from services.referrer.agreement import Agreement
from services.referrer.books import Books, Database
from services.referrer.declined import Declined, not_allowed
from services.referrer.directory import Directory
from services.referrer.exercises import Sort, agreed
from services.referrer.ledger import Break, Entry, first_break
from services.referrer.outcomes import Verdict
from services.referrer.overview_ports import LedgerFilter, Load
from services.referrer.records import Person
from services.referrer.roles import Action, Role
from services.runtime.clock import Clock

SHIFT, QUARTER = timedelta(hours=24), timedelta(days=90)
ACTIONS_LOOKED_AT = 20_000
ENTRIES_ON_A_PAGE, CHECKED, MOST_CHECKED = 100, 1_000, 50_000


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person's day: what the person holds, looked at and decided."""

    pseudonym: str
    role: Role
    holds: int
    views: int
    decided: Mapping[Decision, int]


@dataclass(frozen=True, slots=True)
class Team:
    """How the desk stands; agreement is that of the last 90 days, of two people blindly and with known answers."""

    load: Sequence[Load]
    colleagues: Sequence[Colleague]
    since: datetime
    blind: Agreement
    golden: Agreement


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """How one platform deals with requests; `median_seconds` is the time to action, `contact` is of the directory."""

    name: str
    provider: str
    contact: str
    deadline_hours: float | None
    review_by: date | None
    statuses: Mapping[ReferralStatus, int]
    verdicts: Mapping[Verdict, int]
    median_seconds: float | None
    overdue: int

    @property
    def requests(self) -> int:
        """How many were issued."""
        return sum(self.statuses.values())

    @property
    def acceptance(self) -> float | None:
        """Share of the verdicts that accept; a reversal counts against. None without verdicts."""
        accepted = self.verdicts.get(Verdict.ACCEPTED, 0)
        against = self.verdicts.get(Verdict.REFUSED, 0) + self.verdicts.get(Verdict.REVERSED, 0)
        return accepted / (accepted + against) if accepted + against else None


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether the end of the ledger holds together: how many entries were checked, and the first break."""

    entries: int
    first: int
    broken: Break | None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries of the ledger, the newest first, and whether its end holds."""

    entries: Sequence[Entry]
    checked: Checked


class Overview:
    """Looks; changes nothing."""

    def __init__(self, database: Database, directory: Directory, clock: Clock) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock

    def team(self, person: Person) -> Team | Declined:
        """Load, ages, and what each person was exposed to in the last 24 hours."""
        if (refused := not_allowed(person, Action.VIEW_TEAM)) is not None:
            return refused
        since = self._clock.now() - SHIFT

        def look(books: Books) -> Team:
            holding, views, decided = (
                books.overview.holding(),
                books.overview.views(since),
                books.overview.decided(since),
            )
            people = [each for each in books.people.everybody() if each.revoked_at is None]
            rows = [
                Colleague(
                    each.pseudonym, each.role, holding.get(each.pseudonym, 0), views.get(each.pseudonym, 0),
                    decided.get(each.pseudonym, {}),
                )
                for each in people
                if each.role is not Role.ADMIN
            ]  # fmt: skip
            tally = books.exercises.tally(self._clock.now() - QUARTER)
            return Team(
                books.overview.load(), sorted(rows, key=lambda row: (-row.views, row.pseudonym)), since,
                agreed(tally, Sort.BLIND), agreed(tally, Sort.GOLDEN),
            )  # fmt: skip

        return self._database.read(look)

    def platforms(self, person: Person) -> Sequence[PlatformRow] | Declined:
        """What platforms made of the requests of the last 90 days."""
        if (refused := not_allowed(person, Action.VIEW_PLATFORMS)) is not None:
            return refused
        now = self._clock.now()
        since = now - QUARTER

        def look(books: Books) -> list[PlatformRow]:
            requests, verdicts = books.overview.requests(since), books.overview.verdicts(since)
            times, overdue = books.overview.seconds_to_action(since, ACTIONS_LOOKED_AT), books.overview.overdue(now)
            known = {platform.name for platform in self._directory.platforms}
            rows = [
                self._platform(name, requests.get(name, {}), verdicts.get(name, {}), times.get(name, ()), overdue)
                for name in sorted({*requests, *known})
            ]
            return sorted(rows, key=lambda row: (-row.requests, row.name))

        return self._database.read(look)

    def _platform(
        self, name: str, statuses: Mapping[ReferralStatus, int], verdicts: Mapping[Verdict, int],
        times: Sequence[float], overdue: Mapping[str, int],
    ) -> PlatformRow:  # fmt: skip
        known = next((each for each in self._directory.platforms if each.name == name), None)
        return PlatformRow(
            name=name,
            provider=known.provider if known else "not in the directory",
            contact=f"{known.channel}: {known.contact_point}" if known else "",
            deadline_hours=known.deadline_hours if known else None,
            review_by=known.review_by if known else None,
            statuses=statuses,
            verdicts=verdicts,
            median_seconds=median(times) if times else None,
            overdue=overdue.get(name, 0),
        )

    def audit(self, person: Person, wanted: LedgerFilter, check: int = CHECKED) -> AuditPage | Declined:
        """A page of the ledger; its last `check` entries are held against one another."""
        if (refused := not_allowed(person, Action.VIEW_AUDIT)) is not None:
            return refused

        def look(books: Books) -> AuditPage:
            last = books.overview.newest(min(check, MOST_CHECKED))
            return AuditPage(books.overview.entries(wanted, ENTRIES_ON_A_PAGE), _checked(last))

        return self._database.read(look)


def _checked(entries: Sequence[Entry]) -> Checked:
    if not entries:
        return Checked(0, 0, None)
    first = entries[0]
    return Checked(len(entries), first.seq, first_break(entries, first.seq - 1, first.previous_hash))
