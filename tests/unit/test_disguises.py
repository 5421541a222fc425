"""Disguises that judge the scorer change a text, the same way every time, and leave short words alone."""

import pytest

from services.runtime.text import normalise
from services.scorer.evaluation.disguises import DISGUISES, disguised

TEXT = "please meet outside the little hall tomorrow"


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_changes_some_word_and_is_the_same_every_time(name: str) -> None:
    hidden = disguised(TEXT, name, 1)

    assert hidden != TEXT
    assert hidden == disguised(TEXT, name, 1)
    assert " the " in hidden


@pytest.mark.parametrize("name", DISGUISES)
def test_a_text_of_short_words_stays_as_it_is(name: str) -> None:
    assert disguised("he is on it", name, 1) == "he is on it"


@pytest.mark.parametrize(
    "name", ["look-alike letters", "full-width letters", "invisible characters", "struck through", "capital I for l"]
)
def test_what_only_looks_the_same_is_read_as_it_looks(name: str) -> None:
    """Disguises that a reader does not see, or reads through, are undone before any tier reads the text."""
    assert normalise(disguised(TEXT, name, 1)).text == TEXT
