"""A scorer's lag counts what waits for it, and nothing that is gone or that another one has."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from faust.types import TP

from schemas.topics import NORMALISED
from services.runtime.settings import KafkaSettings
from services.scorer.adapters.faust_worker import FaustWorker
from services.scorer.settings import ScorerSettings

PARTITION = TP(NORMALISED.name, 0)


@dataclass
class Consumer:
    """As much of Faust's consumer as a lag needs."""

    end: int | None = 50
    begin: int | None = 40
    fetched_end: int | None = None
    _committed_offset: dict[TP, int | None] = field(default_factory=dict)

    def assignment(self) -> set[TP]:
        return {PARTITION}

    def highwater(self, _partition: TP) -> int | None:
        return self.fetched_end

    async def highwaters(self, *partitions: TP) -> dict[TP, int]:
        if self.end is None:
            raise KafkaError("away")
        return dict.fromkeys(partitions, self.end)

    async def earliest_offsets(self, *partitions: TP) -> dict[TP, int]:
        if self.begin is None:
            raise KafkaError("away")
        return dict.fromkeys(partitions, self.begin)


@dataclass
class App:
    """As much of a Faust app."""

    consumer: Consumer


async def lag(consumer: Consumer, folder: Path) -> dict[tuple[str, int], int]:
    worker = FaustWorker(ScorerSettings(), KafkaSettings(), NORMALISED.name, _nothing, folder)
    worker._app = App(consumer)
    return await worker.lag()


async def _nothing(_records: Any) -> None:
    return None


async def test_before_the_first_commit_the_lag_counts_from_the_beginning(tmp_path: Path) -> None:
    assert await lag(Consumer(), tmp_path) == {PARTITION: 10}


async def test_after_it_the_lag_counts_from_there(tmp_path: Path) -> None:
    assert await lag(Consumer(_committed_offset={PARTITION: 47}), tmp_path) == {PARTITION: 3}


async def test_a_partition_that_is_fetched_no_longer_falls_behind(tmp_path: Path) -> None:
    """As where Faust forgets it: what came with the last fetch would say that nothing waits."""
    assert await lag(Consumer(fetched_end=47, _committed_offset={PARTITION: 47}), tmp_path) == {PARTITION: 3}


async def test_while_the_broker_is_away_what_waited_waits(tmp_path: Path) -> None:
    """Else a client that cannot reach it would never be found to stand still."""
    away = Consumer(end=None, fetched_end=49, _committed_offset={PARTITION: 47})
    assert await lag(away, tmp_path) == {PARTITION: 2}


@pytest.mark.parametrize("consumer", [Consumer(end=None), Consumer(begin=None)])
async def test_of_a_partition_that_the_broker_has_not_told_of_there_is_no_lag(
    consumer: Consumer, tmp_path: Path
) -> None:
    assert await lag(consumer, tmp_path) == {}


async def test_every_rebalance_is_told(tmp_path: Path) -> None:
    moves: list[str] = []
    worker = FaustWorker(
        ScorerSettings(), KafkaSettings(), NORMALISED.name, _nothing, tmp_path, lambda: moves.append("moved")
    )
    await worker._app.on_partitions_assigned.send({PARTITION})
    await worker._app.on_partitions_assigned.send(set())
    assert moves == ["moved", "moved"]
