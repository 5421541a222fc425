"""What holds for every text: a score knows no neighbours, tier 1 is exact, a calibrated curve rises everywhere."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scorer.cascade.calibration import Curve, load_calibration
from services.scorer.cascade.classifier import Cascade, Gate, linear_of
from services.scorer.cascade.linear import Linear
from services.scorer.cascade.model_files import CALIBRATION, load_model_files
from services.scorer.cascade.ngrams import BUCKETS, grams
from services.scorer.lexicon import load_lexicon
from services.scorer.ports import Content
from tests.builders import a_text

WORDS = st.sampled_from("kill stab you opp ching cake bus tonight the 🔪 é не man fam 10 shank".split())  # noqa: SIM905
TEXTS = st.lists(WORDS, min_size=1, max_size=70).map(" ".join)


@cache
def cascade() -> Cascade:
    # Nothing is remembered from one example to the next: what is compared is made anew.
    return Cascade(load_model_files(), load_lexicon(), Gate(remembered=1))


@cache
def tier_one() -> Linear:
    files = load_model_files()
    return linear_of(files, load_calibration(files.contents[CALIBRATION]))


@settings(max_examples=15, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=4))
def test_a_score_alone_equals_the_score_in_a_batch(texts: list[str]) -> None:
    contents = [Content((a_text(text),)) for text in texts]

    together = cascade().score(contents)
    alone = [cascade().score([content])[0] for content in contents]

    assert [s.p_violence for s in together] == pytest.approx([s.p_violence for s in alone], abs=1e-6)
    assert together == alone


@given(st.lists(st.text(max_size=80), min_size=1, max_size=6))
def test_tier_one_is_bit_equal_alone_and_in_a_batch(texts: list[str]) -> None:

    together = tier_one().violence(texts)

    assert np.array_equal(together, np.concatenate([tier_one().violence([text]) for text in texts]))


@given(st.text(max_size=200))
def test_every_text_has_n_grams_and_none_is_outside_the_table(text: str) -> None:
    found = grams([text])

    assert len(found.counts) == 2 and found.counts.sum() == len(found.buckets)
    assert ((found.buckets >= 0) & (found.buckets < BUCKETS)).all()


@given(st.floats(-40, 40), st.floats(1e-6, 10))
def test_a_calibrated_curve_rises_everywhere(at: float, step: float) -> None:
    curve = Curve(x=(-3.0, 0.0, 2.0), y=(-4.0, -0.5, 1.0), ends=0.7)

    assert curve(at + step) > curve(at)
