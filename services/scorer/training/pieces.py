"""The base model's vocabulary and our texts come in; the part of it that they use goes out."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from services.scorer.cascade.vocabulary import END, PAD, START, UNKNOWN, readable, tokenizer

SPECIAL = (PAD, UNKNOWN, START, END)


def used_pieces(vocabulary: Path, texts: Sequence[str], least: int, common: int) -> tuple[list[str], list[int]]:
    """Pieces to keep and their numbers in the base vocabulary: special ones, single characters, the most `common` numbers
    of the base vocabulary (it is ordered by frequency), and whatever our texts use at least `least` times."""
    words = vocabulary.read_text().splitlines()
    numbers = {word: number for number, word in enumerate(words)}
    made = tokenizer(words)
    counts: Counter[int] = Counter()
    for encoding in made.encode_batch([readable(text) for text in texts]):
        counts.update(encoding.ids)
    first_word = numbers["the"]
    keep = {numbers[word] for word in SPECIAL}
    keep |= {number for word, number in numbers.items() if len(word.removeprefix("##")) == 1 and word.isascii()}
    keep |= set(range(first_word, first_word + common))
    keep |= {number for number, count in counts.items() if count >= least}
    order = [numbers[word] for word in SPECIAL] + sorted(keep - {numbers[word] for word in SPECIAL})
    return [words[number] for number in order], order
