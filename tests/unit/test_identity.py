"""Keys are equal exactly when the thing is."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from schemas.content import Engagement, Media, Text
from schemas.vocabulary import Change, TextRole
from services.ingest.identity import (
    Pseudonyms,
    Secret,
    author_key,
    canonical,
    content_key,
    content_version,
    observation_id,
    pair_key,
)
from tests.builders import NOON

ONE, OTHER = Secret("k1", b"1" * 32), Secret("k2", b"2" * 32)


def version(*texts: str, media: tuple[Media, ...] = ()) -> str:
    return content_version("key", [Text(text=text) for text in texts], media)


def observation(**changes: object) -> str:
    values = {"version": "v", "change": Change.CREATED, "edited_at": None, "observed_at": NOON, "engagement": None}
    return observation_id(**(values | changes))  # type: ignore[arg-type]


def test_the_same_id_on_another_instance_is_other_content() -> None:
    assert content_key("mastodon", "a.example", "1") != content_key("mastodon", "b.example", "1")


def test_no_instance_is_not_an_empty_one() -> None:
    assert canonical(("mastodon", None, "1")) != canonical(("mastodon", "", "1"))


def test_fields_cannot_be_shifted_into_one_another() -> None:
    assert content_key("a", "bc", "d") != content_key("ab", "c", "d")


def test_keys_have_32_hex_digits() -> None:
    assert len(bytes.fromhex(content_key("bluesky", None, "1"))) == 16


def test_other_words_are_another_version() -> None:
    assert version("hello") != version("hello there")


def test_the_same_words_in_another_role_are_another_version() -> None:
    assert version("x") != content_version("key", [Text(text="x", role=TextRole.TITLE)], ())


def test_words_are_not_their_neighbours() -> None:
    assert version("ab", "c") != version("a", "bc")


def test_another_picture_is_another_version() -> None:
    assert version("x", media=(Media(sha256="a" * 64),)) != version("x", media=(Media(sha256="b" * 64),))


def test_a_picture_at_another_address_is_the_same_version_while_its_hash_is() -> None:
    here, there = (Media(sha256="a" * 64, url=f"https://{host}.example/1") for host in ("a", "b"))
    assert version("x", media=(here,)) == version("x", media=(there,))


def test_the_language_that_a_collector_guessed_is_not_part_of_the_version() -> None:
    assert version("x") == content_version("key", [Text(text="x", language="en")], ())


@pytest.mark.parametrize(
    "change",
    [
        {"version": "w"},
        {"change": Change.RECOUNTED},
        {"edited_at": NOON},
        {"observed_at": NOON + timedelta(microseconds=1)},
        {"test": True},
        {"engagement": Engagement(views=0)},
        {"engagement": Engagement(likes=0)},
    ],
)
def test_another_observation_has_another_id(change: dict[str, object]) -> None:
    assert observation(**change) != observation()


def test_the_id_of_an_ordinary_observation_never_changes() -> None:
    """What was published stands under it, and an audit looks for it."""
    assert observation(test=False) == "9e86803df3ccd2405338314b5ca10125"


def test_the_same_moment_in_another_zone_is_the_same_observation() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert observation(observed_at=elsewhere) == observation()


def test_moments_keep_their_microseconds() -> None:
    late = datetime(9000, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    assert observation(observed_at=late) != observation(observed_at=late.replace(microsecond=2))


def test_unknown_counts_are_not_zero() -> None:
    assert observation(engagement=Engagement(shares=0)) != observation(engagement=Engagement())


def test_no_counts_are_unknown_counts() -> None:
    assert observation(engagement=Engagement()) == observation(engagement=None)


def test_a_pseudonym_says_which_secret_made_it() -> None:
    assert author_key(ONE, "bluesky", None, "did:1").startswith("k1:")


def test_another_secret_makes_another_pseudonym() -> None:
    mine, theirs = (author_key(secret, "bluesky", None, "did:1").split(":")[1] for secret in (ONE, OTHER))
    assert mine != theirs


def test_a_pair_has_one_key_whoever_speaks() -> None:
    one, other = ("a.example", "kofi"), ("b.example", "dre")
    assert pair_key(ONE, "mastodon", one, other) == pair_key(ONE, "mastodon", other, one)


def test_a_pair_is_not_the_pair_of_namesakes_on_another_instance() -> None:
    here, there = (pair_key(ONE, "mastodon", (None, "kofi"), (host, "dre")) for host in (None, "b.example"))
    assert here != there


def test_a_pair_is_not_an_author() -> None:
    assert pair_key(ONE, "x", (None, "a"), (None, "b")) != author_key(ONE, "x", None, "a")


def test_both_secrets_count_while_one_replaces_the_other() -> None:
    assert Pseudonyms(ONE, OTHER, NOON).secrets(NOON - timedelta(seconds=1)) == (ONE, OTHER)


def test_a_rotation_ends() -> None:
    assert Pseudonyms(ONE, OTHER, NOON).secrets(NOON) == (ONE,)


def test_a_rotation_without_an_end_lasts() -> None:
    assert Pseudonyms(ONE, OTHER).secrets(NOON) == (ONE, OTHER)
