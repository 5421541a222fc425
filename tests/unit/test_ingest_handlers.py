"""Every received record gets exactly one ending."""

import json

import pytest
import structlog

from schemas.content import ContentNormalised
from schemas.reasons import Reason
from schemas.topics import MAX_MESSAGE_BYTES, NORMALISED, RECEIVED
from schemas.vocabulary import ContentFlag, TextFlag
from services.ingest.handlers import MAX_VALUE_BYTES, Ending, Normalising, Outcome, observation_of
from services.ingest.identity import Pseudonyms, Secret
from services.ingest.memory import RecentIds
from services.ingest.normalise import identify
from services.runtime.codec import decode
from services.runtime.dead_letters import reason_of
from services.runtime.envelope import Incoming, Outgoing, Source
from services.runtime.text import to_original
from tests.builders import received, received_value, record
from tests.fakes import StillClock

# Nearly as much as the contract allows beside the texts.
MEDIA = [{"url": "https://a.example/" + "x" * 1_900}] * 64
TAGS = ["\U0001f5e1" * 200] * 100


def handle(*records: Incoming, recent: RecentIds | None = None, clock: StillClock | None = None) -> list[Ending]:
    normalising = Normalising(
        Pseudonyms(Secret("k1", b"s" * 32)), recent or RecentIds(0), clock or StillClock(), structlog.get_logger()
    )
    return normalising(records)


def only(outputs: tuple[Outgoing, ...]) -> Outgoing:
    (output,) = outputs
    return output


def as_incoming(output: Outgoing) -> Incoming:
    return Incoming(Source(output.topic, 0, 0), output.key, output.value, tuple(output.headers))


def test_a_good_record_is_published_under_its_content_key() -> None:
    (ending,) = handle(record(received(), RECEIVED.name))
    output = only(ending.outputs)
    content = decode(ContentNormalised, output.value)
    assert (ending.outcome, output.topic, output.key) == (
        Outcome.PUBLISHED,
        NORMALISED.name,
        content.content_key.encode(),
    )


def test_an_output_says_which_record_it_was_made_from() -> None:
    (ending,) = handle(record(received(), RECEIVED.name, offset=41, partition=3))
    assert as_incoming(only(ending.outputs)).header("hub_source") == "content.received.v1/3/41"


def test_an_output_keeps_the_trace_and_the_time_of_acceptance() -> None:
    trace, time = b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01", b"2026-06-01T11:59:59.500Z"
    (ending,) = handle(record(received(), RECEIVED.name, headers=(("traceparent", trace), ("ce_time", time))))
    headers = dict(only(ending.outputs).headers)
    assert (headers["traceparent"], headers["ce_time"]) == (trace, time)


def test_the_same_record_gives_the_same_bytes() -> None:
    (one,), (other,) = (handle(record(received(), RECEIVED.name)) for _ in range(2))
    assert only(one.outputs).value == only(other.outputs).value


def test_an_unreadable_record_is_dead_lettered_with_its_reason_and_its_bytes() -> None:
    (ending,) = handle(record(b"{", RECEIVED.name))
    letter = only(ending.outputs)
    assert (ending.outcome, letter.topic, letter.value) == (Outcome.DEAD_LETTERED, RECEIVED.dlq, b"{")
    assert reason_of(as_incoming(letter)) is Reason.NOT_JSON


def test_a_record_that_only_its_compression_made_small_is_not_read() -> None:
    huge = json.dumps(received_value() | {"padding": "x" * MAX_MESSAGE_BYTES}).encode()
    (ending,) = handle(record(huge, RECEIVED.name))
    assert reason_of(as_incoming(only(ending.outputs))) is Reason.TOO_LARGE


def test_a_record_without_a_value_is_dead_lettered() -> None:
    (ending,) = handle(record(None, RECEIVED.name))
    assert reason_of(as_incoming(only(ending.outputs))) is Reason.EMPTY_VALUE


def test_a_record_from_the_future_is_dead_lettered_until_its_time_has_come() -> None:
    early = record(received(observed_at="2026-06-01T13:30:00Z"), RECEIVED.name)
    clock = StillClock()
    (before,) = handle(early, clock=clock)
    clock.forward(hours=1)
    (after,) = handle(early, clock=clock)
    assert (before.outcome, after.outcome) == (Outcome.DEAD_LETTERED, Outcome.PUBLISHED)


