"""The door answers when the broker has every accepted event, and says why else."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
import zstandard

from schemas.http import DOOR
from schemas.problem import Problem
from schemas.reasons import Reason
from services.ingest.body import Item
from services.ingest.door import UNKNOWN_OUTCOME, Door
from services.runtime.envelope import Outgoing
from services.runtime.errors import Rejected, Retryable
from tests.builders import received_value
from tests.doors import DoorCase, a_door, ingest_settings

EVENTS = "/v1/events"
JSON = {"content-type": "application/json"}
LINES = {"content-type": "application/x-ndjson"}


async def post(case: DoorCase, body: Any, headers: dict[str, str] | None = None, **query: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    async with case.client() as client:
        return await client.post(EVENTS, content=content, headers=JSON if headers is None else headers, params=query)


def problem(response: httpx.Response) -> Problem:
    assert response.headers["content-type"] == "application/problem+json"
    found = Problem.model_validate_json(response.content)
    assert found.status == response.status_code
    return found


def some(number: int) -> list[dict[str, Any]]:
    return [received_value(content_id=f"p-{n}") for n in range(number)]


async def test_an_accepted_event_is_with_the_broker_when_the_answer_comes() -> None:
    case = a_door()
    response = await post(case, received_value())
    assert response.status_code == 202
    assert response.json() == {
        "accepted": 1, "duplicate": 0, "ignored": 0, "rejected": 0,
        "items": [{"index": 0, "verdict": "accepted", "event_id": "e-1"}],
    }  # fmt: skip
    assert [event.content_id for event in case.sender.events()] == ["p-1"]


async def test_an_array_of_events_is_taken_in_order() -> None:
    case = a_door()
    assert (await post(case, some(3))).json()["accepted"] == 3
    assert [event.content_id for event in case.sender.events()] == ["p-0", "p-1", "p-2"]


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/jsonl", "application/x-ndjson; charset=utf-8"])
async def test_json_lines_are_taken(kind: str) -> None:
    body = b"\n".join(orjson.dumps(value) for value in some(3))
    assert (await post(a_door(), body, {"content-type": kind})).json()["accepted"] == 3


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("zstd", zstandard.compress), ("identity", bytes)]
)
async def test_compressed_bodies_are_taken(encoding: str, pack: Any) -> None:
    body = pack(orjson.dumps(received_value()))
    assert (await post(a_door(), body, JSON | {"content-encoding": encoding})).status_code == 202


async def test_a_mixed_request_is_answered_item_by_item() -> None:
    case = a_door()
    response = await post(case, [received_value(), received_value(kind="rumour"), 7])
    assert response.status_code == 207
    assert [(item["verdict"], item.get("pointer")) for item in response.json()["items"]] == [
        ("accepted", None), ("rejected", "/kind"), ("rejected", ""),
    ]  # fmt: skip
    assert len(case.sender.sent) == 1


async def test_a_repeat_inside_a_request_is_a_duplicate() -> None:
    case = a_door()
    response = await post(case, [received_value(), received_value(event_id="e-2")])
    assert [item["verdict"] for item in response.json()["items"]] == ["accepted", "duplicate"]
    assert len(case.sender.sent) == 1


async def test_a_repeat_of_an_accepted_event_is_a_duplicate() -> None:
    case = a_door()
    await post(case, received_value())
    assert (await post(case, received_value())).json()["duplicate"] == 1
    assert len(case.sender.sent) == 1


async def test_a_repeat_of_an_event_whose_outcome_was_unknown_is_sent_again() -> None:
    case = a_door()
    case.sender.fault = Retryable("no acknowledgement")
    assert (await post(case, received_value())).status_code == 503
    case.sender.fault = None
    assert (await post(case, received_value())).json()["accepted"] == 1


async def test_an_unknown_outcome_says_to_send_the_same_again() -> None:
    case = a_door()
    case.sender.fault = Retryable("no acknowledgement")
    response = await post(case, received_value())
    assert (problem(response).code, problem(response).detail) == ("outcome_unknown", UNKNOWN_OUTCOME)
    assert int(response.headers["retry-after"]) > 0


async def test_a_platforms_shape_is_named_in_the_query() -> None:
    case = a_door()
    ignored = {"kind": "identity"}
    assert (await post(case, ignored, format="bluesky-jetstream")).json()["items"] == [
        {"index": 0, "verdict": "ignored", "detail": "identity"}
    ]


def conversation(replies: int) -> dict[str, Any]:
    """A comment of Reddit's with so many replies, each to the one before."""
    data: dict[str, Any] = {
        "id": f"c{replies}", "name": f"t1_c{replies}", "body": "words", "author": "kofi", "subreddit": "north",
        "parent_id": "t3_a", "link_id": "t3_a", "created_utc": 1_780_315_000,
    }  # fmt: skip
    if replies:
        data["replies"] = {"kind": "Listing", "data": {"children": [conversation(replies - 1)]}}
    return {"kind": "t1", "data": data}


