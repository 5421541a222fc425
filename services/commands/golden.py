"""`hub golden`: contents with the decisions that a desk agreed on come in; cases that reviewers meet without knowing go out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid5

import typer
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.progress import Progress

from schemas.content import ContentReceived
from schemas.reasons import Reason
from schemas.review import Decision, ReasonCode
from schemas.scoring import ContentRanked, Digests
from schemas.vocabulary import ContentStatus
from services.ingest.identity import Pseudonyms
from services.ingest.normalise import normalise
from services.ingest.settings import IngestSettings
from services.referrer.cli import OPERATOR, open_database
from services.referrer.decision_reasons import REASONS
from services.referrer.exercises import Golden
from services.referrer.practice import Practice
from services.referrer.settings import ReferrerSettings
from services.runtime.clock import SystemClock
from services.runtime.codec import encode, first_fault, parse, read
from services.runtime.errors import Fatal, Rejected
from services.runtime.text_lines import unmarked
from services.scorer.content_risk import content_risk
from services.scorer.facts import ranked_fact, scored_fact
from services.scorer.policy import Policy, load_policy
from services.scorer.ports import Classifier, Content
from services.scorer.settings import ScorerSettings

EXIT_UNUSABLE = 4
NAMESPACE = UUID("6f2b1d1c-4a5e-5c0e-9a37-2f6f0c1f6d90")
app = typer.Typer(no_args_is_help=True, help="Cases whose right answer is known.")


@app.callback()
def _group() -> None:
    """Keep the word of the group, whatever number of words it has."""


class Line(BaseModel):
    """One line of the file: content as on content.ranked.v1, or as a collector sends it; it is scored here then."""

    model_config = ConfigDict(extra="forbid")

    content: dict[str, Any]
    decision: Decision
    reason_code: ReasonCode | None = None


class Ranker:
    """Takes raw content through ingest and scorer, in this process. Opens nothing before the first content that needs it."""

    def __init__(self) -> None:
        self._pseudonyms: Pseudonyms | None = None
        self._classifier: Classifier | None = None
        self._policy: Policy | None = None

    def __call__(self, event: ContentReceived) -> ContentRanked:
        """The content as the desk would have got it. Raises Rejected for one that ingest would not take."""
        pseudonyms, classifier, policy = self._ready()
        content = normalise(event, pseudonyms)
        score = classifier.score([Content(content.texts)])[0]
        weighed = content_risk(content, score, policy)
        identity = classifier.digests
        digests = Digests(
            model=identity.model, lexicon=identity.lexicon, calibration=identity.calibration, policy=policy.digest
        )
        return ranked_fact(content, scored_fact(content, score, weighed, digests, datetime.now(UTC)), weighed)

    def _ready(self) -> tuple[Pseudonyms, Classifier, Policy]:
        if self._pseudonyms is None or self._classifier is None or self._policy is None:
            # The model's libraries are loaded by nobody who asks for another word of `hub`.
            from services.scorer.cascade.classifier import Gate  # noqa: PLC0415
            from services.scorer.classifiers import classifier_of  # noqa: PLC0415

            settings = ScorerSettings()
            gate = Gate(share="1.00", runs=None, threads=settings.tier2_threads, explain=True)
            self._classifier = classifier_of(settings.classifier, settings.model_folder, settings.lexicon_file, gate)
            self._policy = load_policy(settings.policy_file)
            # The real secret, so that an erasure finds the author of a golden case too.
            self._pseudonyms = IngestSettings().pseudonyms()
        return self._pseudonyms, self._classifier, self._policy


@app.command("import")
def import_golden(
    file: Annotated[Path, typer.Argument(help="JSON lines: content, decision, optionally reason_code.")],
) -> None:
    """Take in golden cases; safe to repeat. Unusable lines are named, and then nothing is stored: exit code 4."""
    try:
        lines = list(unmarked(file.read_bytes().splitlines()))
    except OSError as why:
        raise Fatal(f"{file}: {why.strerror}") from why
    found: list[Golden] = []
    faults: list[str] = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for number, result in progress.track(_read(lines), total=len(lines), description="golden cases"):
            if isinstance(result, Golden):
                found.append(result)
            else:
                faults.append(f"line {number}: {result}")
    for fault in faults:
        typer.echo(f"hub: {fault}", err=True)
    if faults:
        raise typer.Exit(EXIT_UNUSABLE)
    new = Practice(open_database(), ReferrerSettings().rules(), SystemClock()).add(found, OPERATOR)
    typer.echo(f"{new} new golden cases, {len(found) - new} were there already")


def _read(lines: list[bytes]) -> Iterator[tuple[int, Golden | str]]:
    ranker, now = Ranker(), datetime.now(UTC)
    for number, raw in enumerate(lines, 1):
        if raw.strip():
            try:
                yield number, _golden(raw, ranker, now)
            except Rejected as why:
                yield number, f"{why.reason.value} {why.detail} {why.pointer or ''}".strip()


def _golden(raw: bytes, ranker: Ranker, now: datetime) -> Golden:
    """One line. Raises Rejected for one that cannot be a golden case."""
    try:
        line = Line.model_validate(parse(raw))
    except ValidationError as why:
        raise Rejected(Reason.SCHEMA_VIOLATION, *first_fault(why)) from why
    if line.reason_code is not None and line.reason_code not in REASONS[line.decision]:
        raise Rejected(Reason.SCHEMA_VIOLATION, f"{line.reason_code} is no reason to {line.decision}", "/reason_code")
    is_ranked = "scored" in line.content
    ranked = read(ContentRanked, line.content) if is_ranked else ranker(read(ContentReceived, line.content))
    if ranked.status is ContentStatus.DELETED or not ranked.content.texts:
        raise Rejected(Reason.SCHEMA_VIOLATION, "there is nothing to decide about", "/content")
    golden_id = uuid5(NAMESPACE, ranked.content.content_version)
    return Golden(golden_id, line.decision, line.reason_code, ranked.scored.band, now, encode(ranked))
