"""What ingest makes of one observation."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.content import ContentNormalised
from schemas.reasons import Reason
from schemas.vocabulary import Change, ContentFlag, TextFlag
from services.ingest.identity import Pseudonyms, Secret
from services.ingest.normalise import MAXIMUM_CHARACTERS, check_clock, identify, normalise
from services.runtime.codec import encode
from services.runtime.errors import Rejected
from tests.builders import NOON, received

ONE, OTHER = Secret("k1", b"1" * 32), Secret("k0", b"0" * 32)


def made(secrets: Pseudonyms | None = None, **changes: Any) -> ContentNormalised:
    return normalise(received(**changes), secrets or Pseudonyms(ONE))


def deleted(**changes: Any) -> ContentNormalised:
    gone = {"url": None, "kind": None, "author": None, "texts": None, "published_at": None}
    return made(change="deleted", **(gone | changes))


def test_what_comes_out_is_valid() -> None:
    content = made()
    assert ContentNormalised.model_validate_json(encode(content)) == content


def test_neither_author_id_nor_handle_goes_on() -> None:
    content = made(
        author={"id": "raw-author-id", "handle": "raw-handle", "followers": 9, "verified": True},
        relation={"in_reply_to": {"content_id": "p-0", "author_id": "raw-other-id"}, "mentions": [{"author_id": "raw-third-id"}]},
    )  # fmt: skip
    assert b"raw-" not in encode(content)
    assert (content.author.followers, content.author.verified) == (9, True)


def test_obfuscation_is_undone_beside_the_original() -> None:
    (text,) = made(texts=[{"text": "K1LL h\u200bim"}]).texts
    assert (text.original, text.normalised) == ("K1LL h\u200bim", "kill him")
    assert TextFlag.OBFUSCATED in text.flags


def test_the_address_is_put_into_one_spelling() -> None:
    assert made(url="https://BSKY.app:443/profile/a?utm_source=x").url == "https://bsky.app/profile/a"


def test_a_future_time_of_publishing_is_clamped_and_flagged() -> None:
    content = made(published_at="2026-06-01T12:00:01Z")
    assert (content.published_at, content.flags) == (NOON, (ContentFlag.PUBLISHED_CLAMPED,))


def test_a_future_time_of_editing_is_clamped_and_flagged() -> None:
    content = made(change="edited", edited_at="2026-06-02T00:00:00Z")
    assert (content.edited_at, content.flags) == (NOON, (ContentFlag.EDITED_CLAMPED,))


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_no_zone_has_is_clamped_not_refused(moment: str) -> None:
    assert made(published_at=moment).published_at <= NOON


def test_first_sight_counts_from_when_it_was_published() -> None:
    assert made(published_at="2026-06-01T08:00:00Z").event_time == NOON - timedelta(hours=4)


def test_an_edit_counts_from_when_it_was_edited() -> None:
    assert made(change="edited", edited_at="2026-06-01T11:00:00Z").event_time == NOON - timedelta(hours=1)


def test_an_edit_without_a_time_counts_from_when_it_was_seen() -> None:
    assert made(change="edited").event_time == NOON


@pytest.mark.parametrize("change", ["created", "recounted"])
def test_what_is_seen_or_counted_after_an_edit_was_said_when_the_edit_was(change: str) -> None:
    """Else a count with newer words than any known stays behind the older ones."""
    content = made(change=change, published_at="2026-06-01T08:00:00Z", edited_at="2026-06-01T11:00:00Z")
    assert content.event_time == NOON - timedelta(hours=1)


def test_a_deletion_needs_no_author_and_no_words() -> None:
    content = deleted()
    assert (content.change, content.author_key, content.texts, content.thread_key) == (Change.DELETED, None, (), None)


def test_a_deletion_has_the_key_of_what_it_deletes() -> None:
    assert deleted().content_key == made().content_key


def test_texts_are_cut_to_40_000_characters_in_all() -> None:
    content = made(texts=[{"text": "a" * 30_000}, {"text": "b" * 30_000}, {"text": "c"}])
    assert [text.original[0] for text in content.texts] == ["a", "b", "c"]
    assert [len(text.original) for text in content.texts] == [19_999, 20_000, 1]
    assert content.flags == (ContentFlag.TRUNCATED,)
    assert [TextFlag.TRUNCATED in text.flags for text in content.texts] == [True, True, False]


@pytest.mark.parametrize("length", [39_999, MAXIMUM_CHARACTERS, 2 * MAXIMUM_CHARACTERS])
def test_a_long_text_hides_no_word_of_a_short_one_after_it(length: int) -> None:
    first, second = made(texts=[{"text": "x" * length}, {"text": "kill him"}]).texts
    assert (len(first.original), second.original, second.normalised) == (39_992, "kill him", "kill him")
    assert (TextFlag.TRUNCATED in first.flags, TextFlag.TRUNCATED in second.flags) == (True, False)


def test_of_many_long_texts_none_goes_without_a_word() -> None:
    texts = made(texts=[{"text": "x" * (MAXIMUM_CHARACTERS - n)} for n in range(64)]).texts
    assert [len(text.original) for text in texts] == [MAXIMUM_CHARACTERS // 64] * 64


def test_40_000_characters_are_not_cut() -> None:
    content = made(texts=[{"text": "a b " * 10_000}])
    assert (len(content.texts[0].original), content.flags) == (MAXIMUM_CHARACTERS, ())


def test_cut_texts_still_count_in_the_version() -> None:
    long = "a " * 25_000
    assert made(texts=[{"text": long + "x"}]).content_version != made(texts=[{"text": long + "y"}]).content_version


def test_a_character_that_no_database_holds_is_replaced_one_for_one() -> None:
    content = made(texts=[{"text": "a\x00b"}], place="c\x00d", tags=["e\x00f"])
    assert (content.texts[0].original, content.place, content.tags) == ("a\ufffdb", "c\ufffdd", ("e\ufffdf",))


def test_who_is_answered_quoted_or_named_makes_a_pair_with_the_author() -> None:
    relation = {
        "in_reply_to": {"content_id": "p-0", "author_id": "b"},
        "quotes": {"content_id": "p-9", "author_id": "c"},
        "mentions": [{"author_id": "b"}, {"author_id": "d"}],
    }
    assert len(made(relation=relation).pair_keys) == 3


def test_nobody_makes_a_pair_with_themselves() -> None:
    assert made(relation={"mentions": [{"author_id": "did:plc:a"}]}).pair_keys == ()


def test_a_namesake_elsewhere_is_somebody_else() -> None:
    relation = {"mentions": [{"author_id": "did:plc:a", "instance": "b.example"}]}
    assert len(made(instance="a.example", relation=relation).pair_keys) == 1


def test_both_sides_of_a_pair_get_the_same_key_across_instances() -> None:
    kofi, dre = ("a.example", "kofi"), ("b.example", "dre")

    def says(own: tuple[str, str], other: tuple[str, str]) -> tuple[str, ...]:
        named = {"mentions": [{"author_id": other[1], "instance": other[0]}]}
        return made(instance=own[0], author={"id": own[1]}, relation=named).pair_keys

    assert says(kofi, dre) == says(dre, kofi)


def test_the_order_of_mentions_does_not_matter() -> None:
    orders = ([{"author_id": "b"}, {"author_id": "c"}], [{"author_id": "c"}, {"author_id": "b"}])
    assert made(relation={"mentions": orders[0]}).pair_keys == made(relation={"mentions": orders[1]}).pair_keys


def test_content_that_answers_nothing_began_its_own_thread() -> None:
    content = made()
    assert content.thread_key == content.content_key


def test_an_answer_stands_in_the_thread_it_names_and_else_in_that_of_its_parent() -> None:
    parent, root = {"content_id": "p-0"}, {"content_id": "p-00"}
    assert made(relation={"in_reply_to": parent, "thread": root}).thread_key == made(content_id="p-00").content_key
    assert made(relation={"in_reply_to": parent}).thread_key == made(content_id="p-0").content_key


def test_a_reference_to_another_instance_has_the_key_of_the_content_there() -> None:
    answer = made(instance="a.example", relation={"in_reply_to": {"content_id": "7", "instance": "b.example"}})
    assert answer.in_reply_to_key == made(instance="b.example", content_id="7").content_key


def test_during_a_rotation_old_and_new_pseudonym_go_out() -> None:
    both = Pseudonyms(ONE, OTHER, NOON + timedelta(days=30))
    content = made(both, relation={"mentions": [{"author_id": "b"}]})
    assert (content.author_key or "").startswith("k1:")
    assert (content.previous_author_key or "").startswith("k0:")
    assert [key[:3] for key in content.pair_keys] == ["k1:", "k0:"]


def test_after_a_rotation_only_the_new_pseudonym_goes_out() -> None:
    assert made(Pseudonyms(ONE, OTHER, NOON)).previous_author_key is None


def test_two_collectors_that_saw_the_same_at_once_give_one_observation() -> None:
    mine, theirs = (identify(received(event_id=name, collector=name)) for name in ("mine", "theirs"))
    assert mine == theirs


def test_a_real_observation_is_no_repeat_of_a_test_at_the_same_moment() -> None:
    drill, real = made(test=True), made(test=False)
    assert drill.observation_id != real.observation_id
    assert drill.content_version == real.content_version


def test_newer_counts_are_another_observation_of_the_same_version() -> None:
    before, after = identify(received()), identify(received(change="recounted", engagement={"likes": 9}))
    assert before.content_version == after.content_version
    assert before.observation_id != after.observation_id


def test_an_address_that_no_platform_would_understand_is_refused() -> None:
    with pytest.raises(Rejected, match="address"):
        made(url="https://a.example:99999/")


def test_an_observation_from_more_than_an_hour_ahead_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        check_clock(received(observed_at="2026-06-01T13:00:01Z"), NOON)
    assert refused.value.reason is Reason.OBSERVED_IN_FUTURE


def test_an_observation_from_an_hour_ahead_is_a_clock_that_is_a_little_off() -> None:
    check_clock(received(observed_at="2026-06-01T13:00:00Z"), NOON)
