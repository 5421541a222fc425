"""A choice and its files come in, a classifier goes out: the one place that knows which there are."""

from pathlib import Path

from services.scorer.cascade.classifier import Cascade, Gate
from services.scorer.cascade.model_files import load_model_files
from services.scorer.lexicon import load_lexicon
from services.scorer.lexicon_classifier import LexiconClassifier
from services.scorer.ports import Classifier
from services.scorer.settings import ClassifierChoice


def classifier_of(choice: ClassifierChoice, model: Path, lexicon: Path, gate: Gate) -> Classifier:
    """The classifier of that choice. Raises Fatal naming a file that is not what it should be."""
    terms = load_lexicon(lexicon)
    if choice is ClassifierChoice.LEXICON:
        return LexiconClassifier(terms)
    return Cascade(load_model_files(model), terms, gate)
