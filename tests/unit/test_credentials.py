"""A key opens for its collector, and nothing else does."""

import json
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from services.ingest.credentials import Keyring, new_key
from services.runtime.errors import Fatal
from tests.builders import NOON


def test_a_key_belongs_to_its_collector() -> None:
    key, grant = new_key("desk", ("*",), 100, 2_000_000, NOON)
    assert Keyring(keys=(grant,)).owner(key) == grant


def test_the_file_holds_no_secret() -> None:
    key, grant = new_key("desk", ("*",), 100, 2_000_000, NOON)
    secret = key.split("_", 2)[2]
    assert secret.encode() not in Keyring(keys=(grant,)).to_bytes()


def test_the_file_reads_as_it_was_written() -> None:
    keyring = Keyring(keys=(new_key("desk", ("bluesky",), 100, 2_000_000, NOON)[1],))
    assert Keyring.from_bytes(keyring.to_bytes()) == keyring


def test_no_two_keys_are_the_same() -> None:
    assert len({new_key("desk", ("*",), 100, 2_000_000, NOON)[0] for _ in range(50)}) == 50


SPOILS: list[Callable[[str], str]] = [
    lambda key: key + "x",
    lambda key: key[:-1],
    lambda key: "hob" + key[3:],
    lambda key: key.replace("_", "-"),
    lambda key: key.upper(),
    lambda key: "\ud800" + key,
    lambda key: "",
]


@pytest.mark.parametrize("spoil", SPOILS)
def test_anything_but_the_key_is_nobodys(spoil: Callable[[str], str]) -> None:
    key, grant = new_key("desk", ("*",), 100, 2_000_000, NOON)
    assert Keyring(keys=(grant,)).owner(spoil(key)) is None


def test_the_secret_of_another_key_does_not_open() -> None:
    (one, first), (other, second) = (new_key(name, ("*",), 100, 2_000_000, NOON) for name in ("a", "b"))
    mixed = "_".join([*one.split("_")[:2], other.split("_", 2)[2]])
    assert Keyring(keys=(first, second)).owner(mixed) is None


def test_a_revoked_key_is_nobodys() -> None:
    key, grant = new_key("desk", ("*",), 100, 2_000_000, NOON)
    assert Keyring(keys=(grant,)).revoked(grant.id, NOON).owner(key) is None


def test_a_key_is_revoked_once_and_keeps_its_time() -> None:
    _, grant = new_key("desk", ("*",), 100, 2_000_000, NOON)
    twice = Keyring(keys=(grant,)).revoked(grant.id, NOON).revoked(grant.id, NOON.replace(year=2030))
    assert twice.keys[0].revoked_at == NOON


def test_an_unknown_key_cannot_be_revoked() -> None:
    with pytest.raises(KeyError):
        Keyring().revoked("00000000", NOON)


def test_a_key_for_some_platforms_allows_no_other() -> None:
    _, grant = new_key("desk", ("bluesky", "reddit"), 100, 2_000_000, NOON)
    assert (grant.allows("reddit"), grant.allows("youtube")) == (True, False)


def test_a_star_allows_every_platform() -> None:
    assert new_key("desk", ("*",), 100, 2_000_000, NOON)[1].allows("anything")


@pytest.mark.parametrize(
    ("collector", "events", "volume"), [("Desk!", 100, 2_000_000), ("desk", 1, 2_000_000), ("desk", 100, 1)]
)
def test_a_grant_that_could_never_send_a_full_request_is_not_made(collector: str, events: float, volume: float) -> None:
    with pytest.raises(ValidationError):
        new_key(collector, ("*",), events, volume, NOON)


def test_a_broken_file_is_named_without_quoting_it() -> None:
    with pytest.raises(Fatal, match=r"not valid: Field required \(/keys/0/id\)") as why:
        Keyring.from_bytes(json.dumps({"keys": [{"sha256": "hush"}]}).encode())
    assert "hush" not in str(why.value)
