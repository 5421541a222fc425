"""`make rank-eval`: the stories and, where they lie, labelled texts come in; how well the hub ranks them goes out, beside baselines."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from services.commands.backtest import Rules
from services.commands.rank_quality import DESK_CAPACITY
from services.referrer.groups import load_groups
from services.referrer.policy import load_policy as load_context_policy
from services.scorer.app import build_offline_classifier
from services.scorer.policy import load_policy as load_content_policy
from services.scorer.ports import Classifier
from services.scorer.settings import ScorerSettings
from services.scorer.training.corpus import read_again
from tests.scenarios.judging import Judged
from tests.scenarios.labelled import around, labelled
from tests.scenarios.orders import HUB, Played, judged, means, play, recovered
from tests.scenarios.stories import stories
from tests.scenarios.telling import tell

TARGET_KEPT, TARGET_RECALL, TARGET_RECOVERED = 0.90, 0.90, 0.50
# Shares of a stream that a desk may look at; the targets are asked of the largest.
DEPTHS = (0.01, 0.02, 0.03, 0.05)
Posts = Sequence[Mapping[str, Any]]


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


def recovered_table(pool: Sequence[Played]) -> tuple[Table, bool]:
    """What context recovers by how much is looked at, and whether the target holds."""
    contents = sum(len(played.seen) for played in pool)
    table = Table(
        "looked at", "missed by p_violence alone", "of them shown", title="Harm of stories in which context matters"
    )
    missed = found = 0
    for depth in DEPTHS:
        missed, found = recovered(pool, round(contents * depth))
        table.add_row(f"{depth:.0%}", str(missed), str(found))
    return table, not missed or found / missed >= TARGET_RECOVERED


def played(name: str, posts: Posts, rules: Rules, classifier: Classifier) -> Played:
    """Labelled posts through the hub."""
    lines, seen = play([post["event"] for post in posts], rules, classifier)
    return Played(name, False, lines, seen, {p["event"]["content_id"]: p["grade"] for p in posts if p["grade"] > 0})


def on_stories(pool: Sequence[Played], console: Console) -> bool:
    """Stories by themselves; whether enough expectations are kept."""
    console.print(story_table(pool))
    for each in pool:
        for fault in each.broken:
            console.print(f"  {each.name}: {fault}", markup=False)
    # They fill less than a day of a desk, and a tenth of them is harmful: looked at as if it could review that tenth.
    tenth = -(-sum(len(each.seen) for each in pool) // 10)
    console.print(order_table("All stories, by themselves", judged(pool, tenth)))
    return 1 - sum(len(each.broken) for each in pool) / sum(each.expected for each in pool) >= TARGET_KEPT


def mixed_table(title: str, mixes: Sequence[Posts], rules: Rules, classifier: Classifier, console: Console) -> Judged:
    """Labelled posts at 1 % harm; gives how good the hub's order is."""
    with Progress(console=console) as progress:
        pools = [played(title, mix, rules, classifier) for mix in progress.track(mixes, description=title)]
    found = means([judged([pool], DESK_CAPACITY) for pool in pools])
    harm = sum(len(pool.grades) for pool in pools)
    size = f"{len(pools)} mixes of {len(pools[0].seen)} posts, 1 % harm, {harm} harmful in all"
    console.print(order_table(f"{title}: {size}", found))
    return found[HUB]


def among_posts(pool: Sequence[Played], mix: Posts, rules: Rules, classifier: Classifier, console: Console) -> bool:
    """Stories among ordinary posts; whether enough of what p_violence misses is recovered."""
    harm, others = sum(len(each.grades) for each in pool), sum(len(each.seen) for each in pool)
    stream = [*pool, played("ordinary posts", around(mix, harm, others), rules, classifier)]
    count = sum(len(each.seen) for each in stream)
    title = f"All stories among ordinary posts: {count} contents, {harm} of them harmful"
    console.print(order_table(title, judged(stream, DESK_CAPACITY)))
    table, enough = recovered_table(stream)
    console.print(table)
    return enough


def main() -> int:
    """Play everything; exit 1 where a target is missed."""
    console = Console(highlight=False)
    rules = Rules(load_content_policy(), load_context_policy(), load_groups())
    classifier = build_offline_classifier(ScorerSettings())
    console.print(f"classifier {classifier.digests.model}, policies {rules.content.digest} and {rules.context.digest}")
    pool = [tell(story, rules, classifier) for story in stories()]
    good = on_stories(pool, console)
    folder = Path(os.environ.get("HUB_DATA_DIR", "../shared/data"))
    if (folder / "training").is_dir():
        mixes = labelled(folder)
        good = among_posts(pool, mixes[0], rules, classifier, console) and good
        found = mixed_table("Dev texts as labelled", mixes, rules, classifier, console)
        good = found.recall.value >= TARGET_RECALL and good
        mixed_table("Dev texts read again", labelled(folder, read_again()), rules, classifier, console)
    else:
        console.print(f"labelled texts are not at {folder}: left out (HUB_DATA_DIR says where they lie)")
    first = f"in the first {DEPTHS[-1]:.0%}: recall {TARGET_RECALL:.2f}, recovered {TARGET_RECOVERED:.2f}"
    console.print(f"targets: expectations {TARGET_KEPT:.2f}; {first}")
    console.print("all kept" if good else "missed", style="green" if good else "red")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
