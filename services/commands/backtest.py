"""Content events come in; the ranking that the hub would make of them goes out, by the very code of its services.

normalise -> score -> content risk -> intake with context, over a database of its own that is gone afterwards.
"""

import tempfile
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
import structlog

from schemas.content import ContentNormalised
from schemas.scoring import Digests
from schemas.topics import RANKED
from schemas.vocabulary import Change
from services.commands.rank_labels import Name
from services.commands.rank_lines import PAGE, case_lines
from services.commands.rank_places import Standing, placed, standings
from services.commands.rank_quality import Placed
from services.commands.rank_rest import backtest_rest, line_of, listed_rest, put_rest, row_of
from services.referrer.adapters.all_tables import metadata
from services.referrer.adapters.database import SqlDatabase
from services.referrer.directory import load_directory
from services.referrer.following import Following
from services.referrer.groups import Groups
from services.referrer.handlers import Handling
from services.referrer.notices import platform_names
from services.referrer.policy import ContextPolicy
from services.referrer.recall import Recall
from services.referrer.records import Ended
from services.referrer.reviewing import Reviewing
from services.runtime.clock import SystemClock
from services.runtime.codec import encode
from services.runtime.envelope import Incoming, Source
from services.runtime.errors import Fatal
from services.scorer.content_risk import content_risk, with_parts
from services.scorer.facts import heard, ranked_fact, scored_fact
from services.scorer.policy import Policy
from services.scorer.ports import Classifier, Score


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that decides a ranking beside the classifier."""

    content: Policy
    context: ContextPolicy
    groups: Groups


class Backtest:
    """What the desk would see under one set of rules. A context manager: its database lives as long as it does."""

    def __init__(self, rules: Rules, classifier: Classifier) -> None:
        self._rules = rules
        identity = classifier.digests
        self._digests = Digests(
            model=identity.model,
            lexicon=identity.lexicon,
            calibration=identity.calibration,
            policy=rules.content.digest,
        )
        self._folder = tempfile.TemporaryDirectory(prefix="hub-rank-")
        self._database = SqlDatabase(f"sqlite:///{Path(self._folder.name) / 'backtest.db'}", rules.context)
        sa.event.listen(self._database.engine, "connect", _unsafe_but_fast)
        metadata.create_all(self._database.engine)
        backtest_rest.create(self._database.engine)
        clock = SystemClock()
        following = Following(self._database, clock, platform_names(load_directory()))
        self._reviewing = Reviewing(Recall(rules.context, rules.groups), clock, uuid4)
        self._handling = Handling(self._database, following, self._reviewing, clock, structlog.get_logger())
        self._taken = 0

    def __enter__(self) -> "Backtest":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()
        self._folder.cleanup()

    def take(self, scored: Sequence[tuple[ContentNormalised, Score]]) -> None:
        """One batch of observations with their scores."""
        records: list[Incoming] = []
        rest: list[dict[str, Any]] = []
        for content, score in scored:
            weighed = content_risk(content, score, self._rules.content)
            is_heard = heard(content, weighed, self._rules.content.floors.context)
            if is_heard:
                fact = scored_fact(content, score, weighed, self._digests, content.observed_at)
                value = encode(ranked_fact(content, fact, weighed))
                records.append(Incoming(Source(RANKED.name, 0, self._taken), content.content_key.encode(), value))
                self._taken += 1
            # The two floors are two settings: what either lets go is below, and what is listed depends on neither.
            below = not is_heard or weighed.risk < self._rules.context.floors.context
            if content.change is not Change.DELETED and below:
                rest.append(row_of(content, with_parts(weighed, score, self._rules.content)))
        if any(ending.ended is Ended.DEAD_LETTERED for ending in self._handling(records)):
            raise Fatal("the referrer set a record aside that the scorer had made; its log names the fault")
        if rest:
            with self._database.engine.begin() as connection:
                put_rest(connection, rest)

    def rest(self) -> None:
        """Do all work that was left for later: after this the ranking is a function of what was taken in."""
        while self._database.write(self._reviewing.catch_up) is not None:
            pass

    def lines(self) -> Iterator[dict[str, Any]]:
        """One case a line, best first; then what is below the context floor. Withdrawn content is not listed."""
        with self._reading() as connection:
            below = map(line_of, connection.execution_options(yield_per=PAGE).execute(listed_rest()))
            for rank, line in enumerate(chain(case_lines(connection, self._rules.context), below), 1):
                yield {"rank": rank, **line}

    def standings(self) -> Iterator[Standing]:
        """Every listed content in the order of the keys, copies too: for comparing two sets of rules."""
        with self._reading() as connection:
            yield from standings(connection.execution_options(yield_per=PAGE))

    def placed(self, labels: Container[Name]) -> Iterator[Placed]:
        """The cases in their order, each with what these labels name in it."""
        with self._reading() as connection:
            yield from placed(connection.execution_options(yield_per=PAGE), labels)

    def _reading(self) -> sa.Connection:
        return self._database.engine.execution_options(hub_reads=True).connect()


def _unsafe_but_fast(connection: Any, _record: object) -> None:
    """Nobody needs this database after a crash."""
    connection.execute("PRAGMA synchronous=OFF")
