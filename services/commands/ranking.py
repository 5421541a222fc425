"""`hub rank`: content events come in; the queue that they would make goes out, or what another policy would change, or how good it is."""

import os
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.content import ContentNormalised
from schemas.http import FORMATS
from services.commands.backtest import Backtest, Rules
from services.commands.policy import sound_policy
from services.commands.rank_changes import Comparison, compare, table_of
from services.commands.rank_events import Unusable, observations
from services.commands.rank_labels import Name, read_labels
from services.commands.rank_quality import quality
from services.commands.rank_report import report_of
from services.ingest.formats.common import Ignored
from services.referrer.groups import PACKAGED as PACKAGED_GROUPS
from services.referrer.groups import load_groups
from services.referrer.policy import ContextPolicy
from services.referrer.policy import load_policy as load_context_policy
from services.runtime.errors import Fatal
from services.runtime.lifecycle import collect_seldom
from services.runtime.terminal import in_one_line
from services.scorer.app import build_offline_classifier
from services.scorer.facts import speaks
from services.scorer.policy import load_policy as load_content_policy
from services.scorer.ports import SILENT, Classifier, Content, Score
from services.scorer.settings import ScorerSettings

BATCH = 500
STDIN = "-"
BAD_LINES_NAMED = 50
DRAWN = (".svg", ".png")


def rank(
    events: Annotated[
        str, typer.Argument(help="A file of content events, one JSON object a line; - is standard input.")
    ],
    format_name: Annotated[str, typer.Option("--format", help=f"Shape of the events: {', '.join(FORMATS)}.")] = "hub",
    policy: Annotated[
        Path | None, typer.Option(help="A policy of the scorer or of the referrer in place of the packaged one.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Another policy: print what would move, enter or leave the bands under it.")
    ] = None,
    groups: Annotated[Path, typer.Option(help="The desk's list of group names.")] = PACKAGED_GROUPS,
    labels: Annotated[
        Path | None,
        typer.Option(help="Lines of {content_key, or content_id and platform; label or grade}: print how good it is."),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="With --against: draw it, as .svg or .png.")] = None,
    output: Annotated[Path | None, typer.Option(help="Write the ranked lines to this file.")] = None,
) -> None:
    """Rank content events as the hub would: one case a line, best first, with its parts and reasons.

    Tier 2 reads every text, of a long one its three strongest stretches, as in a hub that has time for all: SCORER_TIER2_SHARE and
    SCORER_TIER2_RUNS do not count here.

    The ranked lines go to standard output, or with --against or --labels, which print there, only to --output. Progress and
    lines that cannot be used, by number, stand on standard error.
    """
    if format_name not in FORMATS:
        raise Fatal(f"--format {format_name}: choose one of {', '.join(FORMATS)}")
    if not events:
        raise Fatal("the name of a file of events is missing; - is standard input")
    if plot is not None and against is None:
        raise Fatal("--plot draws what --against compares; say --against FILE too")
    _require_writable(output, plot)
    behind = {
        "the events": _standard_input() if events == STDIN else _behind(Path(events)),
        "--policy": _behind(policy),
        "--against": _behind(against),
        "--groups": _behind(groups),
        "--labels": _behind(labels),
    }
    _require_apart((output, plot), behind.values())
    _require_one_reader(behind)
    packaged = Rules(load_content_policy(), load_context_policy(), load_groups(groups))
    rules = [_with(packaged, policy), *([_with(packaged, against)] if against else [])]
    grades = read_labels(labels) if labels else None
    console = Console(stderr=True, highlight=False)
    with ExitStack() as stack:
        stream: BinaryIO = sys.stdin.buffer if events == STDIN else stack.enter_context(_opened(events))
        classifier = build_offline_classifier(ScorerSettings())
        collect_seldom()
        worlds = [stack.enter_context(Backtest(each, classifier)) for each in rules]
        total = None if events == STDIN else Path(events).stat().st_size
        _fill(worlds, classifier, stream, format_name, total, console)
        _tell(worlds, grades, plot, output)


def _require_writable(output: Path | None, plot: Path | None) -> None:
    """A ranking may take an hour: what could not be written at its end is refused at its beginning. Raises Fatal."""
    if plot is not None and plot.suffix.lower() not in DRAWN:
        raise Fatal(f"--plot {plot.name}: the name must end in .svg or .png")
    if plot is not None and find_spec("matplotlib") is None:
        raise Fatal("--plot needs the extra `plots`: pip install 'referral-hub[plots]'")
    for path in (output, plot):
        try:
            kept_out = path is not None and (
                path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK)
            )
        except OSError as why:
            raise Fatal(f"{path} cannot be written: {why.strerror}") from why
        if kept_out:
            raise Fatal(f"{path} cannot be written")
    if output is not None and plot is not None and output.resolve() == plot.resolve():
        raise Fatal(f"--output and --plot both write {plot}: name two files")


