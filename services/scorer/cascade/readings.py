"""Texts come in, what the tiers say of them goes out: each text read once, remembered, and passed to tier 2 within a budget."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.scorer.cascade.calibration import Calibration
from services.scorer.cascade.hints import for_linear, for_transformer
from services.scorer.cascade.linear import Linear
from services.scorer.cascade.transformer import Transformer
from services.scorer.lexicon import Lexicon, Term
from services.scorer.phrases import Hit


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One normalised text as the tiers see it: lexicon hits, tier 1's logit, tier 2's logits where it was asked.

    Two are the same only if they are one: what is made of a remembered text is looked up by it.
    """

    text: str
    hits: tuple[Hit[Term], ...]
    linear: float
    transformer: tuple[float, ...] | None = None


class Readings:
    """Reads texts. Remembers them by their normalised form, so reposts and copypasta cost nothing; bounded."""

    def __init__(
        self,
        lexicon: Lexicon,
        linear: Linear,
        transformer: Transformer,
        calibration: Calibration,
        remembered: int,
        threads: int,
    ) -> None:
        self.lexicon = lexicon
        self.linear = linear
        self._transformer = transformer
        self._calibration = calibration
        self._remembered = remembered
        self._known: OrderedDict[str, Reading] = OrderedDict()
        self._lock = threading.Lock()
        self.side = lru_cache(remembered)(self._side)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tier2") if threads > 1 else None

    def first(self, texts: Iterable[str]) -> dict[str, Reading]:
        """Every text as tier 1 reads it."""
        wanted = list(dict.fromkeys(texts))
        with self._lock:
            found = {text: self._known[text] for text in wanted if text in self._known}
            for text in found:
                self._known.move_to_end(text)
        new = [text for text in wanted if text not in found]
        hits = [tuple(self.lexicon.find(text)) for text in new]
        logits = self.linear.violence([for_linear(text, of) for text, of in zip(new, hits, strict=True)])
        made = {t: Reading(t, of, float(z)) for t, of, z in zip(new, hits, logits, strict=True)}
        self._remember(made.values())
        return found | made

    def second(self, readings: Sequence[Reading]) -> list[Reading]:
        """The same, each read by tier 2 as well, one text a run."""
        run = self._pool.map if self._pool is not None else map
        done = list(run(self._escalated, readings))
        self._remember(done)
        return done

    def linear_odds(self, reading: Reading) -> float:
        """Calibrated log-odds from tier 1 alone."""
        return self._calibration.linear_odds(reading.linear)

    def odds(self, reading: Reading) -> float:
        """Calibrated log-odds from all that was read."""
        if reading.transformer is None:
            return self.linear_odds(reading)
        return self._calibration.blended_odds(reading.linear, reading.transformer[0])

    def _side(self, reading: Reading) -> NDArray[np.float64]:
        """Log-odds of the outputs after the first."""
        first = self.linear.side(for_linear(reading.text, reading.hits))
        if reading.transformer is None:
            return self._calibration.linear_heads.odds(first, None)
        return self._calibration.blend_heads.odds(first, np.asarray(reading.transformer[1:]))

    def without(self, texts: Sequence[str], *, transformer: bool) -> list[float]:
        """Log-odds of texts that exist only to explain another one; they are not remembered."""
        hits = [tuple(self.lexicon.find(text)) for text in texts]
        logits = self.linear.violence([for_linear(text, of) for text, of in zip(texts, hits, strict=True)])
        made = [Reading(t, of, float(z)) for t, of, z in zip(texts, hits, logits, strict=True)]
        if transformer:
            run = self._pool.map if self._pool is not None else map
            made = list(run(self._escalated, made))
        return [self.odds(reading) for reading in made]

    def _escalated(self, reading: Reading) -> Reading:
        if reading.transformer is not None:
            return reading
        logits = self._transformer.logits(for_transformer(reading.text, reading.hits))
        return replace(reading, transformer=tuple(logits.tolist()))

    def _remember(self, readings: Iterable[Reading]) -> None:
        with self._lock:
            for reading in readings:
                self._known[reading.text] = reading
                self._known.move_to_end(reading.text)
            while len(self._known) > self._remembered:
                self._known.popitem(last=False)