@pytest.mark.parametrize("sign", ["\u337f", "\ufb03x", "\U0001f5e1\u337f", "\u3316", "\ufdfa", "\U0001f1ec\U0001f1e7x"])
@pytest.mark.parametrize("number", [1, 64])
def test_a_threat_behind_signs_that_outgrow_the_broker_is_read(sign: str, number: int) -> None:
    """Each sign becomes several letters and needs a run to map them back: what stood behind them was cut to make the record small."""
    threat = " I will kill you tonight"
    room = 40_000 // number - len(threat)
    said = [{"text": (sign * room)[:room] + threat}] * number
    (ending,) = handle(record(received(texts=said, media=MEDIA, tags=TAGS), RECEIVED.name))
    output = only(ending.outputs)
    content = decode(ContentNormalised, output.value)
    assert (ending.outcome, len(output.value or b"") <= MAX_VALUE_BYTES) == (Outcome.PUBLISHED, True)
    assert (len(content.texts), content.flags) == (number, ())
    for text in content.texts:
        at = text.normalised.index("i will kill you tonight")
        start, end = to_original(text.offsets, at, at + 23)
        assert threat in text.original[max(0, start - 1) : end]


def test_a_record_too_large_for_all_its_text_keeps_the_beginning_and_says_so() -> None:
    # Each control character takes six bytes, a normalised one none.
    media = [{"url": "https://a.example/" + "\x01" * 1_900}] * 64
    said = received(texts=[{"text": "I will kill you tonight " + "\u337f" * 30_000}], media=media)
    (ending,) = handle(record(said, RECEIVED.name))
    content = decode(ContentNormalised, only(ending.outputs).value)
    assert content.texts[0].normalised.startswith("i will kill you tonight")
    assert content.flags == (ContentFlag.TRUNCATED,)
    assert TextFlag.TRUNCATED in content.texts[0].flags


def test_a_text_that_was_made_to_fit_the_broker_keeps_its_identity() -> None:
    said = received(texts=[{"text": "\u337f" * 40_000}])
    (ending,) = handle(record(said, RECEIVED.name))
    assert decode(ContentNormalised, only(ending.outputs).value).content_version == identify(said).content_version


def test_an_output_that_the_broker_would_refuse_without_any_text_is_dead_lettered() -> None:
    # Each control character takes six bytes.
    huge = received(media=[{"url": "https://a.example/" + "\x01" * 1_900}] * 64, tags=["\x01" * 200] * 100)
    (ending,) = handle(record(huge, RECEIVED.name))
    assert reason_of(as_incoming(only(ending.outputs))) is Reason.OUTPUT_TOO_LARGE


def test_a_repeat_of_a_remembered_observation_leaves_nothing() -> None:
    recent = RecentIds(10)
    (first,) = handle(record(received(), RECEIVED.name))
    recent.mark([first.observation or ""])
    (again,) = handle(record(received(), RECEIVED.name, offset=1), recent=recent)
    assert (again.outcome, again.outputs) == (Outcome.DUPLICATE, ())


def test_a_repeat_is_not_remembered_anew() -> None:
    first, again = handle(record(received(), RECEIVED.name), record(received(), RECEIVED.name, offset=1))
    assert first.observation is not None
    assert again.observation is None


def test_a_repeat_inside_a_batch_leaves_nothing() -> None:
    first, again = handle(record(received(), RECEIVED.name), record(received(), RECEIVED.name, offset=1))
    assert (first.outcome, again.outcome) == (Outcome.PUBLISHED, Outcome.DUPLICATE)


def test_nothing_is_remembered_before_it_is_acknowledged() -> None:
    recent = RecentIds(10)
    handle(record(received(), RECEIVED.name), recent=recent)
    assert len(recent) == 0


def test_a_bad_record_spoils_no_other() -> None:
    endings = handle(
        record(b"\xff", RECEIVED.name),
        record(received(), RECEIVED.name, offset=1),
        record(b"[]", RECEIVED.name, offset=2),
    )
    assert [ending.outcome for ending in endings] == [Outcome.DEAD_LETTERED, Outcome.PUBLISHED, Outcome.DEAD_LETTERED]


def test_the_observation_of_a_record_can_be_told_without_publishing_it() -> None:
    (ending,) = handle(record(received(), RECEIVED.name))
    assert observation_of(json.dumps(received_value()).encode()) == ending.observation


def test_an_unreadable_record_has_no_observation() -> None:
    assert observation_of(b"{") is None
