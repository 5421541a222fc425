"""What an audit reads of the referrer's inbox, on both databases."""

from datetime import timedelta

from schemas.topics import RANKED, TAKEDOWN_OUTCOME
from services.commands.audit import inbox_of
from services.referrer.adapters.database import SqlDatabase
from services.referrer.records import Ended, InboxMark
from services.runtime.conservation import Found
from services.runtime.envelope import Source
from tests.builders import NOON

DAY = timedelta(days=1)


def mark(topic: str, offset: int, ended: Ended = Ended.RECORDED, days: float = 0) -> InboxMark:
    return InboxMark(Source(topic, 0, offset), ended, None, NOON - days * DAY)


def test_an_audit_reads_of_the_inbox_what_it_looks_at_and_no_more(database: SqlDatabase, database_url: str) -> None:
    marks = [
        mark(RANKED.name, 0, days=3), mark(RANKED.name, 1, days=2), mark(RANKED.name, 2, Ended.DUPLICATE),
        mark(RANKED.name, 3, Ended.DEAD_LETTERED), mark(TAKEDOWN_OUTCOME.name, 0, days=3),
    ]  # fmt: skip
    database.write(lambda books: books.inbox.mark(marks))
    found = inbox_of(database_url)({RANKED.name: NOON - 2 * DAY, TAKEDOWN_OUTCOME.name: NOON - 400 * DAY})
    assert sorted(found, key=str) == [
        (Source(RANKED.name, 0, 1), Found.RECORDED),
        (Source(RANKED.name, 0, 2), Found.DUPLICATE),
        (Source(TAKEDOWN_OUTCOME.name, 0, 0), Found.RECORDED),
    ]
