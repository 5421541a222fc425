"""A live Jetstream is cut again and again, and no message is missing at the door."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
import structlog
from websockets.asyncio.server import ServerConnection, serve

from services.ingest.adapters.door_client import DoorClient
from services.ingest.adapters.jetstream_feed import Cursor, JetstreamFeed
from services.runtime.errors import Fatal
from tests.doors import DoorCase, a_door
from tests.recorded import JETSTREAM, needs_recordings, recording

BEGIN = 1_780_315_200_000_000


def written(number: int) -> list[bytes]:
    """A slice of a stream that we wrote: posts, and likes between them."""
    return [
        orjson.dumps(
            {
                "did": f"did:plc:{n % 5}",
                "time_us": BEGIN + n * 10,
                "kind": "commit",
                "commit": {
                    "operation": "create",
                    "collection": "app.bsky.feed.like" if n % 4 == 0 else "app.bsky.feed.post",
                    "rkey": f"k{n}",
                    "record": {"text": f"words {n}", "createdAt": "2026-06-01T11:59:00Z"},
                },
            }
        )
        for n in range(number)
    ]


class Endpoint:
    """Replays messages from the cursor a client names, and cuts each connection after so many, but for the last."""

    def __init__(self, messages: Sequence[bytes], cut_after: int) -> None:
        self.messages = messages
        self.cut_after = cut_after
        self.cursors: list[int] = []
        self.wanted: list[str] = []
        self.people: list[str] = []

    async def __call__(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        query = parse_qs(urlsplit(socket.request.path).query)
        cursor = int(query.get("cursor", ["0"])[0])
        self.cursors.append(cursor)
        self.wanted += query.get("wantedCollections", [])
        self.people += query.get("wantedDids", [])
        left = [message for message in self.messages if orjson.loads(message)["time_us"] >= cursor]
        for message in left[: self.cut_after]:
            await socket.send(message.decode())
        if len(left) > self.cut_after:
            # As a fallen server does it: no closing words.
            socket.transport.abort()
        else:
            await socket.wait_closed()


@asynccontextmanager
async def endpoint(messages: Sequence[bytes], cut_after: int) -> AsyncIterator[tuple[str, Endpoint]]:
    replaying = Endpoint(messages, cut_after)
    async with serve(replaying, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/subscribe", replaying


async def stream(
    case: DoorCase, url: str, cursor: Path, until: Callable[[JetstreamFeed], bool], **options: float
) -> JetstreamFeed:
    """Run the feed until `until` holds after a batch."""
    async with case.client() as client:
        publish = DoorClient(client, case.key, {"format": "bluesky-jetstream"}).publish
        feed = JetstreamFeed(
            url, Cursor(cursor), publish, structlog.get_logger(), batch=20, linger=0.05, rewind_us=0, pause=0.01
        )
        enough = asyncio.Event()
        running = asyncio.create_task(feed.run(lambda _: enough.set() if until(feed) else None))
        waiting = asyncio.create_task(enough.wait())
        await asyncio.wait([running, waiting], timeout=30, return_when=asyncio.FIRST_COMPLETED)
        for task in (running, waiting):
            task.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)
        assert enough.is_set()
        return feed


def posts(messages: Sequence[bytes]) -> list[str]:
    """Keys of the posts made or deleted in these messages."""
    commits = [orjson.loads(message).get("commit", {}) for message in messages]
    return [commit["rkey"] for commit in commits if commit.get("collection") == "app.bsky.feed.post"]


def at_the_door(case: DoorCase) -> list[str]:
    return [event.content_id.rpartition("/")[2] for event in case.sender.events()]


async def test_nothing_is_missing_at_the_door_after_cuts(tmp_path: Path) -> None:
    case, messages = a_door(), written(100)
    async with endpoint(messages, cut_after=33) as (url, replaying):
        await stream(case, url, tmp_path / "cursor", lambda _: len(case.sender.sent) == len(posts(messages)))
    assert at_the_door(case) == posts(messages)
    assert len(replaying.cursors) > 3


@needs_recordings
@pytest.mark.parametrize("name", JETSTREAM)
async def test_nothing_of_the_recorded_stream_is_missing_at_the_door_after_cuts(tmp_path: Path, name: str) -> None:
    case = a_door()
    # A server plays back in the order of its clock; the recording was cut from several connections.
    messages = sorted(recording(name).splitlines(), key=lambda line: orjson.loads(line)["time_us"])
    case.clock.forward(days=60)
    async with endpoint(messages, cut_after=60) as (url, _):
        await stream(case, url, tmp_path / "cursor", lambda _: len(case.sender.sent) == len(posts(messages)))
    assert at_the_door(case) == posts(messages)


async def test_each_connection_goes_on_from_the_last_message_that_the_door_answered_for(tmp_path: Path) -> None:
    case, messages = a_door(), written(50)
    async with endpoint(messages, cut_after=30) as (url, replaying):
        await stream(case, url, tmp_path / "cursor", lambda _: len(case.sender.sent) == len(posts(messages)))
    assert replaying.cursors[:2] == [0, BEGIN + 29 * 10]


async def test_a_new_process_goes_on_from_the_cursor_in_the_file(tmp_path: Path) -> None:
    case, messages = a_door(), written(40)
    cursor = tmp_path / "cursor"
    async with endpoint(messages[:20], cut_after=99) as (url, _):
        await stream(case, url, cursor, lambda feed: feed.tally.counts.total() >= 20)
    async with endpoint(messages, cut_after=99) as (url, replaying):
        await stream(case, url, cursor, lambda _: len(case.sender.sent) == len(posts(messages)))
    assert replaying.cursors == [BEGIN + 19 * 10]
    assert at_the_door(case) == posts(messages)


@pytest.mark.parametrize(
    ("case", "hours", "reason"),
    [(a_door(platforms=("youtube",)), 0, "platform_not_allowed"), (a_door(), -2, "observed_in_future")],
)
async def test_a_stream_that_the_door_refuses_ends_the_collector_and_keeps_the_cursor(
    tmp_path: Path, case: DoorCase, hours: int, reason: str
) -> None:
    case.clock.forward(hours=hours)
    async with endpoint(written(20), cut_after=99) as (url, _), case.client() as client:
        publish = DoorClient(client, case.key, {"format": "bluesky-jetstream"}).publish
        feed = JetstreamFeed(url, Cursor(tmp_path / "c"), publish, structlog.get_logger(), batch=20, linger=0.05)
        with pytest.raises(Fatal, match=reason):
            await asyncio.wait_for(feed.run(lambda _: None), 10)
    assert Cursor(tmp_path / "c").read() is None


async def test_only_posts_are_asked_for(tmp_path: Path) -> None:
    case = a_door()
    async with endpoint(written(5), cut_after=9) as (url, replaying):
        await stream(case, url, tmp_path / "cursor", lambda feed: feed.tally.counts.total() == 5)
    assert replaying.wanted == ["app.bsky.feed.post"]


async def test_what_is_wanted_several_times_is_asked_for_several_times(tmp_path: Path) -> None:
    """A stream that is asked for one person in place of two loses the other without a word."""
    case, cursor = a_door(), tmp_path / "cursor"
    Cursor(cursor).write(BEGIN)
    query = "?wantedDids=did:plc:a&wantedCollections=a.b&cursor=1&wantedDids=did:plc:b&wantedCollections=c.d"
    async with endpoint(written(5), cut_after=9) as (url, replaying):
        await stream(case, url + query, cursor, lambda feed: feed.tally.counts.total() == 5)
    assert (replaying.people, replaying.wanted) == (["did:plc:a", "did:plc:b"], ["a.b", "c.d"])
    assert replaying.cursors == [BEGIN]


async def test_a_message_that_is_none_is_refused_and_the_stream_goes_on(tmp_path: Path) -> None:
    case = a_door()

    async def babble(socket: ServerConnection) -> None:
        await socket.send("not json")
        await socket.send(written(2)[1].decode())
        await socket.wait_closed()

    async with serve(babble, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/"
        feed = await stream(case, url, tmp_path / "cursor", lambda feed: feed.tally.counts.total() == 2)
    assert [place for place, _ in feed.tally.refused] == ["message 1"]
    assert at_the_door(case) == ["k1"]


async def test_an_endpoint_that_is_away_is_told_of_while_it_is_asked_again(tmp_path: Path) -> None:
    async with serve(lambda _: asyncio.sleep(0), "127.0.0.1", 0) as gone:
        port = next(iter(gone.sockets)).getsockname()[1]
    with structlog.testing.capture_logs() as logs:
        feed = JetstreamFeed(
            f"ws://127.0.0.1:{port}/", Cursor(tmp_path / "c"), a_door().door.sender.send_all, structlog.get_logger()  # type: ignore[arg-type]
        )  # fmt: skip
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(feed.run(lambda _: None), 0.5)
    assert "jetstream_away" in [entry["event"] for entry in logs]


async def test_an_address_that_is_none_ends_the_collector(tmp_path: Path) -> None:
    feed = JetstreamFeed(
        "http://127.0.0.1:1/", Cursor(tmp_path / "c"), DoorClient(None, "k", {}).publish, structlog.get_logger()  # type: ignore[arg-type]
    )  # fmt: skip
    with pytest.raises(Fatal, match="no Jetstream endpoint"):
        await feed.run(lambda _: None)


@pytest.mark.parametrize(
    "url",
    [
        "https://kofi:s3cret@127.0.0.1:1/subscribe?token=s3cret",
        "wss://kofi:s3cret@",
        "wss://kofi:s3cret@127.0.0.1:99999/subscribe",
        "wss://kofi@127.0.0.1:s3cret/subscribe",
        "wss://kofi:s3cret@[127.0.0.1/subscribe",
        "wss://%ff:s3cret@127.0.0.1/subscribe",
        "wss://kofi:s3cret\u2100@127.0.0.1/subscribe",
    ],
)
async def test_an_address_that_is_none_is_told_of_without_its_password(tmp_path: Path, url: str) -> None:
    feed = JetstreamFeed(
        url, Cursor(tmp_path / "c"), DoorClient(None, "k", {}).publish, structlog.get_logger()  # type: ignore[arg-type]
    )  # fmt: skip
    with pytest.raises(Fatal, match="Jetstream endpoint") as why:
        await feed.run(lambda _: None)
    assert "s3cret" not in str(why.value)


def test_a_broken_cursor_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "cursor").write_text("yesterday")
    with pytest.raises(Fatal, match="holds no cursor"):
        Cursor(tmp_path / "cursor").read()


def test_without_a_cursor_file_the_stream_begins_with_the_present(tmp_path: Path) -> None:
    assert Cursor(tmp_path / "cursor").read() is None
