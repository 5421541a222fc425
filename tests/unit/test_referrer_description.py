"""What a notice says of content: enough to find and judge it, and no more."""

import hashlib
from typing import Any

import pytest

from schemas.content import Media
from schemas.referral_vocabulary import Category, ContentType, HashAlgorithm
from schemas.scoring import ContentRanked, GangRelated, Signal
from schemas.vocabulary import Exemption, MediaType, Overtness, SignalKind, TextRole, ViolenceType
from services.referrer.description import (
    EVIDENCE_LIMIT,
    TERM_LIMIT,
    category,
    content_id_of,
    content_types,
    excerpt,
    gang_relation,
    hashes,
    keywords,
    mask_handles,
    overtness,
    scored_exemptions,
    scored_types,
    spans,
)
from tests.builders import a_text, normalised, ranked, scored

V = ViolenceType


def a_signal(
    start: int,
    end: int,
    text: int = 0,
    kind: SignalKind = SignalKind.INFLUENTIAL_WORDS,
    weight: float = 1.0,
    term: str | None = None,
) -> Signal:
    """A signal with a span."""
    return Signal(kind=kind, text=text, start=start, end=end, weight=weight, term=term, role=TextRole.BODY)


def with_scores(**changes: Any) -> ContentRanked:
    """A ranked content with those scores."""
    content = normalised()
    return ranked(content, scored=scored(content, **changes))


def test_a_short_text_is_quoted_whole() -> None:
    assert excerpt(normalised("short and plain"), (), 280) == "short and plain"


@pytest.mark.parametrize("limit", [1, 2, 3, 10, 280])
def test_an_excerpt_never_exceeds_its_limit(limit: int) -> None:
    for start in (0, 500, 999):
        assert len(excerpt(normalised("x" * 1_000), [a_signal(start, start + 1)], limit)) == limit


def test_no_excerpt_where_none_is_allowed() -> None:
    assert excerpt(normalised("text"), (), 0) == ""


def test_content_without_a_text_has_no_excerpt() -> None:
    assert excerpt(normalised(texts=()), (), 280) == ""


def test_an_excerpt_shows_the_weightiest_span_behind_any_number_of_mentions() -> None:
    mentions = "@somebody.with.a.long.name " * 40
    text = f"{mentions}gonna get you tonight {'and more ' * 200}"
    shown = excerpt(normalised(text), [a_signal(len(mentions), len(mentions) + 13, weight=0.9)], 60)
    assert "gonna get you" in shown


def test_an_excerpt_shows_words_rather_than_the_beginning_of_the_stretch_that_holds_them() -> None:
    text = "a" * 400 + " the threat " + "b" * 400
    stretch = a_signal(0, 800, weight=7.0, kind=SignalKind.STRONGEST_WINDOW)
    found = [stretch, a_signal(401, 411, weight=0.9)]
    assert "the threat" in excerpt(normalised(text), found, 60)
    assert [each["term"] for each in spans(normalised(text), found, "l", 10)] == ["the threat"]


def test_an_excerpt_shows_the_weightiest_span_and_marks_its_cuts() -> None:
    text = "a" * 400 + " the threat " + "b" * 400
    shown = excerpt(normalised(text), [a_signal(0, 5, weight=0.1), a_signal(401, 411, weight=0.9)], 60)
    assert "the threat" in shown
    assert (shown[0], shown[-1], len(shown)) == ("…", "…", 60)


def test_an_excerpt_comes_from_the_text_that_carries_the_span() -> None:
    content = normalised(texts=(a_text("a harmless title", TextRole.TITLE), a_text("the threat")))
    assert excerpt(content, [a_signal(0, 10, text=1)], 280) == "the threat"


