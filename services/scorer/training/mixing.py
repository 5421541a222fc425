"""All rows and what a first model says of them come in; the weighted and augmented training set goes out. Seeded."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.scorer.training.augment import buried_rows, disguised_rows
from services.scorer.training.corpus import Row

OWN = frozenset({"written", "lexicon", "roadman_slang_examples"})
# One Telegram source gives most positives; the others are worth more each.
POSITIVE_WEIGHT = {"threatgram101": 1.0}
OTHER_POSITIVE_WEIGHT = 2.0
NEGATIVES = {
    "threatgram101": 3_000, "implicit_hate": 3_500, "edos": 3_500, "hatemoji_build": 1_500, "davidson_tweets": 3_500,
    "hatexplain": 2_000, "stormfront_sentences": 1_200, "perspective_wiki_silver": 500,
}  # fmt: skip
OWN_WEIGHT = 1.25


def weighted(rows: Sequence[Row]) -> list[Row]:
    """Labelled training rows with the weight of their source."""
    kept = [row for row in rows if row.violence is not None and not row.dev]
    return [replace(row, weight=row.weight * _factor(row)) for row in kept]


def _factor(row: Row) -> float:
    if row.source in OWN or row.source == "contrast" or (row.violence or 0) < 0.5:
        return 1.0
    return POSITIVE_WEIGHT.get(row.source, OTHER_POSITIVE_WEIGHT)


def hard_half(rows: Sequence[Row], said: Mapping[str, float], count: int, dice: random.Random) -> list[Row]:
    """`count` rows: half of them those that look most like violence, the rest by chance."""
    ordered = sorted(rows, key=lambda row: (-said.get(row.id, 0.0), row.id))
    hard, rest = ordered[: count // 2], ordered[count // 2 :]
    return hard + dice.sample(rest, min(len(rest), count - len(hard)))


def mix(
    rows: Sequence[Row], contrast: Sequence[Row], said: Mapping[str, float], seed: int, others: int | None = None
) -> list[Row]:
    """The training set of tier 2: own rows, some of them disguised, positives, hard and random negatives, contrast, buried rows.

    With `others`, no more than so many that are not our own, and fewer of ours disguised: one such round has shown them already.
    """
    dice = random.Random(seed)
    usable = weighted(rows)
    own = [replace(row, weight=row.weight * OWN_WEIGHT) for row in usable if row.source in OWN]
    positive = [row for row in usable if row.source not in OWN and (row.violence or 0) > 0.5]
    made = [*own, *positive]
    for source in sorted({row.source for row in usable} - OWN):
        negative = [row for row in usable if row.source == source and (row.violence or 0) <= 0.5]
        count = NEGATIVES.get(source)
        made += negative if count is None else hard_half(negative, said, count, dice)
    made += contrast
    disguise = dice.sample(own, len(own) // (3 if others is None else 5)) + dice.sample(positive, len(positive) // 6)
    made += disguised_rows([*disguise, *dice.sample(list(contrast), len(contrast) // 10)], seed)
    harmless = [row for row in usable if (row.violence or 0) <= 0.5 and len(row.text) < 160]
    harmful = [row for row in usable if (row.violence or 0) > 0.5 and row.weight >= 1 and len(row.text) < 140]
    made += buried_rows(harmful, harmless, len(made) // 25, seed)
    dice.shuffle(made)
    if others is not None:
        rest = [row for row in made if row.source not in OWN]
        made = [row for row in made if row.source in OWN] + rest[:others]
        dice.shuffle(made)
    return made
