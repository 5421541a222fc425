"""`make rank-eval`: the stories and, where they lie, labelled texts come in; how well the hub ranks them goes out, beside baselines."""

import gzip
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from schemas.content import ContentNormalised, ContentReceived
from schemas.vocabulary import Change
from services.commands.backtest import Backtest, Rules
from services.commands.rank_events import SECRET
from services.commands.rank_quality import DESK_CAPACITY
from services.commands.ranking import scores
from services.ingest.identity import Pseudonyms
from services.ingest.normalise import normalise
from services.referrer.groups import load_groups
from services.referrer.policy import load_policy as load_context_policy
from services.scorer.app import build_offline_classifier
from services.scorer.content_risk import content_risk
from services.scorer.policy import load_policy as load_content_policy
from services.scorer.ports import Classifier
from services.scorer.settings import ScorerSettings
from tests.scenarios.judging import Judged, Looked, judge, mean
from tests.scenarios.stories import Expectation, Story, stories

HUB = "the hub"
BATCH = 64
GRADES = {"P1": 4.0, "P2": 3.0, "P3": 2.0, "P4": 1.0}
HARM = 0.01
TARGET_KEPT, TARGET_RECALL, TARGET_RECOVERED = 0.90, 0.90, 0.50
SEED = 5
Name = tuple[str, str]


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


def tell(story: Story, rules: Rules, classifier: Classifier) -> Played:
    """One story through the hub, and its expectations checked."""
    lines, seen = play(story.events(), rules, classifier)
    faults = [fault for each in story.expectations if (fault := check(each, lines)) is not None]
    return Played(story.name, story.context, lines, seen, grades_of(story), faults, len(story.expectations))


def orders(pool: Sequence[Played]) -> dict[str, list[Looked]]:
    """The same contents in the hub's order and in that of each baseline, who know no cases and look at every copy."""
    contents = [(played, name, one) for played in pool for name, one in played.seen.items()]
    keys = {
        "arrival order": lambda one: one.at.timestamp(),
        "p_violence alone": lambda one: -one.p_violence,
        "content risk alone": lambda one: -one.content_risk,
        "engagement": lambda one: -one.reach,
    }
    cases = [(line, played) for played in pool for line in played.lines]
    cases.sort(key=lambda case: (_band(case[0]), -case[0]["risk"], case[0]["event_time"]))
    found = {HUB: [_case(line, played) for line, played in cases]}
    for name, key in keys.items():
        # Ties fall as the contents fall, which is by chance: what a baseline cannot tell apart it gets no credit for.
        shuffled = Random(SEED).sample(contents, len(contents))
        ordered = sorted(shuffled, key=lambda each, key=key: key(each[2]))  # type: ignore[misc]
        found[name] = [_look([played.grades.get(content, 0.0)]) for played, content, _ in ordered]
    return found


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