def test_a_signal_of_a_text_that_is_not_there_is_passed_over() -> None:
    content = normalised("only text")
    assert excerpt(content, [a_signal(0, 3, text=7)], 280) == "only text"
    assert spans(content, [a_signal(0, 3, text=7)], "l", 280) == ()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("@who will see", "@… will see"),
        ("ask @who@instance.example now", "ask @… now"),
        ("(＠who)", "(@…)"),
        ("mail me@social.example", "mail me@social.example"),
        ("at 5 @ the gate", "at 5 @ the gate"),
    ],
)
def test_mentions_lose_their_names(text: str, masked: str) -> None:
    assert mask_handles(text) == masked


def test_handles_are_masked_in_excerpt_and_terms() -> None:
    content = normalised("get @somebody tonight")
    signals = [a_signal(0, 21)]
    assert "somebody" not in excerpt(content, signals, 280)
    assert "somebody" not in str(spans(content, signals, "l", 280))


def test_spans_point_into_the_original_in_reading_order_with_role_and_gloss() -> None:
    coded = a_signal(6, 12, kind=SignalKind.CODED_TERM, weight=0.2, term="splash").model_copy(
        update={"gloss": "to stab"}
    )
    found = spans(normalised("gonna splash him"), [a_signal(13, 16), coded, a_signal(0, 5)], "lex-1", 280)
    assert [(span["start"], span["end"], span["term"]) for span in found] == [
        (0, 5, "gonna"),
        (6, 12, "splash"),
        (13, 16, "him"),
    ]
    assert found[1] == {
        "start": 6, "end": 12, "term": "splash", "gloss": "to stab", "lexicon_version": "lex-1", "role": TextRole.BODY,
    }  # fmt: skip


def test_words_of_the_content_share_one_limit_and_coded_terms_do_not_count() -> None:
    content = normalised("a" * 50 + "b" * 50 + "c" * 50)
    words = [a_signal(0, 50, weight=0.9), a_signal(50, 100, weight=0.8), a_signal(100, 110, weight=0.7)]
    coded = [a_signal(120, 130, kind=SignalKind.CODED_TERM, weight=0.1, term="z" * 30)]
    assert [span["term"][0] for span in spans(content, words + coded, "l", 60)] == ["a", "c", "z"]


def test_one_term_is_cut() -> None:
    found = spans(normalised("x" * 500), [a_signal(0, 500)], "l", 280)
    assert len(found[0]["term"]) == TERM_LIMIT


def test_a_signal_without_a_span_is_no_span() -> None:
    assert spans(normalised("x"), [Signal(kind=SignalKind.MODEL, weight=1.0)], "l", 280) == ()


def test_the_hash_of_texts_is_of_what_was_posted() -> None:
    found = hashes(normalised(texts=(a_text("one"), a_text("TWO"))))
    assert [(each.algo, each.value) for each in found] == [
        (HashAlgorithm.SHA256, hashlib.sha256(b"one\nTWO").hexdigest())
    ]


def test_every_hash_of_the_media_is_named_once() -> None:
    medium = Media(type=MediaType.VIDEO, sha256="a" * 64, pdq="b" * 64, tlsh="T1" + "c" * 60)
    found = hashes(normalised(texts=(), media=(medium, medium)))
    assert [each.algo for each in found] == [HashAlgorithm.SHA256, HashAlgorithm.PDQ, HashAlgorithm.TLSH]


def test_content_consists_of_its_texts_and_media_each_named_once() -> None:
    media = (Media(type=MediaType.IMAGE), Media(type=MediaType.IMAGE), Media(type=MediaType.OTHER))
    assert content_types(normalised("x", media=media)) == (ContentType.TEXT, ContentType.IMAGE, ContentType.OTHER)
    assert content_types(normalised(texts=(), media=(Media(type=MediaType.AUDIO),))) == (ContentType.AUDIO,)


@pytest.mark.parametrize(
    ("content_id", "url", "said"),
    [
        ("p-1", "https://social.example/p-1", "p-1"),
        ("at://did:plc:secret/app.bsky.feed.post/3k2", "https://bsky.app/profile/a.example/post/3k2", "3k2"),
        ("at://did:plc:a/x/3k2", "https://bsky.app/at://did:plc:a/x/3k2", "at://did:plc:a/x/3k2"),
        ("author-7:post-9", "https://social.example/watch", None),
    ],
)
def test_an_identifier_says_nothing_that_the_address_does_not_say(content_id: str, url: str, said: str | None) -> None:
    assert content_id_of(normalised(content_id=content_id, url=url), url) == said


