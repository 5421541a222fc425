"""The cases as they stand come in; boards go out, over HTTP when asked for and to their topic when a reader would see another one."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from schemas.ranking import BoardEntry, RankingBoard
from schemas.topics import BOARD
from schemas.vocabulary import Window
from services.referrer.boards import DEFAULT_SIZE, LENGTH, Boards, Where, boards, fact, key
from services.referrer.books import Books, Database
from services.referrer.explaining import explained_by, explaining
from services.referrer.leaving import STAGE
from services.referrer.memory_ports import Kept
from services.referrer.records import Case
from services.runtime.clock import Clock
from services.runtime.codec import encode
from services.runtime.envelope import Outgoing, envelope

# Cases of the boards of many platforms; beyond that all are explained anew.
EXPLAINED = 5_000
# Before a scope whose boards were ever published, where it is noted: one sign, which leaves room for the longest platform's name.
NOTED = "@"


class BoardKeeper:
    """Computes boards; publishes those that changed. One process at a time publishes, any may answer."""

    def __init__(self, database: Database, clock: Clock, size: int = DEFAULT_SIZE) -> None:
        self._database = database
        self._clock = clock
        self._size = size
        self._published: Mapping[Where, tuple[BoardEntry, ...] | None] | None = None
        self._noted: set[str] = set()
        self._reasons: dict[UUID, tuple[int, Kept | None, tuple[str, ...]]] = {}

    def board(self, window: Window, scope: str) -> RankingBoard:
        """One board as it stands now; empty where the window holds nothing of the scope."""
        now = self._clock.now()
        found = self._database.read(lambda books: self._boards(books, now))
        return fact(window, scope, found.get((window, scope), ()), now)

    def publish(self) -> int:
        """Put every board that changed into the outbox; gives how many.

        A new leader publishes all of them once, and those that were ever published and are empty now: the topic is compacted and
        keeps the last board for ever, with the reasons of what is gone.
        """
        now = self._clock.now()
        before = self._published
        if before is None:
            self._noted = set(self._database.read(lambda books: books.chores.names(NOTED)))
            before = {(window, name.removeprefix(NOTED)): None for window in Window for name in self._noted}
        # Looking holds nobody up; only where a board changed is anything written.
        found = self._database.read(lambda books: self._boards(books, now))
        stands = {where: found.get(where, ()) for where in sorted(before.keys() | found.keys())}
        changed = {where: entries for where, entries in stands.items() if entries != before.get(where)}
        if changed:
            self._database.write(lambda books: self._put(books, changed, now))
        self._published = found
        self._noted.update(NOTED + scope for _, scope in changed)
        return len(changed)

    def _put(self, books: Books, changed: Boards, now: datetime) -> None:
        books.outbox.append([self._record(fact(*where, entries, now)) for where, entries in changed.items()])
        for name in sorted({NOTED + scope for _, scope in changed} - self._noted):
            books.chores.done(name, now)

    @staticmethod
    def _record(board: RankingBoard) -> Outgoing:
        name = key(board.window, board.scope)
        headers = envelope(
            BOARD, id=f"{name.decode()}/{board.computed_at.isoformat()}", stage=STAGE, time=board.computed_at
        )
        return Outgoing(BOARD.name, name, encode(board), headers)

    def _boards(self, books: Books, now: datetime) -> Boards:
        """Exact: what is on any board of a window is among the riskiest of its platform within that window."""
        cases: dict[UUID, Case] = {}
        platforms: dict[UUID, set[str]] = {}
        for length in LENGTH.values():
            for case, platform in books.boards.riskiest(now - length, self._size):
                cases[case.case_id] = case
                platforms.setdefault(case.case_id, set()).add(platform)
        tops = explaining(books, [case.content_key for case in cases.values()])
        entries = (self._entry(books, case, tops.get(case.content_key)) for case in cases.values())
        return boards(entries, platforms, now, self._size)

    def _entry(self, books: Books, case: Case, top: Kept | None) -> BoardEntry:
        return BoardEntry(
            rank=1,
            case_id=case.case_id,
            content_key=case.content_key,
            platform=case.platform,
            band=case.band,
            risk=case.risk,
            event_time=case.event_time,
            newest_at=case.newest_at,
            reasons=self._said(books, case, top),
        )

    def _said(self, books: Books, case: Case, top: Kept | None) -> tuple[str, ...]:
        """The reasons of a case: the same ones while neither the case nor what explains it has changed.

        The case alone does not tell: under the bound on context its risk may stand while its context is another one.
        """
        # Several threads ask at once: each step here is whole by itself, and what one has found it keeps in hand.
        known = self._reasons.get(case.case_id)
        if known is not None and known[:2] == (case.revision, top):
            return known[2]
        found = explained_by(books, top, case.observation_id).reasons
        if len(self._reasons) >= EXPLAINED:
            self._reasons.clear()
        self._reasons[case.case_id] = (case.revision, top, found)
        return found
