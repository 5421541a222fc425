"""One change of what is known comes in; every case and address concerned is brought up to it, and announcements go out.

A case stands for one content and its copies. It belongs to the gathering in which the content that it shows stands; when
gatherings change, what is left behind finds or makes a case of its own, and of two cases that fall together one is kept.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from schemas.review import CaseState, Decision
from schemas.scoring import ContentRanked
from schemas.vocabulary import Band
from services.referrer.books import Books
from services.referrer.case_file import opinions
from services.referrer.explaining import explained, reasons_of
from services.referrer.intake import WAITING, Change, Part, came_back, change, location_of, merged
from services.referrer.leaving import announcement
from services.referrer.recall import Recalled
from services.referrer.records import Case, Sighting
from services.referrer.remembered import EPOCH
from services.referrer.standing import Standing, standing
from services.runtime.clock import Clock
from services.runtime.codec import decode
from services.runtime.envelope import Incoming, Outgoing

# As many addresses as one decision can name; the rest of a flood is counted and found by its anchor.
MEMBERS = 500
Fresh = Mapping[str, tuple[Sighting, Incoming | None, ContentRanked]]


@dataclass(frozen=True)
class Records:
    """Whole facts: those just taken in at hand, all others from the book."""

    books: Books
    fresh: Fresh

    def ranked(self, observation_id: str) -> ContentRanked:
        """The fact as it was taken in."""
        if observation_id in self.fresh:
            return self.fresh[observation_id][2]
        return decode(ContentRanked, self.books.sightings.record(observation_id))


@dataclass(frozen=True)
class Making:
    """How a case is made and ended: by which clock, and with which ids."""

    clock: Clock
    new_id: Callable[[], UUID]

    def change(self, part: Part, present: Case | None) -> Change | None:
        """The case of a gathering after what is known now."""
        return change(part, present, self.clock.now(), self.new_id)

    def merged(self, case: Case) -> Case:
        """A case whose content another one shows from now on."""
        return merged(case, self.clock.now())


class CaseKeeper:
    """One change of what is known, carried over to cases, addresses and announcements."""

    def __init__(
        self, making: Making, books: Books, records: Records, stands: Mapping[str, Standing], recalled: Recalled
    ) -> None:
        self._making = making
        self._books = books
        self._records = records
        self._stands = dict(stands)
        self._kept = dict(recalled.kept)
        # What is not remembered stands for itself alone.
        alone = {*stands, *recalled.forgotten} - set(recalled.kept)
        self._units = {key: kept.this.anchor for key, kept in recalled.kept.items()} | {key: key for key in alone}
        self._alone = alone
        self._removed: Mapping[str, datetime] = {}
        self._gathered = books.memory.gathered(set(recalled.anchors) - alone)

    def bring(self) -> list[Outgoing]:
        """Bring every case concerned up to date."""
        faces = {gathered.face for gathered in self._gathered.values()}
        self._learn({*faces, *(gathered.top for gathered in self._gathered.values())})
        present = self._books.cases.by_content({*self._units, *self._gathered, *faces})
        self._removed = self._taken_away(present)
        homes = self._homes(present)
        changes: list[Change] = []
        cases: dict[str, Case] = {}
        for unit in sorted({*self._gathered, *self._alone}):
            part = self._part(unit, present, homes)
            if part is None:
                continue
            found = self._making.change(part, homes.get(unit, [None])[0])
            if found is not None:
                changes.append(found)
            if found is not None or unit in homes:
                cases[unit] = found.case if found is not None else homes[unit][0]
        gone = [self._making.merged(case) for found in homes.values() for case in found[1:]]
        self._books.cases.put([*(each.case for each in changes), *gone])
        self._place(cases, present, {each.case.case_id for each in changes if each.first})
        return [self._announced(each) for each in changes if each.announce is not None]

    def _taken_away(self, present: Mapping[str, Case]) -> Mapping[str, datetime]:
        """When platforms say they took contents away, of the approved cases of what was heard of just now."""
        heard_of = (present[key] for key in self._stands if key in present)
        approved = {case.case_id for case in heard_of if case.state is CaseState.APPROVED}
        return self._books.referrals.removed(approved) if approved else {}

    def _learn(self, keys: Collection[str]) -> None:
        """How contents stand that were not heard of now."""
        missing = set(keys) - set(self._stands)
        for key, seen in self._books.sightings.of(missing).items() if missing else ():
            if (found := standing(seen)) is not None:
                self._stands[key] = found

    def _homes(self, present: Mapping[str, Case]) -> dict[str, list[Case]]:
        """The cases of each gathering: those whose own content stands in it; decided ones first, then the oldest."""
        cases = {case.case_id: case for case in present.values()}
        shown = {case.content_key for case in cases.values()} - set(self._units)
        units = self._units | {key: kept.this.anchor for key, kept in self._books.memory.kept(shown).items()}
        homes: dict[str, list[Case]] = {}
        for case in cases.values():
            homes.setdefault(units.get(case.content_key, case.content_key), []).append(case)
        return {unit: sorted(found, key=_first_of_two) for unit, found in homes.items()}

    def _part(self, unit: str, present: Mapping[str, Case], homes: Mapping[str, Sequence[Case]]) -> Part | None:
        """What a case is made of: the content that it shows, and the risk of all that stand in it."""
        gathered = self._gathered.get(unit)
        if gathered is None:
            stands = self._stands.get(unit)
            if stands is None:
                return None
            again = unit in homes and came_back(stands, homes[unit][0], self._removed.get(unit))
            risk, band = stands.current.content_risk, stands.current.band
            return Part(stands, risk, band, stands.newest_at, int(stands.live), reuploaded=again)
        case = homes[unit][0] if unit in homes else None
        face = gathered.face
        if case is not None and case.content_key != face and self._keeps_face(case, gathered.live > 0):
            face = case.content_key
        stands = self._stands[face]
        if gathered.members > 1:
            worst = stands.ever_p1 or gathered.worst is Band.P1
            stands = replace(stands, live=gathered.live > 0, ever_p1=worst)
        others = case is not None and any(
            key not in present
            or present[key].case_id != case.case_id
            or came_back(self._stands[key], case, self._removed.get(key))
            for key, anchor in self._units.items()
            if anchor == unit and key in self._stands and self._stands[key].live
        )
        newest_at = EPOCH + timedelta(microseconds=gathered.newest)
        return Part(stands, gathered.risk, gathered.band, newest_at, gathered.live, reuploaded=others)

    def _keeps_face(self, case: Case, elsewhere: bool) -> bool:
        """Whether the case goes on showing what it shows, although another copy was said earlier.

        What was decided keeps showing what people saw. So does what somebody has in hand, or has approved as the first of two, while
        it is there: when a copy was published is the poster's to say, who could otherwise undo every approval by one more copy.
        """
        in_hand = case.state is CaseState.LEASED or (case.state in WAITING and self._proposed(case))
        if case.decision_id is None and not in_hand:
            return False
        self._learn({case.content_key})
        stands = self._stands.get(case.content_key)
        return stands is not None and (case.decision_id is not None or stands.live or not elsewhere)

    def _proposed(self, case: Case) -> bool:
        said = opinions(case, self._books.cases.decisions(case.case_id))
        return any(each.decision is Decision.APPROVE for each in said)

    def _place(self, cases: Mapping[str, Case], present: Mapping[str, Case], new: Collection[UUID]) -> None:
        """Put every content that was touched at the case of its gathering, and take it from one that is no longer its own."""
        wanted = {key: cases[unit] for key, unit in self._units.items() if unit in cases}
        for unit, case in cases.items():
            gathered = self._gathered.get(unit)
            if gathered is None or case.case_id not in new:
                continue
            if gathered.members == 1:
                # Alone means the anchor; no need to ask for it.
                wanted[gathered.face] = case
            else:
                members = sorted(self._books.memory.members(unit), key=lambda entry: (entry.seen, entry.key))
                wanted |= {entry.key: case for entry in members[:MEMBERS]}
        heard_of = set(self._stands)
        moved = {k for k, case in wanted.items() if k not in present or present[k].case_id != case.case_id}
        self._learn(moved)
        self._books.cases.put_locations(
            [
                location_of(case, self._stands[key])
                for key, case in sorted(wanted.items())
                if key in self._stands and (key in moved or key in heard_of)
            ]
        )
        left = {k for k, case in present.items() if k in self._units and k not in wanted and case.content_key != k}
        self._books.cases.drop_locations(left)

    def _announced(self, each: Change) -> Outgoing:
        case = each.case
        shown = self._records.ranked(case.observation_id)
        known = self._records.fresh.get(case.observation_id)
        record = known[1] if known else None
        reasons = self._reasons(case)
        return announcement(case, each.announce or case.opening, shown, record, reasons)

    def _reasons(self, case: Case) -> tuple[str, ...]:
        """As `explained` gives them, from what this change has read already where it has."""
        kept = self._kept.get(case.content_key)
        gathered = self._gathered.get(kept.this.anchor) if kept is not None else None
        top = self._kept.get(gathered.top) if gathered is not None else None
        if top is None:
            return explained(self._books, case.content_key, case.observation_id).reasons
        return reasons_of(self._records.ranked(top.observation_id), top.weighed)


def _first_of_two(case: Case) -> tuple[bool, object, str]:
    return (case.state is CaseState.MOOT, case.decision_id is None, case.opened_at.isoformat() + str(case.case_id))
