"""A period comes in; everything that a report counts, and a recount of the same from the ledger, goes out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from services.referrer.books import Books, Database
from services.referrer.ledger import GENESIS, Entry, first_break
from services.referrer.retention import Kind, Retention
from services.referrer.transparency import Period, Recount

PIECE = 2_000


class Reporting:
    """Reads periods. Blocking. `said` hears how far it is: words, how many, of how many."""

    def __init__(self, database: Database, said: Callable[[str, int, int], None] = lambda _what, _n, _of: None) -> None:
        self._database = database
        self._said = said

    def period(self, start: datetime, end: datetime, until: datetime) -> Period:
        """The period with what came of its requests up to `until`; what comes while it is read counts nowhere."""

        def work(books: Books) -> Period:
            of, asked = books.report.size(start, end), []
            for number, each in enumerate(books.report.asked(start, end), 1):
                asked.append(each)
                self._said("requests", number, of)
            answers, said = list(books.report.answers(start, end, until)), list(books.report.said(start, end))
            return Period(start, end, until, asked, answers, said)

        return self._database.read(work)

    def differences(self, period: Period) -> list[str]:
        """Count the period again from the ledger, which is verified on the way; what does not agree, by name."""
        recount = Recount(period.start, period.end, period.until)
        last = self._database.read(lambda books: books.ledger.last())
        seq, digest, head = 0, GENESIS, last.seq if last else 0
        while entries := self._database.read(partial(_entries, after=seq)):
            if (broken := first_break(entries, seq, digest)) is not None:
                return [f"the ledger is broken at entry {broken.seq}: {broken.why}"]
            for entry in entries:
                recount.add(entry)
            seq, digest = entries[-1].seq, entries[-1].hash
            self._said("ledger", seq, max(seq, head))
        return recount.differences(period)


def _entries(books: Books, after: int) -> list[Entry]:
    return books.ledger.entries(after, PIECE)


def reach(ages: Retention, now: datetime) -> datetime:
    """From when on a report is complete: what is older may have been removed."""
    days = [found for kind in (Kind.REQUESTS, Kind.DECISIONS) if (found := ages.kinds[kind].days) is not None]
    return now - timedelta(days=min(days, default=0)) if days else datetime.min.replace(tzinfo=now.tzinfo)
