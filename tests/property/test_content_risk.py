"""What holds of content risk for every score, text and policy weight."""

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.content import ContentNormalised, Engagement
from schemas.scoring import Digests, GangRelated
from schemas.vocabulary import Band, Change, Exemption, ViolenceType
from services.scorer.content_risk import content_risk, logit, sigmoid
from services.scorer.cues import find_cues
from services.scorer.facts import ranked_fact, scored_fact
from services.scorer.policy import load_policy
from services.scorer.ports import Score
from tests.builders import NOON, a_score, normalised

POLICY = load_policy()
DIGESTS = Digests(model="m", lexicon="l", calibration="c", policy="p")
share = st.floats(0, 1)
types = st.dictionaries(st.sampled_from(list(ViolenceType)), share, max_size=12)
exemptions = st.dictionaries(st.sampled_from(list(Exemption)), share, max_size=10)
words = st.lists(
    st.sampled_from(
        [
            "tonight",
            "tomorrow",
            "yesterday",
            "outside",
            "yours",
            "linnet",
            "road",
            "i'm",
            "gonna",
            "stab",
            "you",
            "if",
            "knife",
            "got",
            "the",
            "43",
            "bus",
            "at",
            "9pm",
            "rip",
            "on",
            "20th",
            "june",
            "saturday",
            "days",
            "later",
            "omw",
        ]
    ),
    max_size=14,
).map(" ".join)
anything = words | st.text(max_size=200)


@st.composite
def scores(draw: st.DrawFn) -> Score:
    return a_score(draw(share), types=draw(types), exemptions=draw(exemptions), gang_related=GangRelated(p=draw(share)))


def raised(score: Score, **changes: Any) -> Score:
    values = {name: getattr(score, name) for name in Score.__dataclass_fields__}
    return Score(**(values | changes))


def risk(content: ContentNormalised, score: Score) -> float:
    return content_risk(content, score, POLICY).risk


@given(anything, scores(), share)
def test_risk_never_falls_when_the_text_reads_more_violent(text: str, score: Score, more: float) -> None:
    content = normalised(text or "x")
    higher = raised(score, p_violence=max(score.p_violence, more))
    assert risk(content, higher) >= risk(content, score) - 1e-12


@given(anything, scores(), st.sampled_from(list(ViolenceType)), share)
def test_risk_never_falls_when_a_type_grows_likelier(text: str, score: Score, name: ViolenceType, more: float) -> None:
    content = normalised(text or "x")
    higher = raised(score, types={**score.types, name: max(score.types.get(name, 0.0), more)})
    assert risk(content, higher) >= risk(content, score) - 1e-12


@given(anything, scores(), st.sampled_from(list(Exemption)), share)
def test_risk_never_rises_when_an_exemption_grows_likelier(
    text: str, score: Score, name: Exemption, more: float
) -> None:
    content = normalised(text or "x")
    higher = raised(score, exemptions={**score.exemptions, name: max(score.exemptions.get(name, 0.0), more)})
    assert risk(content, higher) <= risk(content, score) + 1e-12


@given(anything, scores(), share)
def test_risk_never_falls_when_the_conflict_of_groups_grows_likelier(text: str, score: Score, more: float) -> None:
    content = normalised(text or "x")
    higher = raised(score, gang_related=GangRelated(p=max(score.gang_related.p, more)))
    assert risk(content, higher) >= risk(content, score) - 1e-12


@given(anything, scores())
def test_circumstances_never_lower_what_the_score_alone_says(text: str, score: Score) -> None:
    """Below the floor nothing is searched for; above it, what is found can only add, but for what is held."""
    done = content_risk(normalised(text or "x"), score, POLICY)
    circumstances = ("imminence", "threat_to_life", "gang_related", "reach")
    added = [contribution for name, _, contribution in done.parts if name in circumstances]
    assert all(contribution >= 0 for contribution in added)
    assert math.fsum(added) <= POLICY.ceiling * score.p_violence + 1e-9


@given(st.floats(0.02, 0.5), share, st.sampled_from(list(Exemption)), share)
def test_what_is_not_searched_for_cues_could_not_have_reached_the_context_floor_with_them(
    p: float, threat: float, name: Exemption, exempt: float
) -> None:
    """An edit is searched whatever its score; here with every cue that there is, among many and before a million."""
    score = a_score(
        p,
        types={ViolenceType.DIRECT_THREAT: threat},
        exemptions={name: exempt},
        gang_related=GangRelated(p=1.0),
    )
    seen = Engagement(views=10**6)
    new, edited = (
        content_risk(normalised("i'm gonna stab you outside yours tonight", engagement=seen, change=c), score, POLICY)
        for c in (Change.CREATED, Change.EDITED)
    )
    assert new.parts or edited.risk < POLICY.floors.context


@given(scores(), st.integers(0, 10**9), st.integers(0, 10**9))
def test_risk_never_falls_when_more_people_saw_it(score: Score, views: int, more: int) -> None:
    few, many = (normalised("x y", engagement=Engagement(views=v)) for v in (views, views + more))
    assert risk(many, score) >= risk(few, score) - 1e-12


@given(scores(), st.sampled_from(["tonight", "outside yours", "at 9pm", "omw", "i'm gonna stab you", "got my blade"]))
def test_risk_never_falls_when_a_time_or_place_is_added(score: Score, cue: str) -> None:
    assert risk(normalised(f"we are coming {cue}"), score) >= risk(normalised("we are coming"), score) - 1e-12


@given(anything, scores(), st.sampled_from(list(Change)))
def test_the_parts_of_what_the_desk_hears_add_up(text: str, score: Score, change: Change) -> None:
    content = normalised(text or "x", change=change)
    done = content_risk(content, score, POLICY)
    fact = ranked_fact(content, scored_fact(content, score, done, DIGESTS, NOON), done)
    if fact.parts:
        total = math.fsum(part.contribution for part in fact.parts)
        assert abs(sigmoid(total) - done.risk) < 1e-4


@given(anything, st.floats(0, 0.97), exemptions, st.sampled_from(POLICY.exempt.held), st.floats(0.5, 1))
def test_grief_news_music_or_a_victims_account_alone_never_reaches_the_desk(
    text: str, p: float, others: dict[Exemption, float], name: Exemption, sure: float
) -> None:
    score = a_score(
        p, types={ViolenceType.GLORIFICATION: 1.0, ViolenceType.TAUNT: 1.0}, exemptions={**others, name: sure}
    )
    assert content_risk(normalised(text or "x"), score, POLICY).band is Band.NONE


@given(anything, scores())
def test_everything_stays_within_its_bounds(text: str, score: Score) -> None:
    done = content_risk(normalised(text or "x"), score, POLICY)
    life = done.life
    assert 0 < done.risk < 1
    assert all(0 <= value <= 1 for value in (life.intent, life.capability, life.specificity, life.imminence))


@given(words, st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.integers(-12, 14))
def test_a_moment_counts_the_same_in_whatever_zone_it_is_written(text: str, said: datetime, hours: int) -> None:
    moment = said.replace(tzinfo=UTC)
    same = moment.astimezone(timezone(timedelta(hours=hours)))
    one, other = (
        find_cues(normalised(text or "x", event_time=at, observed_at=at, audience_country="GB"), POLICY)
        for at in (moment, same)
    )
    assert (one.words, one.time, one.place) == (other.words, other.time, other.place)


@given(share)
def test_logit_and_sigmoid_undo_one_another(p: float) -> None:
    assert abs(sigmoid(logit(p)) - min(0.999, max(0.001, p))) < 1e-12
