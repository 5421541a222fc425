"""The cases as they stand come in; boards go out, over HTTP when asked for and to their topic when a reader would see another one."""

from datetime import datetime
from uuid import UUID

from schemas.ranking import BoardEntry, RankingBoard
from schemas.topics import BOARD
from schemas.vocabulary import Window
from services.referrer.boards import DEFAULT_SIZE, LENGTH, Boards, boards, fact, key
from services.referrer.leaving import STAGE
from services.referrer.ports import Books, Database
from services.referrer.records import Case
from services.referrer.reviewing import explained
from services.runtime.clock import Clock
from services.runtime.codec import encode
from services.runtime.envelope import Outgoing, envelope

# Cases of the boards of many platforms; beyond that the oldest are explained anew.
EXPLAINED = 5_000


class BoardKeeper:
    """Computes boards; publishes those that changed. One process at a time publishes, any may answer."""

    def __init__(self, database: Database, clock: Clock, size: int = DEFAULT_SIZE) -> None:
        self._database = database
        self._clock = clock
        self._size = size
        self._published: Boards = {}
        self._reasons: dict[tuple[UUID, int], tuple[str, ...]] = {}

    def board(self, window: Window, scope: str) -> RankingBoard:
        """One board as it stands now; empty where the window holds nothing of the scope."""
        now = self._clock.now()
        found = self._database.read(lambda books: self._boards(books, now))
        return fact(window, scope, found.get((window, scope), ()), now)

    def publish(self) -> int:
        """Put every board that changed into the outbox; gives how many. A new leader publishes all of them once."""
        now = self._clock.now()
        # Looking holds nobody up; only where a board changed is anything written.
        found = self._database.read(lambda books: self._boards(books, now))
        emptied = {where: () for where in self._published if where not in found}
        changed = {
            where: entries for where, entries in (found | emptied).items() if entries != self._published.get(where)
        }
        if changed:
            records = [self._record(fact(*where, entries, now)) for where, entries in sorted(changed.items())]
            self._database.write(lambda books: books.outbox.append(records))
        self._published = found
        return len(changed)

    @staticmethod
    def _record(board: RankingBoard) -> Outgoing:
        name = key(board.window, board.scope)
        headers = envelope(
            BOARD, id=f"{name.decode()}/{board.computed_at.isoformat()}", stage=STAGE, time=board.computed_at
        )
        return Outgoing(BOARD.name, name, encode(board), headers)

    def _boards(self, books: Books, now: datetime) -> Boards:
        """Exact: what is on any board of a window is among the riskiest of its platform within that window."""
        cases = {
            case.case_id: case
            for length in LENGTH.values()
            for case in books.boards.riskiest(now - length, now, self._size)
        }
        return boards((self._entry(books, case) for case in cases.values()), now, self._size)

    def _entry(self, books: Books, case: Case) -> BoardEntry:
        return BoardEntry(
            rank=1,
            case_id=case.case_id,
            content_key=case.content_key,
            platform=case.platform,
            band=case.band,
            risk=case.risk,
            event_time=case.event_time,
            reasons=self._said(books, case),
        )

    def _said(self, books: Books, case: Case) -> tuple[str, ...]:
        """The reasons of a case; a case with the same revision has the same ones."""
        revision = (case.case_id, case.revision)
        if revision not in self._reasons:
            if len(self._reasons) >= EXPLAINED:
                del self._reasons[next(iter(self._reasons))]
            self._reasons[revision] = explained(books, case.content_key, case.observation_id)[1]
        return self._reasons[revision]
