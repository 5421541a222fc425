"""Texts come in, what the tiers say of them goes out: each text read once, remembered, and passed to tier 2 within a budget."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

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
    """One normalised text as the tiers see it: lexicon hits, tier 1's first logit and its others, tier 2's where it was asked.

    Two are the same only if they are one: what is made of a remembered text is looked up by it.
    """

    text: str
    hits: tuple[Hit[Term], ...]
    linear: float
    linear_side: NDArray[np.float64]
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
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tier2") if threads > 1 else None

    def first(self, texts: Iterable[str]) -> dict[str, Reading]:
        """Every text as tier 1 reads it."""
        wanted = list(dict.fromkeys(texts))
        with self._lock:
            found = {text: self._known[text] for text in wanted if text in self._known}
            for text in found:
                self._known.move_to_end(text)
        new = [text for text in wanted if text not in found]
        made = dict(zip(new, self._read(new), strict=True))
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

    def side(self, reading: Reading) -> NDArray[np.float64]:
        """Log-odds of the outputs after the first."""
        if reading.transformer is None:
            return self._calibration.linear_heads.odds(reading.linear_side, None)
        return self._calibration.blend_heads.odds(reading.linear_side, np.asarray(reading.transformer[1:]))

    def without(self, texts: Sequence[str], *, transformer: bool) -> list[float]:
        """Log-odds of texts that exist only to explain another one; they are not remembered."""
        made = self._read(texts)
        if transformer:
            run = self._pool.map if self._pool is not None else map
            made = list(run(self._escalated, made))
        return [self.odds(reading) for reading in made]

    def _read(self, texts: Sequence[str]) -> list[Reading]:
        hits = [tuple(self.lexicon.find(text)) for text in texts]
        first, others = self.linear.logits([for_linear(text, of) for text, of in zip(texts, hits, strict=True)])
        # Copies: a row of the batch's table would keep all of it in memory for as long as its text is remembered.
        return [Reading(*each) for each in zip(texts, hits, first.tolist(), map(np.copy, others), strict=True)]

    def _escalated(self, reading: Reading) -> Reading:
        logits = self._transformer.logits(for_transformer(reading.text, reading.hits))
        return replace(reading, transformer=tuple(logits.tolist()))

    def _remember(self, readings: Iterable[Reading]) -> None:
        with self._lock:
            for reading in readings:
                self._known[reading.text] = reading
                self._known.move_to_end(reading.text)
            while len(self._known) > self._remembered:
                self._known.popitem(last=False)
