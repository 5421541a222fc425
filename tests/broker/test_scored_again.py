"""A scorer under load degrades; at rest it has scored again, every record has one ending, and the queue is that of no load at all."""

import asyncio
import contextlib
import re
import time
from collections import Counter
from pathlib import Path

import httpx
import orjson
import pytest

from deploy.kafka.broker import LocalBroker
from schemas.scoring import ContentScored
from schemas.topics import NORMALISED, RANKED, SCORED
from schemas.vocabulary import Band
from services.commands.audit import inbox_of
from services.commands.auditing import Audit, Groups
from services.referrer.adapters.database import SqlDatabase
from services.runtime.codec import decode
from services.scorer.evaluation.suite import read_suite
from tests.broker.processes import Service, audited, kafka_of, lying, produce, scorer, until_done
from tests.broker.test_one_queue import normalised_of, queue_of, ranked_at_once, the_referrer
from tests.builders import received_value

pytestmark = [pytest.mark.broker, pytest.mark.timeout(170)]
PATIENCE = 60.0
# Tier 2 reads everything, as `hub rank` has it do, but no more than one long content of a batch; whatever was degraded waits.
LOADED = {
    "SCORER_CLASSIFIER": "cascade",
    "SCORER_TIER2_SHARE": "1.00",
    "SCORER_TIER2_RUNS": "3",
    "SCORER_AGAIN_ABOVE": "0",
}
TEXTS = [text for function in read_suite() for text in function.cases][::8]


def written(folder: Path) -> Path:
    """Posts of forty people, harmful and harmless."""
    folder.mkdir(parents=True, exist_ok=True)
    events = [
        received_value(
            event_id=f"e-{n}",
            content_id=f"p-{n}",
            url=f"https://bsky.app/profile/a/post/p-{n}",
            author={"id": f"did:plc:a{n % 40}"},
            texts=[{"role": "body", "text": text}],
        )
        for n, text in enumerate(TEXTS)
    ]
    file = folder / "events.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, events)))
    return file


def told(service: Service, series: str) -> int:
    """What the scorer's metrics say now."""
    text = httpx.get(f"{service.url}/metrics", timeout=5.0).text
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    return int(float(found[1])) if found else 0


async def until_none_waits(service: Service) -> None:
    deadline = time.monotonic() + PATIENCE
    while (left := told(service, "hub_degraded_waiting")) > 0:
        assert time.monotonic() < deadline, f"{left} degraded results still wait"
        await asyncio.sleep(0.1)


async def test_what_was_degraded_under_load_ends_in_the_queue_of_no_load(
    own_kafka: LocalBroker, folder: Path, sqlite_url: str
) -> None:
    events = written(folder)
    records = normalised_of(events)
    with contextlib.ExitStack() as stack:
        await produce(own_kafka, records)
        stack.enter_context(the_referrer(own_kafka, folder, sqlite_url))
        service = stack.enter_context(scorer(own_kafka, folder, LOADED))
        await until_done(own_kafka, "hub-scorer", NORMALISED.name)
        await until_none_waits(service)
        again = told(service, 'hub_degraded_total{outcome="scored_again"}')
        assert again > 100
        assert told(service, 'hub_events_total{outcome="ranked",stage="scorer"}') <= len(records)
        await until_done(own_kafka, "hub-referrer", RANKED.name)
        database = SqlDatabase(sqlite_url)
        stack.callback(database.close)
        queue = queue_of(database)
    scored = [decode(ContentScored, record.value) for record in await lying(own_kafka, SCORED.name)]
    first, last = ({each.content_key: each for each in found} for found in (reversed(scored), scored))
    assert {each.degraded for each in last.values()} == {False}
    assert sum(last[key].band != each.band for key, each in first.items()) > 10
    audit = await audited(own_kafka, "scorer")
    assert (audit.missing, audit.doubled, audit.waiting, audit.repeats) == ((), (), 0, again)
    assert Counter(audit.endings) == {"published": len(records)}
    stages = await Audit(kafka_of(own_kafka), Groups(), inbox_of(sqlite_url)).run()
    assert {stage.gap for stage in stages} == {0}
    at_once = await asyncio.to_thread(ranked_at_once, events, folder / "ranked.jsonl", "cascade")
    assert queue == [
        (line["content_key"], line["band"], line["risk"]) for line in at_once if line["band"] != Band.NONE.value
    ]
    assert len(queue) > 50
