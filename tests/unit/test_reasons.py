"""What a reviewer is told of the parts of a risk, and in which words."""

import pytest

from schemas.vocabulary import Exemption, ViolenceType
from services.runtime.plain_words import PLAIN, strength
from services.scorer.content_risk import content_risk, with_parts
from services.scorer.policy import load_policy
from services.scorer.reasons import sentences
from tests.builders import a_score, normalised

POLICY = load_policy()


@pytest.mark.parametrize(
    ("contribution", "words"),
    [(2.0, "strongly raises"), (0.7, "raises"), (0.1, "slightly raises"), (-0.1, "slightly lowers"), (-2.0, "strongly lowers")],
)  # fmt: skip
def test_a_contribution_is_told_by_its_strength(contribution: float, words: str) -> None:
    assert strength(contribution) == words


def test_every_violence_type_and_every_exemption_has_plain_words() -> None:
    assert PLAIN.keys() == {*ViolenceType, *Exemption} - {Exemption.NONE}
    assert not any("_" in words for words in PLAIN.values())


@pytest.mark.parametrize(("p", "weight"), [(0.95, 0.0), (0.02, 0.0), (0.5, 1.0)])
def test_a_part_that_adds_nothing_is_listed_and_has_no_sentence(p: float, weight: float) -> None:
    """It was told as `reads as violence; this slightly lowers the risk`."""
    policy = POLICY.model_copy(update={"violence": POLICY.violence.model_copy(update={"weight": weight})})
    score = a_score(p)
    weighed = with_parts(content_risk(normalised("going to the shop"), score, policy), score, policy)

    assert ("p_violence", p, 0.0) in weighed.parts
    assert [sentence for sentence in sentences(weighed) if "reads as violence" in sentence] == []
