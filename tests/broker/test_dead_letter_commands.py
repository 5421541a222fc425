"""`hub dlq` shows dead letters of a real topic, and sends each back once."""

import asyncio

import pytest
from typer.testing import CliRunner, Result

from deploy.kafka.broker import LocalBroker
from schemas.reasons import Reason
from schemas.topics import MAX_MESSAGE_BYTES, RANKED, TAKEDOWN_OUTCOME
from services.commands.dlq import app
from services.runtime.dead_letters import dead_letter
from services.runtime.envelope import Incoming, Outgoing, Source
from services.runtime.errors import Fatal, Rejected
from tests.broker.processes import lying, produce
from tests.builders import NOON

pytestmark = [pytest.mark.broker, pytest.mark.timeout(90)]


def letter(topic: str, offset: int, reason: Reason, value: bytes | None = b'{"a":1}') -> Outgoing:
    source = Incoming(Source(topic, 0, offset), b"key", value, (("traceparent", b"t"), ("odd", b"\xff")))
    return dead_letter(source, Rejected(reason), "referrer", NOON)


@pytest.fixture
def letters(hub_kafka: LocalBroker, monkeypatch: pytest.MonkeyPatch) -> LocalBroker:
    """A broker that the command finds."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP", hub_kafka.bootstrap)
    return hub_kafka


def hub(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "160"})


def test_letters_are_counted_by_reason_with_what_to_do(letters: LocalBroker) -> None:
    asyncio.run(produce(letters, [letter(TAKEDOWN_OUTCOME.name, n, Reason.UNKNOWN_REFERRAL) for n in range(3)]))
    shown = hub("list", "--topic", TAKEDOWN_OUTCOME.name, "--reason", "unknown_referral").output
    assert "unknown_referral" in shown
    assert "Name a referral id that this hub issued." in shown
    assert shown.endswith("3 dead letters\n")


def test_a_filter_that_nothing_passes_counts_none(letters: LocalBroker) -> None:
    assert hub("list", "--topic", TAKEDOWN_OUTCOME.name, "--stage", "nobody").output.endswith("0 dead letters\n")


def test_a_letter_is_shown_with_its_headers_and_its_value(letters: LocalBroker) -> None:
    asyncio.run(produce(letters, [letter(RANKED.name, 7, Reason.NOT_JSON, b"\xffbroken" + b"x" * 3_000)]))
    place = next(record.source for record in asyncio.run(lying(letters, RANKED.dlq)) if record.header("reason") == "not_json")  # fmt: skip
    shown = hub("show", str(place)).output
    assert "hub_source: content.ranked.v1/0/7" in shown
    assert "\\xffbroken" in shown
    assert "1007 bytes more" in shown


@pytest.mark.parametrize("place", ["nonsense", "content.ranked.v1.dlq/0/99999", "no.such.topic/0/0"])
def test_a_place_where_nothing_lies_is_said_so(letters: LocalBroker, place: str) -> None:
    assert isinstance(hub("show", place).exception, Fatal)


def test_a_topic_that_has_no_letters_is_said_so(letters: LocalBroker) -> None:
    assert isinstance(hub("list", "--topic", "content.scored.v1").exception, Fatal)


def test_a_dry_run_sends_nothing_and_a_replay_sends_each_letter_once(letters: LocalBroker) -> None:
    wanted = ("--topic", RANKED.name, "--reason", "unprocessable", "--rate", "500")
    asyncio.run(produce(letters, [letter(RANKED.name, 100 + n, Reason.UNPROCESSABLE, b"%d" % n) for n in range(5)]))
    before = len(asyncio.run(lying(letters, RANKED.name)))
    assert hub("replay", *wanted, "--dry-run").output.endswith("5 dead letters would be sent back\n")
    assert len(asyncio.run(lying(letters, RANKED.name))) == before
    assert hub("replay", *wanted).output.endswith("sent=5 sent_before=0\n")
    assert hub("replay", *wanted).output.endswith("sent=0 sent_before=5\n")
    back = [record for record in asyncio.run(lying(letters, RANKED.name)) if record.header("hub_replayed_from")]
    assert sorted(record.value or b"" for record in back) == [b"%d" % n for n in range(5)]
    assert {record.header("traceparent") for record in back} == {"t"}


def test_a_letter_that_fails_again_after_a_replay_can_be_replayed_again(letters: LocalBroker) -> None:
    wanted = ("--topic", RANKED.name, "--reason", "too_deep")
    asyncio.run(produce(letters, [letter(RANKED.name, 200, Reason.TOO_DEEP, b"again")]))
    hub("replay", *wanted)
    back = next(record for record in asyncio.run(lying(letters, RANKED.name)) if record.value == b"again")
    asyncio.run(produce(letters, [dead_letter(back, Rejected(Reason.TOO_DEEP), "referrer", NOON)]))
    assert hub("replay", *wanted).output.endswith("sent=1 sent_before=1\n")


def test_a_letter_that_its_topic_has_no_room_for_holds_up_no_other(letters: LocalBroker) -> None:
    wanted = ("--topic", RANKED.name, "--reason", "number_out_of_range")
    values = (b"x" * (MAX_MESSAGE_BYTES - 100), b"x" * (3 * MAX_MESSAGE_BYTES), b"small")
    asyncio.run(
        produce(letters, [letter(RANKED.name, n, Reason.NUMBER_OUT_OF_RANGE, value) for n, value in enumerate(values)])
    )
    shown = hub("replay", *wanted).output
    assert "2 left out: not whole, or too large to go back" in shown
    assert shown.endswith("sent=1 sent_before=0\n")