async def test_a_conversation_of_a_platform_may_nest_deeper_than_an_event() -> None:
    response = await post(a_door(), conversation(9), format="reddit")
    assert (response.status_code, response.json()["accepted"]) == (202, 10)


async def test_a_conversation_that_never_ends_is_refused() -> None:
    assert problem(await post(a_door(), conversation(30), format="reddit")).code == "too_deep"


async def test_the_instance_is_named_in_the_query() -> None:
    case = a_door()
    await post(case, {"event": "delete", "payload": "1"}, format="mastodon", instance="social.example")
    assert case.sender.events()[0].instance == "social.example"


@pytest.mark.parametrize("instance", ["", "Social.Example", "a b", "https://a.example"])
async def test_an_instance_that_is_no_host_is_refused(instance: str) -> None:
    response = await post(a_door(), {"event": "delete", "payload": "1"}, format="mastodon", instance=instance)
    assert response.status_code == 400


async def test_a_structured_cloud_event_is_taken() -> None:
    case = a_door()
    event = {
        "specversion": "1.0",
        "id": "ce-1",
        "source": "/x",
        "type": "content.received.v1",
        "data": received_value(),
    }
    response = await post(case, event, {"content-type": "application/cloudevents+json"}, format="cloudevents")
    assert (response.status_code, case.sender.events()[0].event_id) == (202, "ce-1")


async def test_a_batch_of_cloud_events_is_taken() -> None:
    event = {"specversion": "1.0", "id": "ce-1", "source": "/x", "type": "content.received.v1"}
    batch = [event | {"data": value} for value in some(2)]
    response = await post(a_door(), batch, {"content-type": "application/cloudevents-batch+json"}, format="cloudevents")
    assert response.json()["accepted"] == 2


async def test_a_binary_cloud_event_is_taken_from_its_headers() -> None:
    case = a_door()
    headers = JSON | {
        "ce-specversion": "1.0",
        "ce-id": "caf%C3%A9",
        "ce-source": "/x",
        "ce-type": "content.received.v1",
    }
    response = await post(case, received_value(), headers, format="cloudevents")
    assert (response.status_code, case.sender.events()[0].event_id) == (202, "café")


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        (b"", 400, "empty_value", None),
        (b"{", 400, "not_json", None),
        (b'"\xff"', 400, "not_utf8", None),
        (b"[]", 422, "schema_violation", None),
        (b"{}", 422, "schema_violation", "/event_id"),
        (b'{"schema_version":"9"}', 422, "unknown_version", "/schema_version"),
        (b"[" * 2_000 + b"]" * 2_000, 422, "too_deep", None),
        (b"1" * 30, 422, "number_out_of_range", None),
    ],
)
async def test_a_request_of_one_bad_document_is_refused_as_a_whole(
    body: bytes, status: int, code: str, pointer: str | None
) -> None:
    found = problem(response := await post(a_door(), body))
    assert (response.status_code, found.code, found.pointer) == (status, code, pointer)


async def test_lines_without_an_event_are_refused() -> None:
    assert problem(await post(a_door(), b"\n \n", LINES)).code == "empty_value"


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic x", "hub_1_2", "Bearer hub_00000000_x"])
async def test_without_a_key_the_door_stays_shut(authorization: str) -> None:
    case = a_door()
    async with case.client(authorization=authorization) as client:
        response = await client.post(EVENTS, json=received_value())
    assert (response.status_code, problem(response).code) == (401, "unauthorized")
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_a_shut_door_does_not_even_read_the_body() -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"{}"

    async with a_door().client(authorization="Bearer no") as client:
        await client.post(EVENTS, content=body(), headers=JSON)
    assert read <= 1


