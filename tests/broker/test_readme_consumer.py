"""The consumer that the README shows to downstream teams works as it is written."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka.broker import LocalBroker
from schemas.topics import TAKEDOWN_REQUESTED
from services.runtime.envelope import Outgoing
from services.runtime.kafka import Producer
from services.runtime.settings import KafkaSettings

README = Path(__file__).parents[2] / "README.md"
Consumer = Callable[[str, str], AsyncGenerator[dict[str, Any], None]]


def shown() -> Consumer:
    """The function of the README's only Python block."""
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(block, "README.md", "exec"), names)  # noqa: S102  our own words
    function: Consumer = names["takedown_requests"]
    return function


def request(referral: str, *, version: str = "1", test: bool = False) -> Outgoing:
    value = f'{{"schema_version": "{version}", "referral_id": "{referral}", "test": {str(test).lower()}}}'
    return Outgoing(TAKEDOWN_REQUESTED.name, referral.encode(), value.encode(), [])


async def read(bootstrap: str, count: int) -> list[str]:
    found: list[str] = []
    async with asyncio.timeout(30), aclosing(shown()(bootstrap, "readme")) as requests:
        async for one in requests:
            found.append(one["referral_id"])
            if len(found) == count:
                break
    return found


@pytest.mark.broker
async def test_each_request_comes_once_and_test_requests_never(own_kafka: LocalBroker) -> None:
    producer = Producer(KafkaSettings(bootstrap=own_kafka.bootstrap), "test")
    await producer.start()
    try:
        await producer.send_all([request("a"), request("a"), request("drill", test=True), request("b"), request("c")])
    finally:
        await producer.stop()
    assert sorted(await read(own_kafka.bootstrap, 3)) == ["a", "b", "c"]
