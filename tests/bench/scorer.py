"""The same posts go through the scorer's tiers and through what a user would install instead; posts a second and AUPRC come out.

AUPRC is measured where the shared data lies beside the project (`HUB_DATA_DIR`, default `../shared/data`); speeds need none of it.
"""

import os
import re
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from services.scorer.cascade.calibration import load_calibration
from services.scorer.cascade.classifier import Cascade, Gate, linear_of
from services.scorer.cascade.hints import read
from services.scorer.cascade.model_files import CALIBRATION, ENCODER, VOCABULARY, load_model_files
from services.scorer.cascade.transformer import Transformer
from services.scorer.cascade.vocabulary import words_of
from services.scorer.evaluation.judging import contents
from services.scorer.lexicon import load_lexicon
from services.scorer.training import measures
from services.scorer.training.corpus import Row as Text
from services.scorer.training.corpus import load, written_rows
from services.scorer.training.written import read_written
from tests.bench.rows import Row, show

ROUNDS = 3
SPEED_POSTS, TIER2_POSTS = 2_000, 200
DATA = Path(os.environ.get("HUB_DATA_DIR", "../shared/data")) / "training"
KEYWORDS = re.compile(
    r"\b(?:kill|murder|stab|shoot|shot|gun|knife|shank|behead|strangle|hang|lynch|rape|burn|bomb|blood|dead|die|beat|attack)\w*\b"
)


def run() -> list[Row]:
    """Speeds in processor time of one core, best of several rounds; AUPRC on held-out rows of the shared data."""
    posts = [row.normalised for row in written_rows(read_written()) if 60 <= len(row.normalised) <= 240][:SPEED_POSTS]
    tenth = _a_tenth_above_the_gate(posts)
    scorers = _ours() | _peers()
    held_out = _held_out()
    rows = []
    for name, (score, count, aim, how) in scorers.items():
        some = tenth if name.startswith("cascade, 10 %") else posts[:count]
        rows.append(Row(f"{name}: speed", _speed(score, some), "posts/s", aim, how))
        if held_out:
            labels = np.array([(row.violence or 0) > 0.5 for row in held_out])
            value = measures.average_precision(labels, np.asarray(score([row.normalised for row in held_out]), float))
            rows.append(
                Row(f"{name}: AUPRC", value, "", None, f"{len(held_out):,} held-out rows, {labels.mean():.1%} violent")
            )
    return rows


def _a_tenth_above_the_gate(posts: Sequence[str]) -> list[str]:
    """Own posts are about violence far oftener than a stream is: of those that tier 2 would read, one stays for nine others."""
    files, lexicon = load_model_files(), load_lexicon()
    calibration = load_calibration(files.contents[CALIBRATION])
    logits = linear_of(files, calibration).violence([read(lexicon, post)[0] for post in posts])
    above = [post for post, logit in zip(posts, logits, strict=True) if logit >= calibration.gates["0.10"]]
    below = [post for post, logit in zip(posts, logits, strict=True) if logit < calibration.gates["0.10"]]
    return below + above[: len(below) // 9]


Score = Callable[[Sequence[str]], Sequence[float]]
Entry = tuple[Score, int, float | None, str]


def _speed(score: Score, posts: Sequence[str]) -> float:
    best = 0.0
    for number in range(ROUNDS):
        # What is remembered from one round must not answer the next.
        fresh = [f"{post} {number}" for post in posts]
        begun = time.process_time()
        score(fresh)
        best = max(best, len(fresh) / (time.process_time() - begun))
    return best


def _ours() -> dict[str, Entry]:
    files, lexicon = load_model_files(), load_lexicon()
    linear = linear_of(files, load_calibration(files.contents[CALIBRATION]))
    transformer = Transformer(files.contents[ENCODER], words_of(files.contents[VOCABULARY]))
    tenth = Cascade(files, lexicon, Gate(share="0.10", explain=False))
    everything = Cascade(files, lexicon, Gate(explain=False))

    def cascade(classifier: Cascade) -> Score:
        def score(texts: Sequence[str]) -> list[float]:
            parts = [contents(texts[at : at + 256]) for at in range(0, len(texts), 256)]
            return [one.p_violence for part in parts for one in classifier.score(part)]

        return score

    return {
        "tier 1": (
            lambda texts: linear.violence([read(lexicon, text)[0] for text in texts]).tolist(),
            SPEED_POSTS,
            12_000,
            "normalised text to logit, lexicon included",
        ),
        "tier 2": (
            lambda texts: [float(transformer.logits(read(lexicon, text)[1])[0]) for text in texts],
            TIER2_POSTS,
            400,
            "one text per run, one thread",
        ),
        "cascade, 10 % of a stream escalated": (cascade(tenth), SPEED_POSTS, 2_500, "normalising to full score"),
        "cascade, everything escalated": (cascade(everything), TIER2_POSTS, None, "as hub score does"),
    }


def _peers() -> dict[str, Entry]:
    """A keyword list, a word-list package, a ready-made classifier, and scikit-learn trained here on the same rows."""
    from better_profanity import profanity  # noqa: PLC0415  peers are loaded by nobody who measures something else
    from profanity_check import predict_prob  # noqa: PLC0415

    warnings.filterwarnings("ignore", module="sklearn")
    entries: dict[str, Entry] = {
        "keyword list": (lambda ts: [len(KEYWORDS.findall(t)) for t in ts], SPEED_POSTS, None, "twenty stems"),
        "better-profanity": (
            lambda texts: [float(profanity.contains_profanity(text)) for text in texts],
            TIER2_POSTS,
            None,
            "word list with disguises",
        ),
        "alt-profanity-check": (
            lambda texts: predict_prob(list(texts)).tolist(),
            SPEED_POSTS,
            None,
            "linear model with its own weights, made for profanity",
        ),
    }
    train = _train()
    if train:
        entries["scikit-learn, hashing and logistic regression"] = (
            _sklearn(train),
            SPEED_POSTS,
            None,
            f"trained here on {len(train):,} rows",
        )
    return entries


def _sklearn(train: Sequence[Text]) -> Score:
    from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415
    from sklearn.linear_model import SGDClassifier  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline, make_union  # noqa: PLC0415

    words = HashingVectorizer(ngram_range=(1, 2), n_features=2**20)
    letters = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=2**20)
    model = make_pipeline(make_union(words, letters), SGDClassifier(loss="log_loss", alpha=1e-6, random_state=1))
    model.fit([row.normalised for row in train], [(row.violence or 0) > 0.5 for row in train])
    return lambda texts: model.decision_function(list(texts)).tolist()


def _rows() -> list[Text]:
    return [row for row in load(DATA, load_lexicon()) if row.violence is not None] if DATA.is_dir() else []


def _held_out() -> list[Text]:
    """Every fifth held-out row of the shared data: enough to compare, soon done."""
    return [row for row in _rows() if row.dev and row.source not in ("written", "lexicon")][::5]


def _train() -> list[Text]:
    return [row for row in _rows() if not row.dev]


if __name__ == "__main__":
    show("Scorer and its peers", run())
