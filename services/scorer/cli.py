"""The words of `hub score`: texts on standard input come in, scores on standard output go out, or one text is explained."""

import sys
from io import BufferedIOBase
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from services.runtime.errors import Fatal
from services.scorer.cascade.model_files import PACKAGED as PACKAGED_MODEL
from services.scorer.lexicon import PACKAGED as PACKAGED_LEXICON
from services.scorer.lines import Unreadable, a_text, lines_of, score_lines
from services.scorer.ports import Content
from services.scorer.settings import ClassifierChoice, Share
from services.scorer.showing import shown

BATCH = 64


def score(
    explain: Annotated[
        str | None, typer.Option(help="Explain this one text to a person instead of reading lines.")
    ] = None,
    # No text is passed over offline: tier 2 reads in each unless a smaller share is asked for.
    share: Annotated[
        Share, typer.Option(help="Share of texts that tier 2 reads; of a long one the three strongest stretches.")
    ] = Share.ALL,
    threads: Annotated[
        int, typer.Option(min=1, max=64, help="Threads for tier 2; the scores do not depend on it.")
    ] = 1,
    words: Annotated[
        bool, typer.Option(help="Name the words that matter most; costs a few more runs per violent text.")
    ] = True,
    classifier: Annotated[ClassifierChoice, typer.Option(help="What scores.")] = ClassifierChoice.CASCADE,
    model: Annotated[Path, typer.Option(help="Folder with another model.")] = PACKAGED_MODEL,
    lexicon: Annotated[Path, typer.Option(help="Another lexicon.")] = PACKAGED_LEXICON,
) -> None:
    """Score lines of `{"id": ..., "text": "..."}` from standard input: one line each, in order, `score` being p_violence.

    In place of `text`, `texts` is a list of `{"role": ..., "text": "..."}` that make one content: a title, a caption, a transcript. `id`
    is a string or a number; the result of a line without one says its number as `line`.

    Progress, and lines that cannot be read, by number, stand on standard error: such a line stops nothing, and the command fails only
    where there are lines and not one of them can be read.
    """
    # The model's libraries are loaded by nobody who asks for another word of `hub`.
    from services.scorer.cascade.classifier import Gate  # noqa: PLC0415
    from services.scorer.classifiers import classifier_of  # noqa: PLC0415

    # A person who asks about one text is told what removing a word does to its score, not to the quick reading of tier 1.
    gate = Gate(share=share, runs=None, threads=threads, explain=words, thorough=explain is not None)
    scorer = classifier_of(classifier, model, lexicon, gate)
    if explain is not None:
        content = Content((a_text(explain),))
        Console(highlight=False).print(shown(content.texts, scorer.score([content])[0]))
        return
    console = Console(stderr=True, highlight=False)
    columns = (SpinnerColumn(), TextColumn("scored"), MofNCompleteColumn(), TimeElapsedColumn())
    lines = lines_of(cast(BufferedIOBase, sys.stdin.buffer))
    done = bad = 0
    try:
        with Progress(*columns, console=console, transient=not console.is_terminal) as progress:
            task = progress.add_task("scored", total=None)
            for result in score_lines(lines, scorer, BATCH):
                if isinstance(result, Unreadable):
                    bad += 1
                    console.print(f"line {result.line}: {result.why}", markup=False, soft_wrap=True)
                    continue
                sys.stdout.buffer.write(result)
                sys.stdout.buffer.flush()
                done += 1
                progress.advance(task)
    except KeyboardInterrupt:
        console.print(_told(done, bad), markup=False)
        raise
    console.print(_told(done, bad), markup=False)
    if bad and not done:
        raise Fatal('no line could be read: each is an object like {"id": 1, "text": "..."}')


def _told(done: int, bad: int) -> str:
    return f"{done} scored, {bad} line{'s' * (bad != 1)} could not be read"
