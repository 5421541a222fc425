"""Every record of the recorded files ends as an event, as ignored, or as refused, whatever format reads it."""

from collections import Counter

import orjson
import pytest

from schemas.content import ContentReceived
from services.ingest.formats.common import Ignored, Result, Seen
from services.ingest.formats.table import FORMATS
from services.ingest.identity import Pseudonyms, Secret
from services.ingest.normalise import normalise
from services.ingest.recordings import items
from services.runtime.errors import Rejected
from tests.builders import NOON
from tests.recorded import FOLDER, needs_recordings, recording

pytestmark = needs_recordings
W3C = "activitystreams_w3c_cases.json"
FILES = sorted(path.name for path in FOLDER.glob("*")) if FOLDER.is_dir() else []


def converted(name: str, format_name: str) -> list[Result]:
    results: list[Result] = []
    for item in items(recording(name)):
        try:
            results += FORMATS[format_name](orjson.loads(item.body), Seen("desk", NOON))
        except Rejected as why:
            results.append(why)
    return results


def counted(results: list[Result]) -> Counter[str]:
    return Counter(
        "event" if isinstance(one, ContentReceived) else "ignored" if isinstance(one, Ignored) else "refused"
        for one in results
    )


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("name", FILES)
def test_every_record_ends_in_every_format(name: str, format_name: str) -> None:
    assert counted(converted(name, format_name)).total() >= 1


@pytest.mark.parametrize(
    ("name", "format_name", "ends"),
    [
        ("bluesky_jetstream_v1_firehose_slice.jsonl", "bluesky-jetstream", {"event": 18, "ignored": 134}),
        ("bluesky_jetstream_v1_golden.jsonl", "bluesky-jetstream", {"event": 1, "ignored": 9}),
        ("mastodon_statuses.json", "mastodon", {"event": 25}),
        ("mastodon_stream_sse.txt", "mastodon", {"event": 1}),
        ("youtube_comment_threads_page1.json", "youtube", {"event": 5}),
        ("youtube_comment_threads_page2.json", "youtube", {"event": 5}),
        ("youtube_comment_replies_page1.json", "youtube", {"refused": 2}),
        ("reddit_listing_comments.json", "reddit", {"event": 8}),
        ("reddit_listing_submissions.json", "reddit", {"event": 5}),
        ("bluesky_thread_view_post.json", "bluesky-jetstream", {"refused": 1}),
    ],
)
def test_recorded_files_end_as_they_should(name: str, format_name: str, ends: dict[str, int]) -> None:
    assert counted(converted(name, format_name)) == ends


def test_documents_that_the_standard_refuses_never_become_events() -> None:
    for name, case in orjson.loads(recording(W3C)).items():
        if case["expect"] == "reject":
            try:
                results = FORMATS["activitypub"](case["document"], Seen("desk", NOON))
            except Rejected:
                continue
            assert all(isinstance(result, Ignored) for result in results), name


def test_every_recorded_event_can_be_normalised() -> None:
    pseudonyms = Pseudonyms(Secret("k1", b"s" * 32))
    for name in FILES:
        for format_name in FORMATS:
            for result in converted(name, format_name):
                if isinstance(result, ContentReceived):
                    assert normalise(result, pseudonyms).content_id == result.content_id
