"""Signatures: they prove body and moment, and nothing else passes."""

import base64
from datetime import timedelta

import pytest

from services.referrer.signing import ID, SIGNATURE, TIMESTAMP, TOLERANCE, secret_of, sign, verify
from tests.builders import NOON

SECRET, OTHER = b"s" * 32, b"t" * 32
BODY = b'{"a":1}'


def test_the_known_answer_of_standard_webhooks() -> None:
    """The example of the specification's own libraries, so that a receiver's library verifies what we sign."""
    secret = secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = NOON.fromtimestamp(1_614_265_330, NOON.tzinfo)
    headers = sign("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', at, [secret])
    assert headers[SIGNATURE] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_was_signed_is_believed() -> None:
    assert verify(sign("m", BODY, NOON, [SECRET]), BODY, [SECRET], NOON) is None


def test_header_names_are_read_in_any_case() -> None:
    headers = {name.upper(): value for name, value in sign("m", BODY, NOON, [SECRET]).items()}
    assert verify(headers, BODY, [SECRET], NOON) is None


def test_while_a_secret_is_changed_either_one_fits() -> None:
    both = sign("m", BODY, NOON, [SECRET, OTHER])
    assert verify(both, BODY, [SECRET], NOON) is None
    assert verify(both, BODY, [OTHER], NOON) is None
    assert verify(sign("m", BODY, NOON, [SECRET]), BODY, [OTHER, SECRET], NOON) is None


@pytest.mark.parametrize(
    ("member", "value"),
    [
        (ID, "n"),
        (TIMESTAMP, str(int(NOON.timestamp()) + 1)),
        (SIGNATURE, "v1,AAAA"),
        (SIGNATURE, "v2,x"),
        (SIGNATURE, "v1,é"),
    ],
)
def test_a_changed_header_fits_no_more(member: str, value: str) -> None:
    headers = sign("m", BODY, NOON, [SECRET]) | {member: value}
    assert verify(headers, BODY, [SECRET], NOON) == "no signature fits"


def test_a_changed_body_fits_no_more() -> None:
    assert verify(sign("m", BODY, NOON, [SECRET]), BODY + b" ", [SECRET], NOON) == "no signature fits"


def test_another_secret_does_not_fit() -> None:
    assert verify(sign("m", BODY, NOON, [SECRET]), BODY, [OTHER], NOON) == "no signature fits"


@pytest.mark.parametrize("seconds", [301, -301])
def test_a_replay_of_an_old_message_is_refused(seconds: int) -> None:
    headers = sign("m", BODY, NOON, [SECRET])
    assert verify(headers, BODY, [SECRET], NOON + timedelta(seconds=seconds)) is not None
    assert verify(headers, BODY, [SECRET], NOON + TOLERANCE) is None


@pytest.mark.parametrize("timestamp", ["now", "-1", "1e9", "٣", "9" * 400])
def test_a_timestamp_that_is_no_number_is_refused(timestamp: str) -> None:
    headers = sign("m", BODY, NOON, [SECRET]) | {TIMESTAMP: timestamp}
    assert verify(headers, BODY, [SECRET], NOON) == "the timestamp is no number of seconds"


@pytest.mark.parametrize("member", [ID, TIMESTAMP, SIGNATURE])
def test_a_missing_header_is_named(member: str) -> None:
    headers = sign("m", BODY, NOON, [SECRET])
    del headers[member]
    assert verify(headers, BODY, [SECRET], NOON) == f"missing: {member}"


def test_id_and_timestamp_cannot_borrow_from_one_another() -> None:
    """`1.23` + `4` and `1` + `23.4` would be signed alike, were it not that a timestamp holds no dot."""
    headers = sign("1.23", BODY, NOON, [SECRET])
    forged = headers | {ID: "1", TIMESTAMP: f"23.{headers[TIMESTAMP]}"}
    assert verify(forged, BODY, [SECRET], NOON) == "the timestamp is no number of seconds"


@pytest.mark.parametrize("text", ["whsec_!!!", "whsec_" + base64.b64encode(b"short").decode(), ""])
def test_a_weak_or_malformed_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a webhook secret"):
        secret_of(text)
