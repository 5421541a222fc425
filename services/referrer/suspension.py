"""Counts of answers come in; whether whatever proposed the requests is suspended for automatic proposals, and why, goes out. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import Automation
from services.referrer.directory import DATA
from services.runtime.data_file import Table, load

PACKAGED = DATA / "suspension.toml"
REUPLOAD = "reupload"
Share = Annotated[float, Field(gt=0, le=1)]
Minimum = Annotated[int, Field(ge=1, le=100_000)]


class ScopeKind(StrEnum):
    """What can be answerable for a request: the violence type, the collector, the platform, the automatic re-upload rule."""

    RULE = "rule"
    COLLECTOR = "collector"
    PLATFORM = "platform"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class Scope:
    """One of them by its name."""

    kind: ScopeKind
    name: str

    def __str__(self) -> str:
        """`kind name`, for a person."""
        return f"{self.kind.value} {self.name}"


class Thresholds(Table):
    """From which shares on, over which window, and from how many answers on."""

    window_days: Annotated[int, Field(ge=1, le=3_660)]
    minimum: Minimum
    refused_share: Share
    minimum_accepted: Minimum
    reversed_share: Share


class SuspensionRules(Table):
    """The thresholds of each kind."""

    version: str
    digest: str
    rule: Thresholds
    collector: Thresholds
    platform: Thresholds
    automatic: Thresholds

    def of(self, kind: ScopeKind) -> Thresholds:
        """The thresholds of one kind."""
        thresholds: Thresholds = getattr(self, kind.value)
        return thresholds


@dataclass(frozen=True, slots=True)
class Tally:
    """How the answers to requests of one scope fell out within its window."""

    accepted: int = 0
    refused: int = 0
    reversed: int = 0


@dataclass(frozen=True, slots=True)
class Suspended:
    """A scope that makes no automatic proposals any more, and the sentence that says why."""

    scope: Scope
    why: str


def load_suspension(path: Path = PACKAGED) -> SuspensionRules:
    """Read and check the thresholds. Raises Fatal naming the file and the mistake."""
    return load(SuspensionRules, path, "suspension thresholds")


def answerable(request: TakedownRequested, collector: str, platform: str) -> tuple[Scope, ...]:
    """Everything that a request counts for or against."""
    rules = [Scope(ScopeKind.RULE, kind.value) for kind in request.violence_types]
    automatic = request.automated_decision is not Automation.NOT_AUTOMATED
    return (
        *rules,
        Scope(ScopeKind.COLLECTOR, collector),
        Scope(ScopeKind.PLATFORM, platform),
        *((Scope(ScopeKind.AUTOMATIC, REUPLOAD),) if automatic else ()),
    )


def counts_from(now: datetime, thresholds: Thresholds, lifted_at: datetime | None) -> datetime:
    """From when answers count: the start of the window, or when a lead last lifted the suspension."""
    start = now - timedelta(days=thresholds.window_days)
    return start if lifted_at is None else max(start, lifted_at)


def judge(scope: Scope, tally: Tally, rules: SuspensionRules) -> Suspended | None:
    """Whether a scope is suspended. The reversals weigh first: content that was wrongly taken away is the graver mistake."""
    limits = rules.of(scope.kind)
    if tally.accepted >= limits.minimum_accepted and tally.reversed >= limits.reversed_share * tally.accepted:
        return Suspended(
            scope,
            f"{scope}: {tally.reversed} of {tally.accepted} actions were put back "
            f"({tally.reversed / tally.accepted:.0%}; the limit is {limits.reversed_share:.0%} "
            f"in {limits.window_days} days); automatic proposals are suspended.",
        )
    answers = tally.accepted + tally.refused
    if answers >= limits.minimum and tally.refused >= limits.refused_share * answers:
        return Suspended(
            scope,
            f"{scope}: {tally.refused} of {answers} requests were refused "
            f"({tally.refused / answers:.0%}; the limit is {limits.refused_share:.0%} "
            f"in {limits.window_days} days); automatic proposals are suspended.",
        )
    return None