def _require_apart(written: Iterable[Path | None], read: Iterable[os.stat_result | None]) -> None:
    """Events may be there only once: writing the ranking over them would lose them. Raises Fatal."""
    files = [each for each in read if each is not None and stat.S_ISREG(each.st_mode)]
    for path in written:
        found = _behind(path)
        if found is not None and any(os.path.samestat(found, each) for each in files):
            raise Fatal(f"{path} is read, too: write to another file")


def _require_one_reader(read: Mapping[str, os.stat_result | None]) -> None:
    """Who comes second to standard input finds nothing there, and a ranking of nothing looks like a quiet evening. Raises Fatal."""
    stdin = _standard_input()
    if stdin is None:
        return
    readers = [name for name, found in read.items() if found is not None and os.path.samestat(found, stdin)]
    if len(readers) > 1:
        raise Fatal(f"{' and '.join(readers)} come from standard input, which can be read only once: name a file")


def _behind(path: Path | None) -> os.stat_result | None:
    """What stands behind a name; None where nothing does, or nothing that this person may see."""
    try:
        return path.stat() if path is not None else None
    except OSError:
        return None


def _standard_input() -> os.stat_result | None:
    """What stands behind standard input; None where it is closed."""
    try:
        return os.fstat(sys.stdin.fileno())
    except OSError:
        return None


def _with(rules: Rules, path: Path | None) -> Rules:
    if path is None:
        return rules
    found = sound_policy(path)
    return replace(rules, context=found) if isinstance(found, ContextPolicy) else replace(rules, content=found)


def _opened(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except OSError as why:
        raise Fatal(f"{path}: {why.strerror}") from why


def _fill(
    worlds: Sequence[Backtest],
    classifier: Classifier,
    stream: BinaryIO,
    format_name: str,
    total: int | None,
    console: Console,
) -> None:
    """Take everything in, with a bar for a person and the faults by line. Raises Fatal where not one line could be used."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    bad = done = passed_over = 0
    with Progress(*columns, console=console, transient=not console.is_terminal) as progress:
        bar = progress.add_task("ranking", total=total)
        found = observations(stream, format_name, lambda size: progress.advance(bar, size))
        while batch := list(islice(found, BATCH)):
            usable = []
            for one in batch:
                if isinstance(one, Ignored):
                    passed_over += 1
                elif isinstance(one, Unusable):
                    bad += 1
                    if bad <= BAD_LINES_NAMED:
                        console.print(f"{one.place}: {in_one_line(one.why)}", markup=False, soft_wrap=True)
                else:
                    usable.append(one)
            scored = list(zip(usable, scores(classifier, usable), strict=True))
            for world in worlds:
                world.take(scored)
            done += len(usable)
        progress.update(bar, description="settling")
        for world in worlds:
            world.rest()
    ignored = f", {passed_over} passed over" if passed_over else ""
    console.print(f"{done} observations, {bad} unusable{ignored}", markup=False)
    if bad and not done:
        raise Fatal(f"no line of the {format_name} format could be used; --format names another shape")
    if passed_over and not done:
        console.print(f"nothing of the {format_name} format was found; --format names another shape", markup=False)


def scores(classifier: Classifier, contents: Sequence[ContentNormalised]) -> list[Score]:
    """A score each, in order; what says nothing is not asked for."""
    asked = iter(classifier.score([Content(content.texts) for content in contents if speaks(content)]))
    return [next(asked) if speaks(content) else SILENT for content in contents]


def _tell(worlds: Sequence[Backtest], grades: dict[Name, float] | None, plot: Path | None, output: Path | None) -> None:
    reported = grades is not None or len(worlds) > 1
    if output is not None or not reported:
        _write(worlds[0], output)
    if grades is not None:
        console = Console(highlight=False)
        for number, world in enumerate(worlds):
            console.print(report_of(quality(world.placed(grades), grades), "against" if number else ""))
    if len(worlds) > 1:
        comparison = compare(worlds[0].standings(), worlds[1].standings())
        Console(highlight=False).print(table_of(comparison))
        _draw(comparison, plot)


def _write(world: Backtest, output: Path | None) -> None:
    with ExitStack() as stack:
        out = stack.enter_context(output.open("wb")) if output else sys.stdout.buffer
        for line in world.lines():
            out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        out.flush()


def _draw(comparison: Comparison, plot: Path | None) -> None:
    if plot is None:
        return
    # Drawing is an extra of the package, and slow to load.
    from services.commands.rank_plot import draw  # noqa: PLC0415

    draw(comparison, plot)
