"""`make docs`: the two tables of moves come in, docs/lifecycle.md with pictures and tables of them goes out."""

import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from services.referrer.lifecycle import (
    CASE_MEANING,
    CASE_MOVES,
    CASE_START,
    REFERRAL_MEANING,
    REFERRAL_MOVES,
    REFERRAL_START,
    CaseEvent,
    ReferralEvent,
)

TARGET = Path(__file__).parents[2] / "docs" / "lifecycle.md"
HEAD = """# Lifecycles of cases and referrals

Generated from `services/referrer/lifecycle.py` by `make docs`; change the tables there. A move that is not drawn is illegal: it is
refused, and the answer names the events that the state allows.
"""
State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


def page() -> str:
    """The whole page."""
    return "\n".join(
        [
            HEAD,
            "## A case\n",
            diagram(CASE_MOVES, CASE_START),
            table(CASE_MOVES, type(CASE_START), CaseEvent),
            meanings(CASE_MEANING),
            "## A referral\n",
            diagram(REFERRAL_MOVES, REFERRAL_START),
            table(REFERRAL_MOVES, type(REFERRAL_START), ReferralEvent),
            meanings(REFERRAL_MEANING),
        ]
    )


def diagram(moves: Mapping[tuple[State, Event], State], start: State) -> str:
    """A Mermaid state diagram; events between the same two states share an arrow."""
    arrows: dict[tuple[State, State], list[str]] = {}
    for (before, event), after in moves.items():
        arrows.setdefault((before, after), []).append(event.value)
    lines = [f"    {before.value} --> {after.value}: {', '.join(events)}" for (before, after), events in arrows.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", f"    [*] --> {start.value}", *lines, "```\n"])


def table(moves: Mapping[tuple[State, Event], State], states: type[State], events: type[Event]) -> str:
    """States down, events across, the next state in the cell; an empty cell is an illegal move."""
    head = ["state", *(event.value for event in events)]
    rows = [
        [f"**{state.value}**", *(moves[state, event].value if (state, event) in moves else "" for event in events)]
        for state in states
    ]
    return "\n".join([_row(head), _row("---" for _ in head), *(_row(row) for row in rows), ""])


def meanings(said: Mapping[Event, str]) -> str:
    """What each event stands for."""
    return "\n".join([*(f"- **{event.value}**: {text}" for event, text in said.items()), ""])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main(target: Path = TARGET) -> int:
    """Write the page."""
    target.parent.mkdir(exist_ok=True)
    target.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{target}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
