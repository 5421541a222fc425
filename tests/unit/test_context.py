"""Risk with context: one fact each about what others said before."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.content import Media
from schemas.scoring import Contribution
from schemas.vocabulary import Band, Exemption, ThreatLevel
from services.referrer.changes import Look, changes, top_reasons
from services.referrer.context import Weighed, weigh
from services.referrer.context_parts import Sighting
from services.referrer.groups import Group, Groups, load_groups
from services.referrer.policy import DAY, load_policy
from services.referrer.remembered import HOUR, Evidence, Remembered, copy_of, remembered
from services.runtime.errors import Fatal
from services.runtime.text import normalise
from services.scorer.policy import load_policy as load_content_policy
from tests.builders import normalised, ranked, scored

POLICY = load_policy()
NOW = 20_000 * DAY
MINUTE = HOUR // 60


def entry(key: str = "x", **changes: object) -> Remembered:
    values: dict[str, object] = {
        "key": key, "at": NOW, "seen": NOW, "risk": 0.3, "platform": "tiktok", "authors": ("k1:a",), "anchor": key,
    }  # fmt: skip
    return Remembered(**(values | changes))  # type: ignore[arg-type]


def earlier(key: str, minutes: int = 60, **changes: object) -> Remembered:
    return entry(key, at=NOW - minutes * MINUTE, **changes)


def evidence(**changes: object) -> Evidence:
    values: dict[str, object] = {
        "base": -0.847298, "types": 0.5, "exemptions": (), "band": Band.P4, "level": ThreatLevel.NONE, "imminence": 0.0,
    }  # fmt: skip
    return Evidence(**(values | changes))  # type: ignore[arg-type]


def names(weighed: Weighed) -> set[str]:
    return {part.name for part in weighed.parts}


def test_content_without_context_keeps_its_content_risk() -> None:
    weighed = weigh(entry(), evidence(), [], [], POLICY)
    assert weighed == Weighed(0.3, Band.P4, (), ())


def test_own_earlier_content_counts_in_each_window_it_lies_in() -> None:
    recent = weigh(entry(), evidence(), [earlier("a", risk=0.7)], [], POLICY)
    old = weigh(entry(), evidence(), [earlier("a", minutes=10 * 24 * 60, risk=0.7)], [], POLICY)
    assert names(recent) == {"author.7d", "author.30d"}
    assert names(old) == {"author.30d"}
    assert recent.risk > old.risk


def test_content_older_than_every_window_adds_nothing() -> None:
    assert weigh(entry(), evidence(), [earlier("a", minutes=31 * 24 * 60, risk=0.9)], [], POLICY).parts == ()


def test_what_came_later_is_no_context() -> None:
    assert weigh(entry(), evidence(), [entry("z", at=NOW + 1, risk=0.9)], [], POLICY).parts == ()


def test_withdrawn_content_is_no_context() -> None:
    assert weigh(entry(), evidence(), [earlier("a", risk=0.9, withdrawn=True)], [], POLICY).parts == ()


def test_content_below_the_context_floor_is_no_context() -> None:
    assert weigh(entry(), evidence(), [earlier("a", risk=0.04)], [], POLICY).parts == ()


def test_an_unknown_author_adds_nothing() -> None:
    same_thread = earlier("a", authors=(), talk=("t",), risk=0.9)
    assert weigh(entry(talk=("t",)), evidence(), [same_thread], [], POLICY).parts == ()
    unknown = entry(authors=())
    assert weigh(unknown, evidence(), [earlier("a", authors=(), risk=0.9)], [], POLICY).parts == ()


def test_test_content_is_no_context_for_real_content() -> None:
    assert weigh(entry(), evidence(), [earlier("a", risk=0.9, test=True)], [], POLICY).parts == ()


def test_an_author_whose_secret_is_rotated_is_the_same_author() -> None:
    during = entry(authors=("k2:a", "k1:a"))
    assert "author.7d" in names(weigh(during, evidence(), [earlier("a", risk=0.7)], [], POLICY))


def test_what_the_other_of_a_pair_said_counts() -> None:
    said = earlier("a", authors=("k1:b",), pairs=("ab",), risk=0.6)
    assert names(weigh(entry(pairs=("ab",)), evidence(), [said], [], POLICY)) == {"pair"}


def test_taunt_reply_threat_is_an_escalation() -> None:
    taunt = earlier("t", minutes=300, pairs=("ab",), risk=0.5)
    reply = earlier("r", minutes=200, authors=("k1:b",), pairs=("ab",), risk=0.4)
    weighed = weigh(entry(pairs=("ab",)), evidence(), [taunt, reply], [], POLICY)
    part = next(part for part in weighed.parts if part.name == "escalation")
    assert part.value == 0.4
    assert any("began 5 hours before" in reason for reason in weighed.reasons)


def test_one_person_alone_does_not_escalate() -> None:
    rows = [earlier(name, minutes=m, pairs=("ab",), risk=0.5) for name, m in (("t", 300), ("r", 200))]
    assert "escalation" not in names(weigh(entry(pairs=("ab",)), evidence(), rows, [], POLICY))


def test_copies_by_others_count_once_per_author() -> None:
    one = [earlier("a", authors=("k1:b",), anchor="f", risk=0.4)]
    many_of_one = [earlier(f"a{n}", authors=("k1:b",), anchor="f", risk=0.4) for n in range(5)]
    others = [earlier(f"a{n}", authors=(f"k1:b{n}",), anchor="f", risk=0.4) for n in range(5)]
    risks = [weigh(entry(anchor="f"), evidence(), rows, [], POLICY).risk for rows in (one, many_of_one, others)]
    assert risks[0] == risks[1] < risks[2]


def test_three_authors_on_one_name_are_no_burst_and_four_are() -> None:
    rows = [earlier(f"a{n}", authors=(f"k1:b{n}",), subjects=("jay",), risk=0.5) for n in range(4)]
    assert "burst" not in names(weigh(entry(subjects=("jay",)), evidence(), rows[:3], [], POLICY))
    assert "burst" in names(weigh(entry(subjects=("jay",)), evidence(), rows, [], POLICY))


def test_four_authors_on_two_names_are_no_burst_on_either() -> None:
    rows = [
        earlier(f"a{n}", authors=(f"k1:b{n}",), subjects=("jay",) if n < 2 else ("lee",), risk=0.5) for n in range(4)
    ]
    assert "burst" not in names(weigh(entry(subjects=("jay", "lee")), evidence(), rows, [], POLICY))


def test_two_authors_before_and_after_their_secret_was_rotated_are_no_four() -> None:
    keys = [("k1:b",), ("k2:b", "k1:b"), ("k1:c",), ("k2:c", "k1:c")]
    rows = [earlier(f"a{n}", authors=authors, subjects=("jay",), risk=0.5) for n, authors in enumerate(keys)]
    assert "burst" not in names(weigh(entry(subjects=("jay",)), evidence(), rows, [], POLICY))


@pytest.mark.parametrize("where", [{"subjects": ("jay",)}, {"anchor": "f"}], ids=["burst", "copies"])
def test_one_author_who_says_much_does_not_crowd_out_the_others(where: dict[str, Any]) -> None:
    rows = [earlier(f"a{n}", authors=(f"k1:b{n}",), risk=0.5, **where) for n in range(6)]
    much = [earlier(f"b{n}", authors=("k1:b0",), risk=0.9, **where) for n in range(POLICY.bounds.chosen)]
    before, after = (weigh(entry(**where), evidence(), found, [], POLICY).risk for found in (rows, rows + much))
    assert after > before > 0.3


def test_the_platforms_of_copies_are_those_where_copies_stood() -> None:
    (reason,) = weigh(
        entry(anchor="f", platform="x"), evidence(), [earlier("a", authors=("k1:b",), anchor="f")], [], POLICY
    ).reasons
    assert reason.startswith("Another author posted a copy before, on 1 platform; ")


def test_views_that_nobody_counted_are_not_said_to_be_known() -> None:
    counted, estimated = (
        weigh(entry(), evidence(), [], [Sighting(NOW - HOUR, 0, e), Sighting(NOW, 9_000, e)], POLICY).reasons[0]
        for e in (False, True)
    )
    assert counted.startswith("At its fastest it gained 9,000 views an hour; ")
    assert estimated.startswith(
        "At its fastest it gained shares, likes or replies that stand for 9,000 views an hour; "
    )


def test_a_reason_says_how_strongly_it_raises_the_risk() -> None:
    """Its log-odds were told: a risk of 0 to 1 that rises by 1.04."""
    mild, grave = (
        weigh(entry(), evidence(), [earlier("a", risk=risk)], [], POLICY).reasons[0].partition("; ")[2]
        for risk in (0.1, 0.99)
    )
    assert (mild, grave) == ("this slightly raises the risk.", "this raises the risk.")


@pytest.mark.parametrize(
    ("sightings", "said"),
    [
        ([Sighting(NOW - HOUR, 0), Sighting(NOW, 1)], "it gained 1 view an hour;"),
        ([Sighting(NOW - HOUR, 0), Sighting(NOW, 2)], "it gained 2 views an hour;"),
    ],
)
def test_one_view_is_not_told_as_several(sightings: list[Sighting], said: str) -> None:
    (reason,) = weigh(entry(), evidence(), [], sightings, POLICY).reasons
    assert said in reason


def test_of_less_than_a_view_an_hour_nothing_is_said_and_nothing_counted() -> None:
    slow = [Sighting(NOW - 5 * HOUR, 0), Sighting(NOW, 1)]
    assert weigh(entry(), evidence(), [], slow, POLICY) == Weighed(0.3, Band.P4, (), ())


@pytest.mark.parametrize(
    ("minutes", "ago"), [(1, "1 minute"), (2, "2 minutes"), (119, "119 minutes"), (120, "2 hours"), (2_880, "2 days")]
)
def test_how_long_ago_an_exchange_began_is_told_in_singular_or_plural(minutes: int, ago: str) -> None:
    taunt = earlier("t", minutes=minutes, pairs=("ab",), risk=0.5)
    reply = entry("r", at=NOW - MINUTE // 2, authors=("k1:b",), pairs=("ab",), risk=0.4)
    weighed = weigh(entry(pairs=("ab",)), evidence(), [taunt, reply], [], POLICY)
    assert any(f"began {ago} before;" in reason for reason in weighed.reasons)


def test_a_window_of_one_day_is_told_as_one() -> None:
    one = POLICY.author[0].model_copy(update={"days": 1})
    day = POLICY.model_copy(update={"author": (one,)})
    (reason,) = weigh(entry(), evidence(), [earlier("a", risk=0.7)], [], day).reasons
    assert reason.startswith("The author has 1 earlier item of concern in 1 day, ")


def test_growth_between_observations_counts_and_one_observation_does_not() -> None:
    fast = [Sighting(NOW - HOUR, 100), Sighting(NOW, 80_000)]
    assert "reach_speed" in names(weigh(entry(), evidence(), [], fast, POLICY))
    assert weigh(entry(), evidence(), [], fast[1:], POLICY).parts == ()
    assert weigh(entry(), evidence(), [], [Sighting(NOW - HOUR, None), fast[1]], POLICY).parts == ()


def test_grief_alone_stays_what_it_is_in_the_middle_of_a_feud() -> None:
    grief = evidence(types=0.1, exemptions=(("grief", 0.9),), band=Band.NONE, base=-2.5)
    feud = [earlier(f"a{n}", pairs=("ab",), talk=("t",), subjects=("jay",), risk=0.9) for n in range(9)]
    this = entry(pairs=("ab",), talk=("t",), subjects=("jay",), risk=0.08)
    weighed = weigh(this, grief, feud, [], POLICY)
    assert (weighed.parts, weighed.band) == ((), Band.NONE)
    assert "grief and nothing else" in weighed.reasons[0]


@pytest.mark.parametrize(
    ("exemption", "words"),
    [
        ("victim_account", "a victim's own account"),
        ("quotation_or_counter_speech", "a quotation or counter-speech"),
        ("sport_or_game", "sport or a game"),
        ("art_or_lyrics", "art or lyrics"),
    ],
)
def test_what_a_content_is_alone_is_told_in_plain_words(exemption: str, words: str) -> None:
    alone = evidence(types=0.1, exemptions=((exemption, 0.9),))
    (reason,) = weigh(entry(), alone, [], [], POLICY).reasons
    assert reason.startswith(f"It is {words} and nothing else: ")


def test_a_threat_in_words_of_grief_has_its_context() -> None:
    threat = evidence(types=0.7, exemptions=(("grief", 0.9),))
    assert weigh(entry(), threat, [earlier("a", risk=0.7)], [], POLICY).parts != ()


def test_content_at_the_context_floor_cannot_be_carried_into_the_queue() -> None:
    floor = POLICY.floors.context
    feud = [
        earlier(f"{who}{n}", minutes=n + 1, authors=(who,), pairs=("ab",), talk=("t",), subjects=("s",), risk=0.99)
        for n in range(20)
        for who in ("k1:a", "k1:b", "k1:c", "k1:d", "k1:e")
    ]
    this = entry(risk=floor, pairs=("ab",), talk=("t",), subjects=("s",))
    weighed = weigh(this, evidence(base=-2.944439, band=Band.NONE), feud, [], POLICY)
    assert weighed.risk > floor
    assert weighed.band is Band.NONE


def test_context_is_bounded_and_the_bound_is_a_part() -> None:
    tight = POLICY.model_copy(update={"bounds": POLICY.bounds.model_copy(update={"total": 0.5})})
    weighed = weigh(entry(), evidence(), [earlier(f"a{n}", risk=0.99) for n in range(50)], [], tight)
    assert sum(part.contribution for part in weighed.parts) == pytest.approx(0.5)
    assert "context_bound" in names(weighed)


def test_a_band_is_never_below_the_contents_own() -> None:
    assert weigh(entry(), evidence(band=Band.P1), [], [], POLICY).band is Band.P1


def test_context_raises_a_specific_threat_to_life_to_p1() -> None:
    life = evidence(base=0.2, level=ThreatLevel.HIGH_SPECIFIC, band=Band.P4)
    assert weigh(entry(risk=0.55), life, [earlier("a", risk=0.9)], [], POLICY).band is Band.P1


def test_a_picture_under_other_long_words_is_other_content() -> None:
    clip = ("sha256:" + "0" * 64,)
    mine = entry("x", similarity="0" * 16, bands=(1, 2), media=clip)
    words = entry("y", similarity="f" * 16, bands=(1, 3), media=clip)
    assert not copy_of(mine, words, POLICY)
    assert copy_of(entry("x", media=clip, short="a"), entry("y", media=clip, short="b"), POLICY)


def test_the_same_short_words_under_different_clips_are_no_copies() -> None:
    one, other = (entry(key, short="w", media=(f"sha256:{key}",)) for key in ("x", "y"))
    assert not copy_of(one, other, POLICY)
    assert copy_of(one._replace(media=()), other._replace(media=()), POLICY)


def test_evidence_and_traits_come_from_the_ranked_fact() -> None:
    content = normalised(
        "watch yourself #LoganPark in E5 later",
        pair_keys=("k1:z", "k1:b"),
        thread_key="ab" * 16,
        similarity="0123456789abcdef",
        media=(Media(sha256="a" * 64, pdq="f0" * 32),),
    )
    fact = ranked(content, scored=scored(content, 0.4, exemptions={Exemption.NEWS: 0.2, Exemption.NONE: 0.8}))
    this, shown = remembered(fact, POLICY, load_groups())
    assert this.pairs == ("k1:b", "k1:z")
    assert this.subjects == ("e5", "loganpark")
    assert this.media == ("sha256:" + "a" * 64, "pdq:" + "f0" * 32)
    assert len(this.bands) == 6
    assert shown.exemptions == (("news", 0.2),)
    assert shown.base == pytest.approx(0.847298)


def test_a_post_mentioning_a_thousand_is_remembered_with_a_hundred_pairs() -> None:
    content = normalised("all of you", pair_keys=tuple(f"k1:{n}" for n in range(1_000)))
    assert len(remembered(ranked(content), POLICY, load_groups())[0].pairs) == POLICY.bounds.pairs


def test_the_packaged_list_of_groups_is_empty() -> None:
    assert load_groups().group == ()


def test_a_listed_name_counts_with_a_violence_type_only_and_until_its_review() -> None:
    group = Group(
        name="example crew", forms=("example crew",), also_means="a dance school", reason="seen in three feuds",
        added_by="lead", review_by=date(2026, 6, 1),
    )  # fmt: skip
    listed = Groups(version="1", group=(group,))
    assert listed.named("the example crew is here", date(2026, 6, 1)) == ("example crew",)
    assert listed.named("the example crews are here", date(2026, 6, 1)) == ()
    assert listed.named("the example crew is here", date(2026, 6, 2)) == ()
    assert [listed.due(date(2026, 6, day)) for day in (1, 2)] == [(), ("example crew",)]
    named = evidence(groups=("example crew",), types=0.5)
    assert names(weigh(entry(), named, [], [], POLICY)) == {"group"}
    assert weigh(entry(), replace(named, types=0.1), [], [], POLICY).parts == ()


def listed_as(folder: Path, forms: str, rivals: str = "[]") -> Groups:
    file = folder / "groups.toml"
    file.write_text(
        f'version = "1"\n[[group]]\nname = "one"\nforms = {forms}\nrivals = {rivals}\nalso_means = "a number"\n'
        'reason = "an example"\nadded_by = "lead"\nreview_by = 2026-12-01\n'
    )
    return load_groups(file)


def test_a_rival_that_is_no_entry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match="rivals that are no entry: two"):
        listed_as(tmp_path, '["one"]', '["two"]')


@pytest.mark.parametrize(
    ("form", "plain"), [("s1lent crew", "silent crew"), ("o.f.b", "ofb"), ("🐍 gang", "snake gang")]
)
def test_a_form_that_no_normalised_text_holds_is_refused_with_what_to_write(
    tmp_path: Path, form: str, plain: str
) -> None:
    """It would never be found, and nobody would notice."""
    with pytest.raises(Fatal, match=f"line 4: group.0.forms.0: .*write '{plain}'"):
        listed_as(tmp_path, f'["{form}"]')

    assert listed_as(tmp_path, f'["{plain}"]').named(normalise(f"the {form} again").text, date(2026, 6, 1)) == ("one",)


def test_a_bad_policy_is_refused_naming_the_mistake(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(
        (Path("services/referrer/data") / "policy.toml").read_text().replace("weight = 1.2", "weight = -1", 1)
    )
    with pytest.raises(Fatal, match=r"policy policy.toml: line \d+: author.0.weight: .* greater than or equal to 0"):
        load_policy(file)


def test_both_policies_have_the_same_floors() -> None:
    content = load_content_policy().floors
    assert (POLICY.floors.context, POLICY.floors.watch) == (content.context, content.watch)


def test_what_changed_is_said_largest_first() -> None:
    before = Look(0.31, Band.P4, (Contribution(name="thread", value=0.2, contribution=0.1),))
    parts = tuple(Contribution(name=n, value=v, contribution=v) for n, v in (("thread", 0.2), ("pair", 0.9)))
    assert changes(before, Look(0.62, Band.P3, parts, copies=2)) == (
        "The risk rose from 31% to 62%, P4 to P3.",
        "2 copies now, 0 then.",
        "New: what the two said to one another; this raises the risk.",
        "Changed: what others said in the conversation; this slightly raises the risk.",
    )
    assert changes(before, before) == ()


def test_words_that_were_edited_are_said_to_be_though_the_risk_is_the_same() -> None:
    """The reviewer was told that nothing had changed, and would have approved what nobody had read."""
    before = Look(0.5, Band.P4, (), 1, ("own", "copy"))
    assert changes(before, replace(before, versions=("edited", "copy"))) == ("The words or pictures were edited.",)
    assert changes(before, replace(before, versions=("copy", "own"))) == ()
    assert changes(replace(before, versions=()), before) == ()
    assert changes(before, replace(before, copies=2, versions=("own", "copy", "another"))) == ("2 copies now, 1 then.",)


def test_a_risk_that_only_changed_its_band_is_not_said_to_have_moved() -> None:
    before, after = Look(0.601, Band.P3, ()), Look(0.602, Band.P2, (), copies=1)
    assert changes(before, after) == ("The risk stays at 60%, P3 to P2.", "1 copy now, 0 then.")


def test_the_weightiest_reasons_of_both_steps_stand_first() -> None:
    content = [("base", -9.0), ("p_violence", 2.0), ("reach", 0.1)]
    assert top_reasons(content, ["It reads.", "It reaches."], [0.7], ["They fight."]) == (
        "It reads.", "They fight.", "It reaches.",
    )  # fmt: skip


def test_a_threat_to_life_stands_before_the_weightiest_reasons_and_takes_the_weight_of_none() -> None:
    content = [("base", -9.0), ("p_violence", 2.6), ("severity.direct_threat", 2.0), ("imminence", 0.9)]
    own = ["A specific threat to life: act “stab”.", "It reads.", "It threatens.", "It is near."]
    assert top_reasons(content, own, [2.2, 1.95], ["Earlier.", "They fight."]) == (
        own[0], "It reads.", "Earlier.", "It threatens.",
    )  # fmt: skip