def recovered(pool: Sequence[Played], capacity: int) -> tuple[int, int]:
    """In stories where context matters: harm that a desk misses at capacity by p_violence alone, and how much of it the hub shows it.

    Not by the first twentieth: that holds fewer contents than the stories have harmful ones, whatever the order.
    """
    contents = [(-one.p_violence, played.name, name) for played in pool for name, one in played.seen.items()]
    by_p = {(story, name) for _, story, name in sorted(contents)[:capacity]}
    cases = [(line, played) for played in pool for line in played.lines]
    cases.sort(key=lambda case: (_band(case[0]), -case[0]["risk"], case[0]["event_time"]))
    by_hub = {
        (p.name, name)
        for line, p in cases[:capacity]
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


def labelled(folder: Path) -> list[list[dict[str, Any]]]:
    """Texts of the dev split with their labels, mixed at 1 % harm, as posts of as many authors; the same ones every time.

    The harmless ones stand in every mix, each harmful one in one of them, so that all harm is looked for and no mix holds more.
    """
    rows: dict[int, list[str]] = {0: [], 1: []}
    for path in sorted((folder / "training").glob("*.jsonl.gz")):
        with gzip.open(path) as file:
            for line in file:
                row = orjson.loads(line)
                if row["split"] == "dev" and row["label_violence"] in rows and row["text"].strip():
                    rows[row["label_violence"]].append(row["text"])
    harmless, harmful = rows[0], Random(SEED).sample(rows[1], len(rows[1]))
    size = round(len(harmless) * HARM / (1 - HARM))
    return [_mixed(harmful[at : at + size], harmless) for at in range(0, max(1, len(harmful) - size + 1), size)]


def _mixed(harmful: Sequence[str], harmless: Sequence[str]) -> list[dict[str, Any]]:
    marked = [(text, 1.0) for text in harmful] + [(text, 0.0) for text in harmless]
    Random(SEED).shuffle(marked)
    end = datetime.fromisoformat("2026-06-05T22:00:00+00:00")
    return [
        {"grade": grade, "event": _post(number, text, end - timedelta(seconds=8 * number))}
        for number, (text, grade) in enumerate(marked)
    ]


def _post(number: int, text: str, at: datetime) -> dict[str, Any]:
    return {
        "schema_version": "1",
        "event_id": f"dev-{number}",
        "collector": "scenario",
        "platform": "x",
        "content_id": f"dev-{number}",
        "url": f"https://x.example/{number}",
        "kind": "post",
        "author": {"id": f"x:{number}"},
        "texts": [{"text": text}],
        "published_at": at.isoformat(),
        "observed_at": at.isoformat(),
    }


def _played(mix: Sequence[Mapping[str, Any]], rules: Rules, classifier: Classifier) -> Played:
    lines, seen = play([row["event"] for row in mix], rules, classifier)
    return Played(
        "dev", False, lines, seen, {row["event"]["content_id"]: row["grade"] for row in mix if row["grade"] > 0}
    )


def story_table(pool: Sequence[Played]) -> Table:
    """The share of expectations kept, by story."""
    table = Table("story", "context", "kept", "of", "share", title="Expectations kept, by story")
    for played in pool:
        kept = played.expected - len(played.broken)
        share = f"{kept / played.expected:.2f}" if played.expected else "-"
        table.add_row(played.name, "yes" if played.context else "", str(kept), str(played.expected), share)
    kept, expected = sum(p.expected - len(p.broken) for p in pool), sum(p.expected for p in pool)
    table.add_section()
    table.add_row("all", "", str(kept), str(expected), f"{kept / expected:.3f}")
    return table


def order_table(title: str, found: Mapping[str, Judged]) -> Table:
    """Every order with its intervals."""
    table = Table("order", "nDCG at 50", "recall in first 5 %", "harm missed at capacity", title=title)
    for name, each in found.items():
        table.add_row(name, str(each.ndcg), str(each.recall), str(each.missed))
    return table


def main() -> int:
    """Play everything; exit 1 where a target is missed."""
    console = Console(highlight=False)
    rules = Rules(load_content_policy(), load_context_policy(), load_groups())
    classifier = build_offline_classifier(ScorerSettings())
    console.print(f"classifier {classifier.digests.model}, policies {rules.content.digest} and {rules.context.digest}")
    pool = [tell(story, rules, classifier) for story in stories()]
    console.print(story_table(pool))
    for played in pool:
        for fault in played.broken:
            console.print(f"  {played.name}: {fault}", markup=False)
    # All stories together fill less than a day of a desk: they are looked at as if it could review a tenth of them.
    capacity = -(-sum(len(p.seen) for p in pool) // 10)
    missed, found = recovered(pool, capacity)
    console.print(order_table("All stories", judged(pool, capacity)))
    console.print(
        f"stories with context: p_violence alone misses {missed} harmful contents at capacity, {found} of them recovered"
    )
    kept = 1 - sum(len(p.broken) for p in pool) / sum(p.expected for p in pool)
    good = kept >= TARGET_KEPT and (not missed or found / missed >= TARGET_RECOVERED)
    folder = Path(os.environ.get("HUB_DATA_DIR", "../shared/data"))
    if (folder / "training").is_dir():
        mixes = labelled(folder)
        with Progress(console=console) as progress:
            each = [_played(mix, rules, classifier) for mix in progress.track(mixes, description="labelled dev texts")]
        mixed = means([judged([played], DESK_CAPACITY) for played in each])
        harm = sum(len(played.grades) for played in each)
        texts = len(each[0].seen)
        console.print(
            order_table(f"{len(mixes)} mixes of {texts} labelled dev texts, 1 % harm, {harm} harmful in all", mixed)
        )
        good = good and mixed[HUB].recall.value >= TARGET_RECALL
    else:
        console.print(f"labelled texts are not at {folder}: left out (HUB_DATA_DIR says where they lie)")
    console.print(
        f"targets: expectations {TARGET_KEPT:.2f}, recall {TARGET_RECALL:.2f}, recovered {TARGET_RECOVERED:.2f}"
    )
    console.print("all kept" if good else "missed", style="green" if good else "red")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
