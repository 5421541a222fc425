"""Normalised text comes in, token numbers for the transformer go out."""

from collections.abc import Sequence

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from services.runtime.errors import Fatal
from services.scorer.cascade.model_files import VOCABULARY

PAD, UNKNOWN, START, END = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
# Longer texts are scored in windows; the model was never shown more.
MAX_TOKENS = 96


def words_of(raw: bytes) -> list[str]:
    """The vocabulary in its order. Raises Fatal for one that cannot be read or lacks what stands around and in place of words."""
    try:
        words = raw.decode().splitlines()
    except UnicodeDecodeError as why:
        line = raw.count(b"\n", 0, why.start) + 1
        raise Fatal(f"model file {VOCABULARY}: line {line} is not UTF-8") from why
    missing = [word for word in (UNKNOWN, START, END) if word not in words]
    if missing:
        raise Fatal(f"model file {VOCABULARY} lacks {', '.join(missing)}")
    return words


def tokenizer(words: Sequence[str]) -> Tokenizer:
    """A word-piece tokenizer over that vocabulary, in its order; cut at MAX_TOKENS."""
    numbers = {word: number for number, word in enumerate(words)}
    made = Tokenizer(WordPiece(numbers, unk_token=UNKNOWN, max_input_chars_per_word=40))
    made.normalizer = BertNormalizer(lowercase=True)
    made.pre_tokenizer = BertPreTokenizer()
    made.post_processor = TemplateProcessing(
        single=f"{START} $A {END}", special_tokens=[(START, numbers[START]), (END, numbers[END])]
    )
    made.enable_truncation(MAX_TOKENS)
    return made


def readable(normalised: str) -> str:
    """Emoji stand in normalised texts as names like kitchen_knife; the transformer reads them as words."""
    return normalised.replace("_", " ")
