"""What the hub made of stories and pools of texts comes in; its order beside those of the baselines, and how good each is, goes out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from schemas.content import ContentNormalised, ContentReceived
from schemas.vocabulary import Change
from services.commands.backtest import Backtest, Rules
from services.commands.rank_events import SECRET
from services.commands.ranking import scores
from services.ingest.identity import Pseudonyms
from services.ingest.normalise import normalise
from services.scorer.content_risk import content_risk
from services.scorer.ports import Classifier
from tests.scenarios.judging import Judged, Looked, judge, mean

HUB = "the hub"
BATCH = 64
SEED = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """One live content by itself, as the baselines know it."""

    p_violence: float
    content_risk: float
    reach: int
    at: datetime


@dataclass
class Played:
    """What came of one story or one pool of texts: its ranked lines and its contents."""

    name: str
    context: bool
    lines: list[dict[str, Any]]
    seen: dict[str, Seen]
    grades: Mapping[str, float]
    broken: list[str] = field(default_factory=list)
    expected: int = 0


def play(
    events: Iterable[Mapping[str, Any]], rules: Rules, classifier: Classifier
) -> tuple[list[Any], dict[str, Seen]]:
    """Ranked lines, and what each live content is by itself."""
    seen: dict[str, Seen] = {}
    pseudonyms = Pseudonyms(SECRET)
    contents = [normalise(ContentReceived.model_validate(event), pseudonyms) for event in events]
    with Backtest(rules, classifier) as world:
        for start in range(0, len(contents), BATCH):
            batch = contents[start : start + BATCH]
            scored = list(zip(batch, scores(classifier, batch), strict=True))
            world.take(scored)
            for content, score in scored:
                if content.change is Change.DELETED:
                    seen.pop(content.content_id, None)
                else:
                    risk = content_risk(content, score, rules.content).risk
                    seen[content.content_id] = Seen(score.p_violence, risk, _reach(content), content.event_time)
        world.rest()
        return list(world.lines()), seen


def _reach(content: ContentNormalised) -> int:
    counts = content.engagement
    return max(counts.views or 0, 50 * (counts.shares or 0), 10 * (counts.likes or 0), 20 * (counts.replies or 0))


def orders(pool: Sequence[Played]) -> dict[str, list[Looked]]:
    """The same contents in the hub's order and in that of each baseline, who know no cases and look at every copy."""
    contents = [(played, name, one) for played in pool for name, one in played.seen.items()]
    keys = {
        "arrival order": lambda one: one.at.timestamp(),
        "p_violence alone": lambda one: -one.p_violence,
        "content risk alone": lambda one: -one.content_risk,
        "engagement": lambda one: -one.reach,
    }
    found = {HUB: [_case(line, played) for line, played in _cases(pool)]}
    for name, key in keys.items():
        # Ties fall as the contents fall, which is by chance: what a baseline cannot tell apart it gets no credit for.
        shuffled = Random(SEED).sample(contents, len(contents))
        ordered = sorted(shuffled, key=lambda each, key=key: key(each[2]))  # type: ignore[misc]
        found[name] = [_look([played.grades.get(content, 0.0)]) for played, content, _ in ordered]
    return found


def _cases(pool: Sequence[Played]) -> list[tuple[Mapping[str, Any], Played]]:
    """The hub's queue over several pools."""
    cases = [(line, played) for played in pool for line in played.lines]
    return sorted(cases, key=lambda case: (_band(case[0]), -case[0]["risk"], case[0]["event_time"]))


def _band(line: Mapping[str, Any]) -> int:
    return ("P1", "P2", "P3", "P4", "NONE").index(line["band"])


def _case(line: Mapping[str, Any], played: Played) -> Looked:
    names = (line["content_id"], *line.get("copy_content_ids", ()))
    return _look([played.grades.get(name, 0.0) for name in names])


def _look(grades: Sequence[float]) -> Looked:
    return Looked(max(grades), sum(grade > 0 for grade in grades))


def judged(pool: Sequence[Played], capacity: int) -> dict[str, Judged]:
    """Every order of a pool; `first` is a twentieth of its contents."""
    contents = sum(len(played.seen) for played in pool)
    harmful = sum(played.grades.get(name, 0.0) > 0 for played in pool for name in played.seen)
    first = -(-contents // 20)
    return {name: judge(order, harmful, first, capacity) for name, order in orders(pool).items()}


def means(mixes: Sequence[Mapping[str, Judged]]) -> dict[str, Judged]:
    """Every order's mean over several pools."""
    return {name: mean([mix[name] for mix in mixes]) for name in mixes[0]}


def recovered(pool: Sequence[Played], places: int) -> tuple[int, int]:
    """In stories where context matters: harm that p_violence leaves behind the first `places`, and how much of it the hub shows there."""
    contents = [(-one.p_violence, played.name, name) for played in pool for name, one in played.seen.items()]
    by_p = {(story, name) for _, story, name in sorted(contents)[:places]}
    by_hub = {
        (played.name, name)
        for line, played in _cases(pool)[:places]
        for name in (line["content_id"], *line.get("copy_content_ids", ()))
    }
    missed = {
        (played.name, name)
        for played in pool
        if played.context
        for name, grade in played.grades.items()
        if grade > 0 and name in played.seen and (played.name, name) not in by_p
    }
    return len(missed), len(missed & by_hub)