async def test_one_event_of_a_platform_outside_the_keys_scope_is_forbidden() -> None:
    response = await post(a_door(platforms=("youtube",)), received_value())
    assert (response.status_code, problem(response).pointer) == (403, "/platform")


async def test_more_events_than_a_request_may_hold_are_refused() -> None:
    case = a_door(max_events=2)
    assert ((await post(case, some(2))).status_code, (await post(case, some(3))).status_code) == (202, 413)


def talk(replies: list[Any]) -> dict[str, Any]:
    """A comment of Reddit's with replies one beside the other."""
    below = {"kind": "Listing", "data": {"children": replies}}
    return {"kind": "t1", "data": reddit_comment("c0") | {"replies": below}}


def reddit_comment(name: str) -> dict[str, Any]:
    return {
        "id": name, "author": "a", "body": "words", "created_utc": 1_780_000_000, "parent_id": "t3_l", "link_id": "t3_l",
        "subreddit": "s", "permalink": f"/r/s/comments/l/_/{name}/",
    }  # fmt: skip


async def test_a_conversation_of_more_events_than_a_request_may_hold_is_refused_whole() -> None:
    case = a_door(max_events=3)
    replies = [{"kind": "t1", "data": reddit_comment(f"c{number}")} for number in range(1, 4)]
    assert (await post(case, talk(replies[:2]), format="reddit")).json()["accepted"] == 3
    response = await post(case, talk(replies), format="reddit")
    assert (response.status_code, problem(response).code) == (413, "too_large")
    assert len(case.sender.sent) == 3


async def test_a_conversations_events_count_against_the_collectors_rate() -> None:
    case = a_door(events=50, volume=1_700_000)
    replies = [{"kind": "t1", "data": reddit_comment(f"c{number}")} for number in range(1, 500)]
    assert (await post(case, talk(replies), format="reddit")).json()["accepted"] == 500
    assert (await post(case, some(400))).status_code == 429


async def test_a_body_that_is_too_large_is_refused() -> None:
    response = await post(
        a_door(max_body_bytes=2_000, max_event_bytes=2_000), received_value(texts=[{"text": "x" * 2_000}])
    )
    assert (response.status_code, problem(response).code) == (413, "too_large")


async def test_a_body_that_inflates_too_far_is_refused() -> None:
    bomb = gzip.compress(b" " * 5_000_000)
    assert (await post(a_door(), bomb, JSON | {"content-encoding": "gzip"})).status_code == 413


async def test_a_line_that_is_too_large_spoils_no_other() -> None:
    lines = [
        orjson.dumps(received_value(texts=[{"text": "x" * 2_000}])),
        orjson.dumps(received_value(content_id="p-2")),
    ]
    response = await post(a_door(max_event_bytes=1_500), b"\n".join(lines), LINES)
    assert [item["verdict"] for item in response.json()["items"]] == ["rejected", "accepted"]


@pytest.mark.parametrize("kind", ["text/plain", "", "application/xml"])
async def test_other_media_types_are_refused_with_those_that_are_taken(kind: str) -> None:
    response = await post(a_door(), received_value(), {"content-type": kind})
    assert response.status_code == 415
    assert "application/json" in problem(response).allowed
    assert "application/json" in response.headers["accept-post"]


async def test_other_encodings_are_refused_with_those_that_are_taken() -> None:
    response = await post(a_door(), received_value(), JSON | {"content-encoding": "br"})
    assert (response.status_code, problem(response).allowed) == (415, ("identity", "gzip", "zstd"))


async def test_an_unknown_format_is_refused_with_those_that_there_are() -> None:
    response = await post(a_door(), received_value(), format="gossip")
    assert (response.status_code, problem(response).code) == (400, "unknown_format")
    assert "mastodon" in problem(response).allowed


async def test_a_collector_in_haste_is_told_when_to_come_again() -> None:
    case = a_door(events=50, volume=1_700_000)
    await post(case, some(500))
    response = await post(case, some(400))
    assert (response.status_code, problem(response).code) == (429, "too_many_requests")
    assert int(response.headers["retry-after"]) > 0
    assert len(case.sender.sent) == 500


async def test_a_door_that_closes_takes_nothing_more() -> None:
    case = a_door()
    case.door.accepting = False
    assert problem(await post(case, received_value())).code == "busy"


