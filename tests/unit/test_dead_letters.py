"""What cannot be used is set aside whole, with its reason; too much of it stops the service."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console

from schemas.reasons import Reason
from schemas.topics import MAX_DEAD_LETTER_BYTES, MAX_MESSAGE_BYTES, RANKED, RECEIVED
from services.commands.dlq import as_text, table_of
from services.commands.replaying import REPLAYED, Filter, choose, restored
from services.runtime.dead_letters import KAFKA_PREFIX, Brake, dead_letter, reason_of
from services.runtime.envelope import Incoming, Outgoing, Source
from services.runtime.errors import Fatal, Rejected
from services.runtime.kafka import UNREADABLE
from tests.builders import NOON, record

WHY = Rejected(Reason.NOT_JSON, "unexpected end", "/x")


def letter(source: Incoming | None = None, why: Rejected = WHY) -> Outgoing:
    return dead_letter(source or record(b"{", RECEIVED.name, offset=7, partition=2), why, "ingest", NOON)


def lying(outgoing: Outgoing, offset: int = 0) -> Incoming:
    """The letter as it lies in its topic."""
    return Incoming(Source(outgoing.topic, 0, offset), outgoing.key, outgoing.value, tuple(outgoing.headers))


def test_key_and_value_stay_byte_for_byte() -> None:
    source = Incoming(Source(RECEIVED.name, 0, 0), b"\xff\x00", b"\x00\xff")
    assert (letter(source).key, letter(source).value) == (b"\xff\x00", b"\x00\xff")


def test_a_record_without_a_value_stays_one() -> None:
    assert letter(record(None, RECEIVED.name)).value is None


def test_a_record_of_nothing_gets_the_empty_key_that_lets_it_be_sent() -> None:
    nothing = letter(Incoming(Source(RECEIVED.name, 0, 0), None, None))
    assert (nothing.key, nothing.value) == (b"", None)


def test_original_headers_stay() -> None:
    source = record(b"{", RECEIVED.name, headers=(("traceparent", b"t"), ("x", b"\xff")))
    assert {("traceparent", b"t"), ("x", b"\xff")} <= set(letter(source).headers)


def test_a_letter_that_no_topic_would_take_is_cut_and_says_so() -> None:
    huge = b"x" * (3 * MAX_MESSAGE_BYTES)
    for source in (
        Incoming(Source(RECEIVED.name, 0, 7), b"k", huge),
        Incoming(Source(RECEIVED.name, 0, 7), huge, None),
        Incoming(Source(RECEIVED.name, 0, 7), b"k", b"{", (("x", huge),)),
        Incoming(Source(RECEIVED.name, 0, 7), b"k", b"{", (("first_failed_at", huge),)),
    ):
        outgoing = letter(source)
        headers = dict(outgoing.headers)
        size = len(outgoing.key or b"") + len(outgoing.value or b"") + sum(map(len, headers.values()))
        assert size < MAX_DEAD_LETTER_BYTES - 16_384
        assert (int(headers["cut_from"]) > 3 * MAX_MESSAGE_BYTES - 1, headers["hub_source"]) == (
            True,
            b"content.received.v1/0/7",
        )


def test_headers_without_number_are_left_out_of_a_letter() -> None:
    # Kafka frames each of them with three bytes and more.
    outgoing = letter(Incoming(Source(RECEIVED.name, 0, 7), b"k", b"{", (("a", b""),) * 700_000))
    assert (len(outgoing.headers) < 20, dict(outgoing.headers)["cut_from"]) == (True, b"700002")


def test_a_letter_as_large_as_a_topic_takes_stays_whole() -> None:
    source = Incoming(
        Source(RECEIVED.name, 0, 0), b"k" * 1_000, b"x" * (MAX_MESSAGE_BYTES - 1_000), (("cut_from", b"9"),)
    )
    whole = letter(source)
    assert (whole.key, whole.value, "cut_from" in dict(whole.headers)) == (source.key, source.value, False)


def test_a_letter_that_was_cut_is_not_sent_back() -> None:
    cut = replace(
        lying(letter(Incoming(Source(RECEIVED.name, 0, 0), b"k", b"x" * (3 * MAX_MESSAGE_BYTES)))), timestamp_ms=0
    )
    choice = choose([cut], (), NOON, old=True)
    assert (choice.letters, choice.unfit) == ([], 1)


def test_a_letter_of_a_record_that_nobody_could_read_is_not_sent_back() -> None:
    bare = lying(letter(Incoming(Source(RECEIVED.name, 0, 0), None, None, (UNREADABLE,))))
    choice = choose([bare], (), NOON, old=True)
    assert (choice.letters, choice.unfit) == ([], 1)


def test_a_letter_goes_back_if_its_topic_has_room_for_it() -> None:
    small = lying(letter(Incoming(Source(RECEIVED.name, 0, 0), b"k", b"x" * (MAX_MESSAGE_BYTES - 1_000))), 1)
    large = lying(letter(Incoming(Source(RECEIVED.name, 0, 0), b"k", b"x" * MAX_MESSAGE_BYTES)), 2)
    choice = choose([small, large], (), NOON, old=True)
    assert (choice.letters, choice.unfit) == ([small], 1)


def test_place_and_reason_stand_in_kafkas_own_headers_and_ours() -> None:
    headers = dict(letter().headers)
    assert [headers[KAFKA_PREFIX + name] for name in ("topic", "partition", "offset", "exception", "message")] == [
        b"content.received.v1", b"2", b"7", b"Rejected", b"unexpected end",
    ]  # fmt: skip
    assert [headers[name] for name in ("reason", "stage", "attempts", "first_failed_at", "hub_source")] == [
        b"not_json", b"ingest", b"1", b"2026-06-01T12:00:00.000Z", b"content.received.v1/2/7",
    ]  # fmt: skip


def test_a_letter_that_fails_again_keeps_its_first_time_and_counts() -> None:
    again = restored(lying(letter()))
    source = Incoming(Source(RECEIVED.name, 2, 99), again.key, again.value, tuple(again.headers))
    second = dict(dead_letter(source, WHY, "ingest", NOON.replace(year=2027)).headers)
    assert (second["attempts"], second["first_failed_at"]) == (b"2", b"2026-06-01T12:00:00.000Z")


@pytest.mark.parametrize("count", [b"many", b"-1", b"9" * 5_000])
def test_a_count_that_is_none_begins_again(count: bytes) -> None:
    source = record(b"{", RECEIVED.name, headers=(("attempts", count),))
    assert dict(letter(source).headers)["attempts"] == b"1"


def test_a_restored_letter_is_the_record_that_it_was_and_says_where_from() -> None:
    source = record(b"{", RECEIVED.name, headers=(("ce_id", b"1"),))
    back = restored(lying(letter(source), offset=4))
    kept = {"ce_id": b"1", REPLAYED: b"content.received.v1.dlq/0/4"}
    assert (back.topic, back.key, back.value) == (RECEIVED.name, source.key, source.value)
    assert kept.items() <= dict(back.headers).items()
    assert not any(name.startswith(KAFKA_PREFIX) or name == "reason" for name, _ in back.headers)


def test_a_letter_without_a_topic_goes_back_to_the_topic_beside_it() -> None:
    bare = Incoming(Source(RECEIVED.dlq, 0, 0), b"k", b"v")
    assert restored(bare).topic == RECEIVED.name


def test_a_letter_tells_its_reason() -> None:
    assert reason_of(lying(letter())) is Reason.NOT_JSON


def test_a_letter_of_another_house_has_no_reason() -> None:
    assert reason_of(record(b"x", RECEIVED.dlq)) is None


def test_a_filter_wants_reason_and_stage() -> None:
    lies = lying(letter())
    assert Filter(reason=Reason.NOT_JSON, stage="ingest").wants(lies)
    assert not Filter(reason=Reason.TOO_DEEP).wants(lies)
    assert not Filter(stage="scorer").wants(lies)


def test_a_filter_names_topics_with_and_without_their_ending() -> None:
    assert Filter(RECEIVED.name).topics() == Filter(RECEIVED.dlq).topics() == [RECEIVED.dlq]


def test_a_topic_without_dead_letters_is_said_so() -> None:
    with pytest.raises(Fatal, match="has no dead letters"):
        Filter("content.scored.v1").topics()


def note(brake: Brake, *endings: bool) -> bool:
    """Note endings, dead ones True. Raises Fatal when there are too many; True otherwise."""
    for dead in endings:
        brake.note(dead)
    return True


def test_many_dead_letters_stop_the_service() -> None:
    with pytest.raises(Fatal, match="101 of the last 200"):
        note(Brake(), *[True] * 101, *[False] * 99)


def test_a_few_bad_records_at_the_start_do_not() -> None:
    assert note(Brake(), *[True] * 199)


def test_half_is_not_too_many() -> None:
    assert note(Brake(), *[False, True] * 500)


def test_old_endings_are_forgotten() -> None:
    brake = Brake()
    note(brake, *[False] * 500, *[True] * 250, *[False] * 250)
    assert note(brake, *[False, True] * 200)


def test_the_brake_sees_through_a_good_past() -> None:
    brake = Brake()
    note(brake, *[False] * 10_000)
    with pytest.raises(Fatal):
        note(brake, *[True] * 251)


def test_a_letter_is_shown_without_what_would_steer_the_terminal() -> None:
    shown = as_text(
        Incoming(
            Source("t", 0, 0),
            b"k",
            b"\x1b]0;owned\x07\n\xe2\x80\xaegnp\xc2\x9b\xff",
            (("odd\x1b[2J", b"a\nreason: b\x1b"),),
        )
    )
    assert shown == "odd\ufffd[2J: a\ufffdreason: b\ufffd\n\n\ufffd]0;owned\ufffd\n\ufffdgnp\ufffd\\xff"


def aged(days: float, offset: int = 0, topic: str = RECEIVED.name) -> Incoming:
    """A letter that was set aside so many days before noon."""
    moment = NOON - timedelta(days=days)
    return replace(lying(letter(record(b"{", topic)), offset), timestamp_ms=int(moment.timestamp() * 1000))


def test_a_letter_older_than_the_trace_of_its_replay_goes_back_only_when_asked_for() -> None:
    young, sent, old = aged(6.9, 1), aged(6.9, 2), aged(RECEIVED.retention_days, 3)
    found = [young, sent, old]
    choice = choose(found, {str(sent.source)}, NOON, old=False)
    assert (choice.letters, choice.sent_before, choice.too_old) == ([young], 1, 1)
    assert choose(found, {str(sent.source)}, NOON, old=True).letters == [young, old]


def test_a_topic_that_keeps_more_remembers_longer() -> None:
    old = aged(RECEIVED.retention_days, topic=RANKED.name)
    assert choose([old], (), NOON, old=False).letters == [old]


def test_the_words_of_a_list_of_letters_stand_whole_on_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """They are what `hub dlq replay` asks for."""
    counts = {("content.normalised.v1.dlq", "ingest", reason.value): 12_345 for reason in Reason}
    Console(width=80).print(table_of(counts))
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert all(f" {reason.value} " in shown for reason in Reason)
