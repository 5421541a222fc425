"""Two scorers and a referrer, killed and rebalanced while they work, end in the queue that one `hub rank` makes of the same events."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from deploy.kafka.broker import LocalBroker, free_port
from schemas.content import ContentNormalised
from schemas.topics import NORMALISED, RANKED, SCORED
from schemas.vocabulary import Band
from services.cli import app
from services.commands.rank_events import HUB, observations
from services.commands.rank_lines import case_lines
from services.referrer.adapters.database import SqlDatabase
from services.referrer.policy import load_policy
from services.referrer.records import QueueFilter
from services.runtime.codec import encode
from services.runtime.envelope import Outgoing, envelope
from tests.broker.processes import Service, audited, counted, produce, scorer, until_done, until_made
from tests.builders import NOON
from tests.scenarios.stories import stories

pytestmark = [pytest.mark.broker, pytest.mark.timeout(170)]
TELLINGS = 2
BUSY = {"SCORER_BATCH": "16"}
PATIENCE = 90.0


def retold(value: Any, telling: str) -> Any:
    """An event with content ids of its own, so that several tellings of a story stand beside one another."""
    if isinstance(value, dict):
        renamed = {"content_id": f"{telling}-{value['content_id']}"} if "content_id" in value else {}
        return {name: retold(each, telling) for name, each in value.items()} | renamed
    return value


def told() -> Iterator[dict[str, Any]]:
    """Every event of every story, several times over: feuds, floods, copies, edits, deletions and recounts."""
    for telling in range(TELLINGS):
        for story in stories():
            yield from (retold(event, f"{story.name}-{telling}") for event in story.events())


def normalised_of(events: Path) -> list[Outgoing]:
    """The events as ingest puts them on the scorer's topic; every tenth comes again, as after a collector's restart."""
    with events.open("rb") as stream:
        found = list(observations(stream, HUB, lambda _: None, datetime.now(UTC)))
    contents = [each for each in found if isinstance(each, ContentNormalised)]
    assert len(contents) == len(found)
    return [_record(content) for n, content in enumerate(contents) for _ in range(2 if n % 10 == 0 else 1)]


def _record(content: ContentNormalised) -> Outgoing:
    headers = envelope(NORMALISED, id=content.observation_id, stage="test", time=NOON)
    return Outgoing(NORMALISED.name, content.content_key.encode(), encode(content), headers)


def ranked_at_once(events: Path, output: Path, classifier: str = "lexicon") -> list[dict[str, Any]]:
    """Every case of one undisturbed `hub rank`, best first."""
    env = {"SCORER_CLASSIFIER": classifier}
    answer = CliRunner().invoke(app, ["rank", str(events), "--output", str(output)], env=env, catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    lines = [orjson.loads(line) for line in output.read_bytes().splitlines()]
    for line in lines:
        del line["rank"]
    floor = load_policy().floors.context
    return [line for line in lines if line["content_risk"] >= floor]


@contextlib.contextmanager
def the_referrer(broker: LocalBroker, folder: Path, database_url: str) -> Iterator[Service]:
    """A referrer that is started again whenever it is killed, in steps small enough to be killed between."""
    env = {"REFERRER_DATABASE_URL": database_url, "REFERRER_HTTP_PORT": str(free_port()), "REFERRER_BATCH": "16"}
    with Service("services.referrer", broker, folder, env, supervised=True) as service:
        yield service


def remembered(database: SqlDatabase) -> list[dict[str, Any]]:
    """Every case of the referrer's database, in the words of `hub rank`."""
    with database.engine.execution_options(hub_reads=True).connect() as connection:
        # Through JSON, as the other side is read from a file.
        return [orjson.loads(orjson.dumps(line)) for line in case_lines(connection, load_policy())]


def queue_of(database: SqlDatabase) -> list[tuple[str, str, float]]:
    """What the desk is shown, in its order; what is gone and stays for a person all the same is left out."""

    def queue(books: Any) -> list[tuple[str, str, float]]:
        cases = books.cases.queue(QueueFilter(), None, 10_000)
        live = [case for case in cases if any(place.live for place in books.cases.locations(case.case_id))]
        return [(case.content_key, case.band.value, case.risk) for case in live]

    return database.read(queue)


async def until_equal(database: SqlDatabase, wanted: list[dict[str, Any]]) -> None:
    """Wait until what the referrer left for later is done; then both are the same, or never."""
    deadline = time.monotonic() + PATIENCE
    while (found := await asyncio.to_thread(remembered, database)) != wanted:
        if time.monotonic() > deadline:
            assert found == wanted
        await asyncio.sleep(0.5)


def written(events: Path) -> Path:
    """The stories as a file of events."""
    events.parent.mkdir(parents=True, exist_ok=True)
    events.write_bytes(b"\n".join(orjson.dumps(event) for event in told()))
    return events


async def test_killed_and_rebalanced_services_end_in_the_queue_of_one_undisturbed_ranking(
    own_kafka: LocalBroker, folder: Path, sqlite_url: str
) -> None:
    events = written(folder / "events.jsonl")
    records = normalised_of(events)
    third = len(records) // 3
    with contextlib.ExitStack() as stack:
        first, second = (stack.enter_context(scorer(own_kafka, folder, BUSY, supervised=True)) for _ in range(2))
        referrer = stack.enter_context(the_referrer(own_kafka, folder, sqlite_url))
        await produce(own_kafka, records[:third])
        await until_made(own_kafka, SCORED.name, third // 4)
        first.crash()
        referrer.crash()
        await produce(own_kafka, records[third : 2 * third])
        await until_made(own_kafka, SCORED.name, third)
        second.crash()
        await produce(own_kafka, records[2 * third :])
        await until_made(own_kafka, RANKED.name, 1)
        referrer.crash()
        await until_done(own_kafka, "hub-scorer", NORMALISED.name)
        await until_done(own_kafka, "hub-referrer", RANKED.name)
        assert (first.starts, second.starts, referrer.starts) == (2, 2, 3)
        assert await counted(own_kafka, SCORED.name) >= len(records)
        assert (await audited(own_kafka, "scorer")).gap == 0
        wanted = await asyncio.to_thread(ranked_at_once, events, folder / "ranked.jsonl")
        database = SqlDatabase(sqlite_url)
        stack.callback(database.close)
        await until_equal(database, wanted)
    listed = [(line["content_key"], line["band"], line["risk"]) for line in wanted if line["band"] != Band.NONE.value]
    assert queue_of(database) == listed
    assert len(listed) >= 20
    assert any(line["copies"] for line in wanted)
    assert any(line["risk"] > line["content_risk"] for line in wanted)
