"""What the console shows of content: hidden characters seen, spans marked, addresses linked only where that is harmless."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.review import Decision, ReasonCode
from schemas.scoring import Contribution, Signal
from schemas.vocabulary import SignalKind
from services.referrer.console.entrance import local
from services.referrer.console.forms import Form, decision_of
from services.referrer.console.showing import ago, bars, link_of, past, pieces, visible
from services.referrer.decision_reasons import REASONS
from tests.builders import NOON, a_text, key_of


def coded(start: int, end: int, gloss: str | None = "blade", **changes: Any) -> Signal:
    values = {"kind": SignalKind.CODED_TERM, "text": 0, "start": start, "end": end, "gloss": gloss}
    return Signal.model_validate(values | changes)


def test_a_coded_term_is_marked_and_its_gloss_stands_at_its_end() -> None:
    found = pieces(a_text("bring the rambo now"), 0, [coded(10, 15)])
    assert [(p.text, p.kind, p.gloss) for p in found] == [
        ("bring the ", "plain", ""),
        ("rambo", "coded", "blade"),
        (" now", "plain", ""),
    ]


def test_a_span_of_another_text_marks_nothing() -> None:
    assert [p.kind for p in pieces(a_text("bring it"), 0, [coded(0, 5, text=1)])] == ["plain"]


def test_overlapping_spans_lose_no_character() -> None:
    signals = [coded(0, 6), coded(3, 9, "other", kind=SignalKind.INFLUENTIAL_WORDS)]
    found = pieces(a_text("abcdefghijk"), 0, signals)
    assert "".join(p.text for p in found) == "abcdefghijk"
    assert [p.kind for p in found] == ["coded", "coded", "words", "plain"]


@given(st.text(min_size=1), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5))
def test_whatever_the_spans_the_seen_characters_stay_in_their_order(text: str, spans: list[tuple[int, int]]) -> None:
    found = pieces(a_text(text), 0, [coded(start, end) for start, end in spans])
    assert "".join(p.text for p in found if p.kind != "hidden") == "".join(
        c for c in text if visible(c) == c or c in "\n\t"
    )


@pytest.mark.parametrize(
    "character", ["\u202e", "\u200b", "\x00", "\x1b", "\u2066", "\ufeff", "\u2028", "\u00ad", "\U000e0041"]
)
def test_a_character_that_nobody_would_see_is_named(character: str) -> None:
    (before, named, after) = pieces(a_text(f"a{character}b"), 0, [])
    assert (before.text, named.text, named.kind, after.text) == ("a", f"U+{ord(character):04X}", "hidden", "b")
    assert visible(f"a{character}b") == f"a[U+{ord(character):04X}]b"


@pytest.mark.parametrize("text", ["👨‍👩‍👧", "❤️", "naïve café", "مرحبا", "line\nline"])
def test_ordinary_writing_stays_as_it_is(text: str) -> None:
    assert [p.text for p in pieces(a_text(text), 0, [])] == [text]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//host/x",
        "https://", "http:///x", " https://x.example/\n", "https://x.example/\u202ecod", "java\tscript:alert(1)", "", None,
        "https://[x", "blob:https://x.example/1",
    ],
)  # fmt: skip
def test_nothing_but_a_plain_web_address_is_linked(url: str | None) -> None:
    assert link_of(url) is None


def test_a_web_address_is_linked_as_it_is() -> None:
    assert link_of("https://x.example/a?b=c#d") == "https://x.example/a?b=c#d"


def test_bars_share_one_measure_and_meet_in_the_middle() -> None:
    parts = [Contribution(name="a", value=1, contribution=-2.0), Contribution(name="b", value=1, contribution=1.0)]
    assert [(bar.start, bar.length) for bar in bars(parts)] == [(0.0, 50.0), (50.0, 25.0)]


@given(st.lists(st.floats(-50, 50), max_size=8))
def test_a_bar_never_leaves_its_track(values: list[float]) -> None:
    for bar in bars([Contribution(name="x", value=0, contribution=value) for value in values]):
        assert bar.start >= 0 and bar.start + bar.length <= 100.01


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "now"), (59, "now"), (60, "1 min"), (3_600, "1 h"), (5_460, "1 h 31"), (200_000, "2 d"), (-30, "in under 1 min"),
     (-600, "in 10 min")],
)  # fmt: skip
def test_how_long_ago(seconds: int, said: str) -> None:
    assert ago(NOON - timedelta(seconds=seconds), NOON) == said


@pytest.mark.parametrize(("seconds", "said"), [(0, "just now"), (600, "10 min ago"), (-600, "in 10 min")])
def test_when_it_was_or_will_be(seconds: int, said: str) -> None:
    assert past(NOON - timedelta(seconds=seconds), NOON) == said


@pytest.mark.parametrize(
    "path",
    [
        "https://x.example",
        "//x.example",
        "/\\x.example",
        "javascript:alert(1)",
        "/a b",
        "/a\n",
        "queue",
        "",
        "/caf\u00e9",
    ],
)
def test_a_sign_in_leads_nowhere_but_to_a_page_of_this_server(path: str) -> None:
    assert local(path) == ""


def test_a_sign_in_leads_back_to_the_page_that_was_asked_for() -> None:
    assert local("/queue?band=P1&after=x") == "/queue?band=P1&after=x"


def a_form(**fields: Any) -> Form:
    values: dict[str, Any] = {"decision": "refuse", "reason_code": "news", "content_version": key_of("v")} | fields
    return Form(
        [(name, one) for name, value in values.items() for one in (value if isinstance(value, list) else [value])]
    )


def test_a_form_becomes_the_decision_that_programs_send() -> None:
    asked = decision_of(
        a_form(decision="approve", reason_code="threat_of_violence", location=[key_of("a"), key_of("b")], good_faith="yes",
               minor_suspected="yes", reasons=" It threatens. ", facts="", note="\tseen twice")
    )  # fmt: skip
    assert not isinstance(asked, str)
    assert (asked.decision, asked.reason_code) == (Decision.APPROVE, ReasonCode.THREAT_OF_VIOLENCE)
    assert (asked.locations, asked.good_faith, asked.note) == ((key_of("a"), key_of("b")), True, "seen twice")
    assert (asked.notice.reasons, asked.notice.facts, asked.notice.minor_suspected) == ("It threatens.", None, True)


def test_an_approval_without_a_tick_names_no_address() -> None:
    asked = decision_of(a_form(decision="approve", reason_code="threat_of_violence"))
    assert not isinstance(asked, str)
    assert (asked.locations, asked.good_faith) == ((), False)


@pytest.mark.parametrize("decision", list(Decision))
def test_every_reason_of_every_decision_can_be_sent(decision: Decision) -> None:
    for code in REASONS[decision]:
        asked = decision_of(a_form(decision=decision.value, reason_code=code.value))
        assert not isinstance(asked, str)


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"reason_code": ""}, "Choose a reason"), ({"decision": "remove"}, "decision"), ({"note": "x" * 2_001}, "note"),
     ({"content_version": "<b>"}, "content version"), ({"profile": "nonsense"}, "notice profile")],
)  # fmt: skip
def test_a_form_that_says_something_else_is_told_what_is_wrong(fields: dict[str, str], said: str) -> None:
    answer = decision_of(a_form(**fields))
    assert isinstance(answer, str)
    assert said in answer and "<b>" not in answer
