"""The webhook against receivers on loopback that are slow, dead, lying or answer twice."""

import asyncio
import base64
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from schemas.referral import TakedownRequested
from services.referrer.adapters.webhook import ANSWER_LIMIT, LONGEST_ASKED, Webhook
from services.referrer.delivery import TEST_REFUSED, Again, Answer, Parcel, Refused, Taken
from services.referrer.signing import verify
from services.runtime.codec import encode
from tests.builders import NOON, a_request, normalised
from tests.fakes import StillClock
from tests.receivers import HttpReceiver, Posted, answers, naming, reply

SECRET = b"s" * 32
REQUEST = a_request()
ID = str(REQUEST.referral_id)


def parcel(request: TakedownRequested = REQUEST) -> Parcel:
    """The parcel of a request."""
    return Parcel(request, encode(request))


@asynccontextmanager
async def webhook(url: str, seconds: float = 5.0) -> AsyncIterator[Webhook]:
    """A webhook that is closed at the end; a developer's proxy does not stand between it and loopback."""
    client = httpx.AsyncClient(trust_env=False, timeout=seconds)
    made = Webhook(url, [SECRET], StillClock(), seconds=seconds, client=client)
    try:
        yield made
    finally:
        await made.stop()


async def answer(receiver: HttpReceiver, seconds: float = 5.0) -> Answer:
    """What one delivery to this receiver gives."""
    async with receiver, webhook(receiver.url, seconds) as way:
        return await way.deliver(parcel())


async def test_a_receiver_that_names_the_referral_has_taken_it() -> None:
    assert await answer(HttpReceiver(answers(202))) == Taken("202")


async def test_it_gets_the_very_bytes_signed_with_id_and_key() -> None:
    receiver = HttpReceiver(answers(200))
    await answer(receiver)
    posted = receiver.posted[0]
    assert posted.body == encode(REQUEST)
    assert verify(posted.headers, posted.body, [SECRET], NOON) is None
    assert posted.headers["webhook-id"] == ID
    assert posted.headers["idempotency-key"] == REQUEST.idempotency_key
    assert posted.headers["content-type"] == "application/json"
    digest = base64.b64encode(hashlib.sha256(posted.body).digest()).decode()
    assert posted.headers["content-digest"] == f"sha-256=:{digest}:"


async def test_a_repeat_carries_the_same_id_key_and_bytes() -> None:
    receiver = HttpReceiver(answers(503, 200))
    async with receiver, webhook(receiver.url) as way:
        assert isinstance(await way.deliver(parcel()), Again)
        assert isinstance(await way.deliver(parcel()), Taken)
    first, second = receiver.posted
    assert (first.body, first.headers["webhook-id"], first.headers["idempotency-key"]) == (
        second.body,
        second.headers["webhook-id"],
        second.headers["idempotency-key"],
    )


async def test_a_receiver_that_had_it_already_says_so() -> None:
    assert await answer(HttpReceiver(answers(409))) == Taken("409, had it already", repeat=True)


async def test_a_conflict_about_another_referral_is_no_proof() -> None:
    assert await answer(HttpReceiver(answers(409, named="other"))) == Refused("409")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (naming("00000000-0000-0000-0000-000000000000"), "200 that names another referral"),
        (b"", "200 that names no referral"),
        (b"OK", "200 that names no referral"),
        (b"[1]", "200 that names no referral"),
        (b'{"referral_id": 7}', "200 that names no referral"),
    ],
)
async def test_a_receiver_that_says_yes_to_something_else_is_not_believed(body: bytes, said: str) -> None:
    assert await answer(HttpReceiver(answers(200, body=body))) == Again(said, unsure=True)


async def test_a_receiver_that_answers_twice_has_taken_it_once() -> None:
    async def twice(posted: Posted, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(200, naming(posted.referral_id)) * 2)

    receiver = HttpReceiver(twice)
    async with receiver, webhook(receiver.url) as way:
        assert [await way.deliver(parcel()), await way.deliver(parcel())] == [Taken("200"), Taken("200")]
    assert len(receiver.posted) == 2


async def test_a_silent_receiver_costs_no_more_than_its_time() -> None:
    async def silent(posted: Posted, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    begun = time.monotonic()
    assert await answer(HttpReceiver(silent), seconds=0.3) == Again("no answer within 0.3 s", unsure=True)
    assert time.monotonic() - begun < 5


async def test_a_receiver_that_drips_its_answer_costs_no_more_than_its_time() -> None:
    """Every single read is fast enough; only a limit on the whole exchange helps."""

    async def drips(posted: Posted, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(1_000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    begun = time.monotonic()
    assert await answer(HttpReceiver(drips), seconds=0.4) == Again("no answer within 0.4 s", unsure=True)
    assert time.monotonic() - begun < 5


async def test_an_endless_answer_is_cut_off() -> None:
    async def endless(posted: Posted, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(200, b"x" * (ANSWER_LIMIT + 1)))

    assert await answer(HttpReceiver(endless)) == Again(f"200 with more than {ANSWER_LIMIT} bytes", unsure=True)


async def test_a_receiver_that_hangs_up_may_have_it() -> None:
    async def hangs_up(posted: Posted, writer: asyncio.StreamWriter) -> None:
        writer.close()

    given = await answer(HttpReceiver(hangs_up))
    assert isinstance(given, Again)
    assert given.unsure


async def test_a_dead_receiver_surely_does_not_have_it() -> None:
    async with HttpReceiver(answers(200)) as receiver:
        url = receiver.url
    async with webhook(url) as way:
        assert await way.deliver(parcel()) == Again("not reached: ConnectError")


async def test_a_receiver_that_comes_up_a_moment_later_is_reached_in_the_same_attempt() -> None:
    async with HttpReceiver(answers(200)) as gone:
        port = gone.port
    late = HttpReceiver(answers(200), port=port)
    async with webhook(late.url) as way:
        attempt = asyncio.create_task(way.deliver(parcel()))
        await asyncio.sleep(0.02)
        async with late:
            assert await attempt == Taken("200")


async def test_a_redirect_is_not_followed() -> None:
    """A signed request about a person goes where it was agreed, or nowhere."""
    elsewhere = HttpReceiver(answers(200))
    async with elsewhere:
        assert await answer(HttpReceiver(answers(307, location=elsewhere.url))) == Refused("307")
    assert elsewhere.posted == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422])
async def test_a_refusal_is_final(status: int) -> None:
    assert await answer(HttpReceiver(answers(status))) == Refused(str(status))


@pytest.mark.parametrize(("status", "unsure"), [(408, False), (425, False), (429, False), (500, True), (503, True)])
async def test_a_busy_receiver_is_asked_again(status: int, unsure: bool) -> None:
    assert await answer(HttpReceiver(answers(status))) == Again(str(status), unsure=unsure)


@pytest.mark.parametrize(
    ("asked", "after"),
    [
        ("120", timedelta(minutes=2)),
        ("99999999", LONGEST_ASKED),
        ("soon", None),
        ("-5", None),
        ("1" * 40, None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
async def test_the_time_that_a_receiver_asks_for_is_kept_within_reason(asked: str, after: timedelta | None) -> None:
    assert await answer(HttpReceiver(answers(429, retry_after=asked))) == Again("429", after=after)


async def test_a_test_request_never_reaches_a_receiver() -> None:
    receiver = HttpReceiver(answers(200))
    async with receiver, webhook(receiver.url) as way:
        assert await way.deliver(parcel(a_request(content=normalised(test=True)))) == Refused(TEST_REFUSED)
    assert receiver.posted == []
