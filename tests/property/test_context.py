"""What holds of risk with context for any content, any past and any order."""

import math
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import Band, ThreatLevel
from services.referrer.context import ORDER, weigh
from services.referrer.context_parts import Sighting
from services.referrer.policy import DAY, load_policy
from services.referrer.remembered import HOUR, Evidence, Remembered
from tests.builders import an_entry, logit

POLICY = load_policy()
NOW = 20_000 * DAY
FEW = st.lists(st.sampled_from(["p", "q", "r"]), max_size=2, unique=True).map(tuple)
RISKS = st.floats(0, 1).map(lambda risk: min(1 - 1e-6, max(1e-6, risk)))


def entries(key: st.SearchStrategy[str], at: st.SearchStrategy[int]) -> st.SearchStrategy[Remembered]:
    return st.builds(
        an_entry,
        key=key,
        at=at,
        seen=at,
        risk=RISKS,
        platform=st.sampled_from(["tiktok", "x"]),
        authors=st.sampled_from([(), ("a",), ("b",), ("c",), ("d",), ("e",), ("a2", "a")]),
        pairs=FEW,
        talk=FEW,
        subjects=FEW,
        media=FEW,
        anchor=st.sampled_from(["f", "g"]),
        withdrawn=st.booleans(),
        test=st.just(False),
    )


PAST = st.lists(
    entries(st.integers(0, 10**6).map(str), st.integers(NOW - 40 * DAY, NOW + HOUR)),
    max_size=12,
    unique_by=lambda row: row.key,
)
THIS = entries(st.just("x"), st.just(NOW))
EVIDENCE = st.builds(
    Evidence,
    base=st.floats(-8, 8),
    types=RISKS,
    exemptions=st.sampled_from([(), (("grief", 0.9),), (("news", 0.3),)]),
    band=st.sampled_from(Band),
    level=st.sampled_from(ThreatLevel),
    imminence=RISKS,
)
COUNTS = st.lists(st.builds(Sighting, st.integers(NOW - DAY, NOW), st.none() | st.integers(0, 2**53)), max_size=5)


@given(THIS, EVIDENCE, PAST, COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_the_past_and_repeats_in_it_change_nothing(
    this: Remembered, evidence: Evidence, past: list[Remembered], counts: list[Sighting], random: Random
) -> None:
    shuffled = past + past[: len(past) // 2]
    random.shuffle(shuffled)
    again = weigh(this, evidence, shuffled, counts[::-1], POLICY)
    assert again == weigh(this, evidence, past, counts, POLICY)


@given(THIS, EVIDENCE, PAST, COUNTS)
def test_the_parts_add_up_to_the_risk_and_only_the_bound_is_negative(
    this: Remembered, evidence: Evidence, past: list[Remembered], counts: list[Sighting]
) -> None:
    evidence = replace(evidence, base=logit(this.risk))
    weighed = weigh(this, evidence, past, counts, POLICY)
    context = math.fsum(part.contribution for part in weighed.parts)
    total = evidence.base + context
    assert math.isclose(weighed.risk, 1 / (1 + math.exp(-total)), rel_tol=1e-9)
    assert -1e-9 <= context <= POLICY.bounds.total + 1e-5
    assert [p.name for p in weighed.parts if p.contribution < 0] in ([], ["context_bound"])
    assert len(weighed.reasons) >= len([p for p in weighed.parts if p.name != "context_bound"])


@given(THIS, EVIDENCE, PAST, COUNTS, st.data())
def test_the_risk_never_falls_when_anything_remembered_becomes_worse(
    this: Remembered, evidence: Evidence, past: list[Remembered], counts: list[Sighting], data: st.DataObject
) -> None:
    evidence = replace(evidence, base=logit(this.risk))
    worse = [row._replace(risk=data.draw(st.floats(row.risk, 1))) for row in past]
    before, after = (weigh(this, evidence, rows, counts, POLICY) for rows in (past, worse))
    # Parts are rounded to six digits, so a bound that is reached both times may differ by that.
    assert after.risk >= before.risk - 1e-5
    assert ORDER.index(after.band) <= ORDER.index(before.band) or math.isclose(after.risk, before.risk, abs_tol=1e-5)


@given(THIS, EVIDENCE, PAST, COUNTS, RISKS)
def test_context_counts_for_more_where_the_content_itself_says_more(
    this: Remembered, evidence: Evidence, past: list[Remembered], counts: list[Sighting], risk: float
) -> None:
    low, high = sorted((this.risk, risk))
    sums = [
        math.fsum(p.contribution for p in weigh(this._replace(risk=r), evidence, past, counts, POLICY).parts)
        for r in (low, high)
    ]
    assert sums[0] <= sums[1] + 1e-5


@given(THIS, PAST, COUNTS)
def test_grief_alone_stays_at_its_content_risk_whatever_happens_around_it(
    this: Remembered, past: list[Remembered], counts: list[Sighting]
) -> None:
    grief = Evidence(-3.0, 0.1, (("grief", 0.8),), Band.NONE, ThreatLevel.NONE, 0.0)
    weighed = weigh(this._replace(risk=1 / (1 + math.exp(3))), grief, past, counts, POLICY)
    assert (weighed.parts, weighed.band) == ((), Band.NONE)
    assert math.isclose(weighed.risk, 1 / (1 + math.exp(3)))


@given(THIS, EVIDENCE, PAST)
def test_bounds_hold_for_a_past_of_any_size(this: Remembered, evidence: Evidence, past: list[Remembered]) -> None:
    flood = [
        row._replace(key=f"{row.key}/{n}", at=row.at - n, authors=(f"author {n}",)) for row in past for n in range(100)
    ]
    weighed = weigh(this, evidence, flood, [], POLICY)
    assert math.fsum(part.contribution for part in weighed.parts) <= POLICY.bounds.total + 1e-5
    assert len(weighed.parts) <= 12
