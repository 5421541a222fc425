"""Contents and scores come in; microseconds an item of the content risk go out, above and below the context floor."""

import time
from collections.abc import Sequence

from schemas.content import ContentNormalised
from schemas.scoring import GangRelated
from schemas.vocabulary import Exemption, ViolenceType
from services.scorer.content_risk import content_risk
from services.scorer.policy import load_policy
from services.scorer.ports import Score
from services.scorer.reasons import sentences
from tests.bench.rows import Row, show
from tests.builders import a_score, normalised
from tests.scenarios.stories import stories

ROUNDS = 10
# All that is searched for stands in these: a time, a place, a weapon, a person, what will be done.
FULL = (
    "tee if you walk past the barbers on linton road tomorrow at 4pm i'm gonna stab you up in front of your mum, got the blade ready",
    "meet by the garages tonight, mask up, he walks back from boxing on his own",
    "the 43 was late again so we walked home along the river, see you at the match",
)


def a_full_score(p: float) -> Score:
    """A score that says something of every type and exemption, as a trained model does."""
    return a_score(
        p,
        types=dict.fromkeys(ViolenceType, p * 0.6),
        exemptions=dict.fromkeys(Exemption, (1 - p) * 0.3),
        gang_related=GangRelated(p=p / 2),
    )


def microseconds(contents: Sequence[ContentNormalised], score: Score, *, with_reasons: bool) -> float:
    """Processor time, the best of several rounds, so that other work on the machine counts least."""
    policy = load_policy()
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for content in contents:
            weighed = content_risk(content, score, policy)
            if with_reasons:
                sentences(weighed)
        best = min(best, time.process_time() - begun)
    return best / len(contents) * 1e6


def run() -> list[Row]:
    """Above and below the floor, with the sentences that a ranked item also needs."""
    texts = sorted({line.text for story in stories() for line in story.lines if line.text})
    # Every other one says where it was said.
    places = (None, "Hackney, London")
    contents = [normalised(text, content_id=str(n), place=places[n % 2]) for n, text in enumerate(texts)]
    full = [normalised(FULL[n % len(FULL)], content_id=str(n)) for n in range(len(texts))]
    how = f"best of {ROUNDS} rounds of the {len(texts):,} texts of the written stories"
    three = f"the same of {len(FULL)} texts, two of them with a time, a place and a plan"
    above, below = a_full_score(0.8), a_full_score(0.002)
    return [
        Row("above the context floor", microseconds(contents, above, with_reasons=False), "us", 40, how),
        Row("... and its sentences", microseconds(contents, above, with_reasons=True), "us", None, how),
        Row("... of texts that are full of cues", microseconds(full, above, with_reasons=False), "us", None, three),
        Row("below the context floor", microseconds(contents, below, with_reasons=False), "us", 5, how),
    ]


if __name__ == "__main__":
    show("Content risk, one core", run())
