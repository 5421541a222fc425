"""Suspension: too many refusals or reversals stop automatic proposals, and the desk is told why."""

from datetime import timedelta
from pathlib import Path

import pytest

from schemas.referral_vocabulary import Automation
from schemas.vocabulary import ViolenceType
from services.referrer.suspension import (
    PACKAGED,
    REUPLOAD,
    Scope,
    ScopeKind,
    Suspended,
    Tally,
    answerable,
    counts_from,
    judge,
    load_suspension,
)
from services.runtime.errors import Fatal
from tests.builders import NOON, a_request

RULES = load_suspension()
TAUNT = Scope(ScopeKind.RULE, "taunt")


def test_too_many_refusals_suspend_and_the_sentence_says_how_many() -> None:
    assert judge(TAUNT, Tally(accepted=14, refused=6), RULES) == Suspended(
        TAUNT,
        "rule taunt: 6 of 20 requests were refused (30%; the limit is 30% in 30 days); automatic proposals are suspended.",
    )


def test_a_share_below_the_limit_suspends_nothing() -> None:
    assert judge(TAUNT, Tally(accepted=15, refused=6), RULES) is None


def test_few_answers_say_little() -> None:
    assert judge(TAUNT, Tally(accepted=0, refused=19), RULES) is None
    assert judge(TAUNT, Tally(accepted=0, refused=20), RULES) is not None


def test_reversals_suspend_long_before_refusals_would() -> None:
    found = judge(TAUNT, Tally(accepted=40, refused=0, reversed=2), RULES)
    assert found is not None
    assert "2 of 40 actions were put back (5%; the limit is 5%" in found.why


def test_one_reversal_of_a_few_actions_suspends_nothing() -> None:
    assert judge(TAUNT, Tally(accepted=19, reversed=1), RULES) is None


def test_without_any_answer_nothing_is_suspended() -> None:
    assert all(judge(Scope(kind, "x"), Tally(), RULES) is None for kind in ScopeKind)


def test_each_kind_has_limits_of_its_own() -> None:
    """A machine alone is held to a stricter limit than a platform that disagrees with people."""
    tally = Tally(accepted=27, refused=3)
    assert judge(Scope(ScopeKind.AUTOMATIC, REUPLOAD), tally, RULES) is not None
    assert judge(Scope(ScopeKind.PLATFORM, "bluesky"), tally, RULES) is None


def test_a_request_counts_for_its_types_its_collector_and_its_platform() -> None:
    request = a_request(violence_types=(ViolenceType.TAUNT, ViolenceType.INCITEMENT))
    assert [str(scope) for scope in answerable(request, "desk", "bluesky")] == [
        "rule taunt",
        "rule incitement",
        "collector desk",
        "platform bluesky",
    ]


def test_an_automatic_request_counts_for_the_automatic_rule_too() -> None:
    request = a_request(automation=Automation.PARTIALLY)
    assert Scope(ScopeKind.AUTOMATIC, REUPLOAD) in answerable(request, "desk", "bluesky")


def test_after_a_lead_lifted_it_only_later_answers_count() -> None:
    start = NOON - timedelta(days=30)
    lifted = NOON - timedelta(days=3)
    assert counts_from(NOON, RULES.rule, None) == start
    assert counts_from(NOON, RULES.rule, lifted) == lifted
    assert counts_from(NOON, RULES.rule, start - timedelta(days=1)) == start


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "refused_share = 0.30",
            "refused_share = 0",
            r"suspension\.toml: line \d+: rule\.refused_share: Input should be",
        ),
        ("minimum = 20 ", "minimum = 0 ", r"rule\.minimum: Input should be"),
        ("[automatic]", "[other]", r"automatic: this setting is missing"),
        ("version =", "version", r"suspension\.toml: line \d+: this is not TOML: Expected"),
    ],
)
def test_a_mistake_in_the_thresholds_is_fatal_and_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = PACKAGED.read_text()
    assert old in text
    path = tmp_path / "suspension.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(Fatal, match=said):
        load_suspension(path)