class SlowSender:
    """Acknowledges when it is let."""

    def __init__(self) -> None:
        self.let = asyncio.Event()

    async def send_all(self, _records: list[Outgoing]) -> None:
        await self.let.wait()


async def test_a_request_beyond_the_limit_is_asked_to_come_again_and_the_others_are_served() -> None:
    case = a_door(max_requests=2)
    slow = SlowSender()
    case.door.sender = slow  # type: ignore[assignment]
    waiting = [asyncio.create_task(post(case, received_value(content_id=f"p-{n}"))) for n in range(2)]
    await asyncio.sleep(0.05)
    third = await post(case, received_value(content_id="p-3"))
    slow.let.set()
    assert third.status_code == 503
    assert [response.status_code for response in await asyncio.gather(*waiting)] == [202, 202]


async def test_bodies_of_all_requests_together_are_bounded_and_given_back() -> None:
    case = a_door(max_bytes_in_flight=3_000, max_inflated_bytes=3_000, max_event_bytes=3_000)
    case.door.hold(2_900)
    assert problem(await post(case, received_value())).code == "busy"
    case.door.hold(-2_900)
    assert (await post(case, received_value())).status_code == 202


class SlowReader(Door):
    """A door that takes its time to read a body, and knows how many it read at once."""

    at_work = most = 0

    def _items(self, raw: bytes, kind: str, depth: int) -> tuple[list[Item], bool]:
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        time.sleep(0.05)
        found = super()._items(raw, kind, depth)
        self.at_work -= 1
        return found


async def test_of_large_bodies_one_at_a_time_is_read() -> None:
    case = a_door()
    door = SlowReader(ingest_settings(), case.door.keyring, case.sender, case.clock, case.door.log)
    case.door = door
    large = [received_value(content_id=f"p-{n}", texts=[{"text": "x" * 10_000}]) for n in range(60)]
    answers = await asyncio.gather(*(post(case, large) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [202] * 4
    assert door.most == 1


async def test_a_body_that_does_not_arrive_in_time_is_refused() -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    async with a_door(body_seconds=0.05).client() as client:
        response = await client.post(EVENTS, content=slowly(), headers=JSON)
    assert problem(response).status == 408
    assert 408 in next(operation.errors for operation in DOOR if operation.path == EVENTS)


async def test_an_error_nobody_expected_says_nothing_of_the_inside() -> None:
    case = a_door()
    case.sender.fault = RuntimeError("the secret of the inside")
    response = await post(case, received_value())
    assert problem(response).status == 500
    assert b"inside" not in response.content


@pytest.mark.parametrize("fault", [Retryable("x"), Rejected(Reason.OUTPUT_TOO_LARGE)])
async def test_no_failure_of_sending_is_a_success(fault: Exception) -> None:
    case = a_door()
    case.sender.fault = fault
    assert (await post(case, received_value())).status_code == 503


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", EVENTS, 405), ("POST", "/v1/whoami", 405)]
)
async def test_other_ways_are_problems_too(method: str, path: str, status: int) -> None:
    async with a_door().client() as client:
        assert problem(await client.request(method, path)).status == status


async def test_whoami_says_what_the_key_may_do() -> None:
    async with a_door(platforms=("bluesky",), events=77).client() as client:
        response = await client.get("/v1/whoami")
    assert response.json() == {
        "collector": "desk", "platforms": ["bluesky"], "events_per_second": 77.0, "bytes_per_second": 8_000_000.0,
    }  # fmt: skip


async def test_whoami_needs_a_key() -> None:
    async with a_door().client(authorization="") as client:
        assert (await client.get("/v1/whoami")).status_code == 401


async def test_the_description_of_the_door_needs_no_key() -> None:
    async with a_door().client(authorization="") as client:
        assert (await client.get("/openapi.json")).json()["openapi"].startswith("3.")


async def test_answers_are_not_to_be_cached() -> None:
    assert (await post(a_door(), received_value())).headers["cache-control"] == "no-store"


def test_every_operation_of_the_contract_has_a_route() -> None:
    routes = {
        (method, getattr(route, "path", ""))
        for route in a_door().door.app().routes
        for method in getattr(route, "methods", ())
    }
    assert {(operation.method.upper(), operation.path) for operation in DOOR} <= routes
