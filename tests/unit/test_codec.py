"""Bytes become facts, or are refused with the reason and the place."""

from typing import Any

import pytest

from schemas.content import ContentReceived
from schemas.reasons import Reason
from services.runtime.codec import MAX_NUMBER, decode, encode, parse, read
from services.runtime.errors import Rejected
from tests.builders import received, received_value
from tests.poison import DOCUMENTS


def refusal(value: Any) -> Rejected:
    with pytest.raises(Rejected) as refused:
        read(ContentReceived, value)
    return refused.value


@pytest.mark.parametrize(("raw", "reason"), DOCUMENTS)
def test_poison_is_refused_with_its_reason(raw: bytes | None, reason: Reason) -> None:
    with pytest.raises(Rejected) as refused:
        parse(raw)
    assert refused.value.reason is reason


def test_an_escaped_nul_is_a_character_like_any_other() -> None:
    assert parse(b'"\\u0000"') == "\0"


def test_of_a_member_that_is_named_twice_the_last_counts() -> None:
    assert parse(b'{"a":1,"a":2}') == {"a": 2}


@pytest.mark.parametrize("number", [MAX_NUMBER, -MAX_NUMBER, 1.5e15, -0.0])
def test_numbers_up_to_two_to_the_53_are_taken(number: float) -> None:
    assert parse(str(number).encode()) == number


def test_nesting_up_to_the_limit_is_taken() -> None:
    nested = parse(b"[" * 20 + b"1" + b"]" * 20)
    for _ in range(20):
        (nested,) = nested
    assert nested == 1


def test_empty_containers_at_the_limit_are_taken() -> None:
    nested = parse(b"[" * 20 + b"[]" + b"]" * 20)
    for _ in range(20):
        (nested,) = nested
    assert nested == []


def test_a_fact_comes_back_as_it_went() -> None:
    assert decode(ContentReceived, encode(received())) == received()


def test_equal_facts_give_equal_bytes_whatever_the_order_of_their_members() -> None:
    value = received_value()
    backwards = dict(reversed(value.items()))
    assert encode(read(ContentReceived, value)) == encode(read(ContentReceived, backwards))


@pytest.mark.parametrize("version", ["1", "1.0", "1.42"])
def test_any_minor_of_a_known_major_is_read(version: str) -> None:
    assert read(ContentReceived, received_value(schema_version=version, new_thing=1)).content_id == "p-1"


@pytest.mark.parametrize("version", ["2", "0", "", "1x", 1, None, "11"])
def test_another_major_is_refused_before_anything_else_is_looked_at(version: Any) -> None:
    why = refusal({"schema_version": version})
    assert (why.reason, why.pointer) == (Reason.UNKNOWN_VERSION, "/schema_version")


def test_a_minor_that_is_none_is_a_fault_of_the_schema() -> None:
    assert refusal(received_value(schema_version="1.x")).reason is Reason.SCHEMA_VIOLATION


def test_a_fault_is_named_by_its_pointer() -> None:
    assert refusal(received_value(texts=[{"text": "a"}, {"text": 7}])).pointer == "/texts/1/text"


def test_a_fault_never_quotes_the_value() -> None:
    assert "hush" not in str(refusal(received_value(kind="hush")))


@pytest.mark.parametrize("value", [None, 1, "x", [], True])
def test_what_is_no_object_is_refused(value: Any) -> None:
    assert refusal(value).reason is Reason.SCHEMA_VIOLATION
