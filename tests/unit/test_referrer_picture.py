"""The page of the lifecycles: it is what the tables say, and nobody forgot to write it anew."""

from itertools import product
from pathlib import Path

from schemas.referral_vocabulary import ReferralStatus
from schemas.review import CaseState
from services.referrer.lifecycle import (
    CASE_MOVES,
    CASE_START,
    REFERRAL_MOVES,
    REFERRAL_START,
    CaseEvent,
    ReferralEvent,
)
from services.referrer.picture import TARGET, diagram, main, page, table


def test_the_page_in_the_repository_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_writing_the_page_gives_the_page(tmp_path: Path) -> None:
    target = tmp_path / "docs" / "lifecycle.md"
    assert main(target) == 0
    assert target.read_text(encoding="utf-8") == page()


def test_every_move_has_its_arrow() -> None:
    for moves, drawn in (
        (CASE_MOVES, diagram(CASE_MOVES, CASE_START)),
        (REFERRAL_MOVES, diagram(REFERRAL_MOVES, REFERRAL_START)),
    ):
        for (before, event), after in moves.items():
            arrow = next(line for line in drawn.splitlines() if line.strip().startswith(f"{before} --> {after}:"))
            assert event.value in arrow


def test_a_table_has_a_cell_for_every_state_and_event() -> None:
    _, _, *lines, last = table(CASE_MOVES, CaseState, CaseEvent).split("\n")
    assert last == ""
    cells = {
        (row[1].strip().strip("*"), event): cell.strip()
        for row in (line.split("|") for line in lines)
        for event, cell in zip(CaseEvent, row[2:-1], strict=True)
    }
    assert cells == {(s, e): CASE_MOVES.get((s, e), "") for s, e in product(CaseState, CaseEvent)}


def test_both_lifecycles_start_where_things_begin() -> None:
    assert "[*] --> open" in diagram(CASE_MOVES, CASE_START)
    assert "[*] --> issued" in diagram(REFERRAL_MOVES, REFERRAL_START)
    assert set(ReferralStatus) == {s for s, _ in REFERRAL_MOVES} | set(REFERRAL_MOVES.values())
    assert {event for _, event in REFERRAL_MOVES} == set(ReferralEvent)