def test_types_that_scored_a_half_are_named_in_the_order_of_the_list() -> None:
    found = scored_types(with_scores(types={V.TAUNT: 0.9, V.DIRECT_THREAT: 0.5, V.RECRUITMENT: 0.49}))
    assert found == (V.DIRECT_THREAT, V.TAUNT)


def test_where_no_type_scored_a_half_the_highest_is_named() -> None:
    assert scored_types(with_scores(types={V.TAUNT: 0.2, V.VEILED_THREAT: 0.3})) == (V.VEILED_THREAT,)
    assert scored_types(with_scores(types={})) == ()


def test_exemptions_worth_a_thought_are_named() -> None:
    scores = {Exemption.NEWS: 0.1, Exemption.GRIEF: 0.09, Exemption.NONE: 0.9}
    assert scored_exemptions(with_scores(exemptions=scores)) == (Exemption.NEWS,)
    assert scored_exemptions(with_scores(exemptions={Exemption.NONE: 1.0})) == (Exemption.NONE,)


def test_overtness_is_said_even_where_the_scorer_would_not() -> None:
    coded = (a_signal(0, 5, kind=SignalKind.CODED_TERM, term="hello"),)
    assert overtness(with_scores(overtness=Overtness.MIXED)) is Overtness.MIXED
    assert overtness(with_scores(overtness=Overtness.NONE, signals=coded)) is Overtness.COVERT
    assert overtness(with_scores(overtness=Overtness.NONE)) is Overtness.OVERT


def test_gang_relation_needs_a_half_and_shows_capped_evidence() -> None:
    words = tuple(f"word {n} @who " + "x" * 200 for n in range(20))
    found = gang_relation(with_scores(gang_related=GangRelated(p=0.5, signals=words)))
    assert found.related
    assert len(found.evidence) == EVIDENCE_LIMIT
    assert all(len(each) <= TERM_LIMIT and "who" not in each for each in found.evidence)
    assert not gang_relation(with_scores(gang_related=GangRelated(p=0.49))).related


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ((V.DIRECT_THREAT,), Category.VIOLENCE),
        ((V.TAUNT, V.ATTACK_PLANNING), Category.RISK_FOR_PUBLIC_SECURITY),
        ((V.WEAPONS_SALE,), Category.RISK_FOR_PUBLIC_SECURITY),
        ((V.TAUNT,), Category.CYBER_VIOLENCE),
        ((V.TAUNT, V.GLORIFICATION), Category.VIOLENCE),
        ((), Category.ILLEGAL_OR_HARMFUL_SPEECH),
    ],
)
def test_the_category_is_that_of_the_gravest_type(types: tuple[ViolenceType, ...], expected: Category) -> None:
    assert category(types, minor_suspected=False) is expected


@pytest.mark.parametrize("kind", list(ViolenceType))
def test_every_violence_type_has_a_category(kind: ViolenceType) -> None:
    assert category((kind,), minor_suspected=False) is not Category.ILLEGAL_OR_HARMFUL_SPEECH


def test_a_minor_without_any_type_is_protected() -> None:
    assert category((), minor_suspected=True) is Category.PROTECTION_OF_MINORS


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ((V.TAUNT,), ()),
        ((V.INCITEMENT,), ("incitement_violence_hatred",)),
        ((V.ATTACK_PLANNING,), ("coordinated_harm",)),
        ((V.RETALIATION_CALL,), ("coordinated_harm", "incitement_violence_hatred")),
    ],
)
def test_keywords_follow_from_the_types(types: tuple[ViolenceType, ...], expected: tuple[str, ...]) -> None:
    assert keywords(types) == expected
