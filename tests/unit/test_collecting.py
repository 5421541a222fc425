"""Recordings go to a door in batches, at a rate, patiently, and every refusal is reported by its place."""

import gzip
import time
from pathlib import Path

import httpx
import orjson
import pytest
from typer.testing import CliRunner

from schemas.door import Verdict
from services.ingest.adapters.door_client import DoorClient
from services.ingest.cli import collect, collect_file
from services.ingest.collecting import BATCH_BYTES, REFUSALS_KEPT, Tally, batches, replay
from services.ingest.recordings import Item, items
from services.runtime.errors import Fatal
from tests.builders import received_value
from tests.doors import a_door


def numbered(number: int) -> list[Item]:
    return [Item(f"line {n}", orjson.dumps(received_value(content_id=f"p-{n}"))) for n in range(1, number + 1)]


def ignore(_number: int) -> None:
    return None


def answering(*responses: httpx.Response) -> tuple[httpx.AsyncClient, list[httpx.Request]]:
    """A client whose requests are answered in this order, the last answer for all that follow."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return responses[min(len(asked), len(responses)) - 1]

    return httpx.AsyncClient(base_url="http://door", transport=httpx.MockTransport(answer)), asked


def taken(number: int = 1) -> httpx.Response:
    verdicts = [{"index": n, "verdict": "accepted"} for n in range(number)]
    return httpx.Response(
        202, json={"accepted": number, "duplicate": 0, "ignored": 0, "rejected": 0, "items": verdicts}
    )


def test_batches_hold_at_most_so_many_items() -> None:
    assert [len(batch) for batch in batches(numbered(5), 2)] == [2, 2, 1]


def test_batches_hold_at_most_so_many_bytes_unless_one_item_alone_has_more() -> None:
    large = [Item("a", b"x" * BATCH_BYTES), Item("b", b"x"), Item("c", b"x" * (BATCH_BYTES + 1))]
    assert [[item.place for item in batch] for batch in batches(large, 9)] == [["a"], ["b"], ["c"]]


async def test_a_recording_is_at_the_door_when_the_replay_ends() -> None:
    case = a_door()
    async with case.client() as client:
        tally = await replay(
            numbered(7), DoorClient(client, case.key, {}).publish, rate=10_000, batch=3, done=ignore
        )  # fmt: skip
    assert tally.counts == {Verdict.ACCEPTED: 7}
    assert [event.content_id for event in case.sender.events()] == [f"p-{n}" for n in range(1, 8)]


async def test_a_refused_item_is_reported_with_its_place_in_the_file() -> None:
    case = a_door()
    recording = b"\n".join([orjson.dumps(received_value()), b"", b"{", orjson.dumps(received_value(kind="rumour"))])
    async with case.client() as client:
        publish = DoorClient(client, case.key, {}).publish
        tally = await replay(items(recording), publish, rate=1_000, batch=2, done=ignore)
    assert [(place, verdict.pointer) for place, verdict in tally.refused] == [("line 3", ""), ("line 4", "/kind")]


async def test_of_refusals_without_end_the_first_are_kept_and_all_are_counted() -> None:
    case = a_door()
    broken = [Item(f"line {n}", b"{") for n in range(200)]
    async with case.client() as client:
        tally = await replay(broken, DoorClient(client, case.key, {}).publish, rate=10_000, batch=80, done=ignore)
    assert [place for place, _ in tally.refused] == [f"line {n}" for n in range(REFUSALS_KEPT)]
    assert tally.counts == {Verdict.REJECTED: 200}


async def test_the_rate_holds() -> None:
    client, asked = answering(taken(20))
    begun = time.monotonic()
    await replay(numbered(60), DoorClient(client, "k", {}).publish, rate=100, batch=20, done=ignore)
    # The first batch goes at once, the other two wait for a fifth of a second each.
    assert len(asked) == 3
    assert time.monotonic() - begun >= 0.35


async def test_a_rate_below_the_size_of_a_batch_makes_batches_smaller() -> None:
    client, asked = answering(taken(5))
    await replay(numbered(10), DoorClient(client, "k", {}, compress=False).publish, rate=5, batch=100, done=ignore)
    assert [request.content.count(b"\n") + 1 for request in asked] == [5, 5]


async def test_a_busy_door_is_asked_again_after_the_time_it_names() -> None:
    client, asked = answering(httpx.Response(429, headers={"retry-after": "0"}), taken())
    assert (await DoorClient(client, "k", {}).publish([b"{}"])).accepted == 1
    assert len(asked) == 2


async def test_a_door_that_names_no_time_is_not_asked_without_a_pause() -> None:
    client, asked = answering(*[httpx.Response(429, headers={"retry-after": "0"})] * 50)
    with pytest.raises(Fatal):
        await DoorClient(client, "k", {}, patience=0.5).publish([b"{}"])
    assert len(asked) <= 11


async def test_what_answers_and_is_no_door_is_said_so() -> None:
    client, _ = answering(httpx.Response(200, text="<html>"))
    with pytest.raises(Fatal, match=r"no door of a hub.*--door"):
        await DoorClient(client, "k", {}).publish([b"{}"])


async def test_a_door_that_does_not_know_the_outcome_gets_the_same_items_again() -> None:
    client, asked = answering(httpx.Response(503, headers={"retry-after": "0"}), taken())
    await DoorClient(client, "k", {}).publish([b'{"a":1}'])
    assert asked[0].content == asked[1].content


async def test_a_door_that_is_away_for_too_long_ends_the_replay() -> None:
    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    client = httpx.AsyncClient(base_url="http://door", transport=httpx.MockTransport(refuse))
    with pytest.raises(Fatal, match="no answer from the door"):
        await DoorClient(client, "k", {}, patience=0.5).publish([b"{}"])


async def test_a_door_that_is_away_is_told_of_once_each_time() -> None:
    again = {"retry-after": "0"}
    answers = [(503, 502), (429,), (504,)]
    told: list[str] = []
    responses = [r for bad in answers for r in (*(httpx.Response(status, headers=again) for status in bad), taken())]
    client, _ = answering(*responses)
    door = DoorClient(client, "k", {}, away=told.append)
    for _ in answers:
        await door.publish([b"{}"])
    assert told == ["the door answers 503", "the door answers 504"]


def test_a_key_that_no_header_can_carry_is_refused() -> None:
    with pytest.raises(Fatal, match="copy it again"):
        DoorClient(httpx.AsyncClient(), "hub_k\u00e9y", {})


def test_a_format_that_there_is_not_is_refused_before_the_door_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("{}")
    with pytest.raises(Fatal, match="--format fax: choose one of hub"):
        collect_file(path, "k", format="fax")


@pytest.mark.parametrize("rate", ["0", "nan", "inf", "1e308"])
def test_a_rate_that_is_none_is_refused(tmp_path: Path, rate: str) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("{}")
    assert CliRunner().invoke(collect, ["file", str(path), "--key", "k", "--rate", rate]).exit_code == 2


@pytest.mark.parametrize("why", [httpx.UnsupportedProtocol("no http://"), httpx.LocalProtocolError("Illegal header")])
async def test_what_cannot_be_asked_at_all_is_not_asked_again_and_again(why: httpx.TransportError) -> None:
    asked: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        raise why

    client = httpx.AsyncClient(base_url="http://door", transport=httpx.MockTransport(refuse))
    with pytest.raises(Fatal, match=str(why)):
        await DoorClient(client, "k", {}, patience=0.5).publish([b"{}"])
    assert len(asked) == 1


async def test_a_refused_key_ends_the_replay_at_once_in_the_doors_words() -> None:
    case = a_door()
    async with case.client() as client:
        with pytest.raises(Fatal, match="HTTP 401"):
            await DoorClient(client, "hub_wrong_key", {}).publish([b"{}"])


async def test_a_request_that_is_too_large_is_halved_until_the_one_too_large_item_stands_alone() -> None:
    case = a_door(max_body_bytes=1_500, max_event_bytes=1_500)
    large = orjson.dumps(received_value(content_id="big", texts=[{"text": "x" * 1_500}]))
    lines = [item.body for item in numbered(3)] + [large]
    async with case.client() as client:
        answer = await DoorClient(client, case.key, {}, compress=False).publish(lines)
    assert [verdict.verdict for verdict in answer.items] == [*[Verdict.ACCEPTED] * 3, Verdict.REJECTED]
    assert [verdict.index for verdict in answer.items] == [0, 1, 2, 3]


async def test_bodies_are_compressed_when_wanted() -> None:
    client, asked = answering(taken())
    await DoorClient(client, "k", {}).publish([b'{"a":1}', b'{"a":2}'])
    assert gzip.decompress(asked[0].content) == b'{"a":1}\n{"a":2}'


def test_the_tally_reads_as_one_line() -> None:
    assert str(Tally()) == "accepted=0 duplicate=0 ignored=0 rejected=0"
