"""A story comes in; what the hub makes of it, and which of its expectations are broken, goes out."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.commands.backtest import Rules
from services.scorer.ports import Classifier
from tests.scenarios.orders import Played, play
from tests.scenarios.stories import Expectation, Story

GRADES = {"P1": 4.0, "P2": 3.0, "P3": 2.0, "P4": 1.0}


def tell(story: Story, rules: Rules, classifier: Classifier) -> Played:
    """One story through the hub, and its expectations checked."""
    lines, seen = play(story.events(), rules, classifier)
    faults = [fault for each in story.expectations if (fault := check(each, lines)) is not None]
    return Played(story.name, story.context, lines, seen, grades_of(story), faults, len(story.expectations))


def grades_of(story: Story) -> dict[str, float]:
    """How harmful a desk finds the contents of a story: the mildest band it accepts, or 1 where it only wants it before another."""
    grades: dict[str, float] = {}
    for each in story.expectations:
        if each.kind == "before":
            grades.setdefault(each.name, 1.0)
    for each in story.expectations:
        if each.kind == "band":
            grades[each.name] = 0.0 if "NONE" in each.bands else GRADES[max(each.bands)]
    return {name: grade for name, grade in grades.items() if grade > 0}


def check(expectation: Expectation, lines: Sequence[Mapping[str, Any]]) -> str | None:
    """What is wrong, in words; None where it is as expected. A copy stands where its case stands."""
    places = {name: line for line in lines for name in (line["content_id"], *line.get("copy_content_ids", ()))}
    found, name = places.get(expectation.name), expectation.name
    match expectation.kind:
        case "unlisted":
            return None if found is None else f"{name} is listed"
        case "before":
            other = places.get(expectation.other)
            if found is None or (other is not None and other["rank"] <= found["rank"]):
                return f"{name} {_risk(found)} not before {expectation.other} {_risk(other)}"
            return None
        case "copies":
            copies = found["copies"] if found else None
            return None if copies == expectation.copies else f"{name} has {copies} copies, not {expectation.copies}"
    band = found["band"] if found else "NONE"
    return (
        None
        if band in expectation.bands
        else f"{name} in {band} {_risk(found)}, not {'/'.join(sorted(expectation.bands))}"
    )


def _risk(line: Mapping[str, Any] | None) -> str:
    return f"({line['risk']:.2f}, alone {line['content_risk']:.2f})" if line else "(unlisted)"
