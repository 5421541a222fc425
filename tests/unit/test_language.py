"""Texts in other languages are told from English by words that are English alone, wherever they stand; dialects are not."""

import pytest

from services.runtime.text import normalise
from services.scorer.cascade.classifier import Cascade, Gate
from services.scorer.cascade.language import ENGLISH, EVERYDAY, PIECE, PLAIN, Language, language_of
from services.scorer.cascade.model_files import load_model_files
from services.scorer.lexicon import load_lexicon
from services.scorer.ports import Content
from services.scorer.training.written import read_written
from tests.builders import a_text

BREAD = "we went down to the market and bought some bread and cheese for our lunch today, then the bus came late. "
RUSSIAN = "мы придём вечером и тогда всё закончится. "


def said_in(text: str) -> Language:
    return language_of(normalise(text).text)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("te voy a matar mañana en la plaza hijo de puta, ya sé dónde vives", "es"),
        ("no me voy a callar, a ese perro lo voy a matar", "es"),
        ("a gente vai matar esse cara no sábado, me avisa quando ele sair do trabalho", "pt"),
        ("Am Montag war ich in der Stadt und was soll man an so einem Tag schon machen", "de"),
        ("was will man so an einem Abend in Berlin machen", "de"),
        ("ik was in de stad en we gaan hem vermoorden", "nl"),
        ("on va le tuer demain, on a les armes", "fr"),
        ("a me non importa, lo facciamo fuori in strada", "it"),
        ("jeg slår dig ihjel i morgen, jeg ved hvor du bor", "da"),
        ("i dag var det så fint väder att vi grillade", "sv"),
        ("jutro do was idziemy z nożami", "pl"),
        ("am fost la bunica și am mâncat sarmale", "ro"),
        ("papatayin kita bukas sa harap ng bahay mo", "tl"),
        ("kalau ketemu di jalan langsung kita tusuk aja", "id"),
        ("waan dili doonaa berri markaan arko", "so"),
        ("a ver si me haces un like en el video que subí", "es"),
    ],
)
def test_words_that_english_shares_make_no_text_english(text: str, tag: str) -> None:
    assert said_in(text) == Language(tag, supported=False)


def test_names_of_emoji_make_no_text_english() -> None:
    assert said_in("te voy a matar esta noche 😂😂😂😍") == Language("es", supported=False)


@pytest.mark.parametrize(
    "text",
    [
        "ansa mi nuh man, mi a starve",
        "ur dead tmrw n ur dog",
        "tara a bit bab x",
        "hahahahahaha!",
        "no visa, no ibiza",
        "he's a man on a mission, so am I",
        "gonnae no dae that, yer maw's greetin an the wean's pure heid-nippin",
        "ALL OF US ON ROAD TONIGHT NO LACKIN",
    ],
)
def test_dialect_laughter_and_shared_words_are_not_taken_for_another_language(text: str) -> None:
    assert said_in(text).supported


def test_no_text_that_was_written_is_taken_for_another_language() -> None:
    written = [row.text for row in read_written()][::20]

    assert len(written) > 4_000
    assert [text for text in written if not said_in(text).supported] == []


@pytest.mark.parametrize(
    "text",
    [BREAD * 30 + RUSSIAN * 100, RUSSIAN * 100 + BREAD * 30, BREAD * 30 + RUSSIAN * 100 + BREAD * 30],
    ids=["end", "beginning", "middle"],
)
def test_what_stands_before_or_after_hides_no_other_language(text: str) -> None:
    assert said_in(text) == Language("ru", supported=False)


def test_a_score_whose_text_ends_in_another_language_is_not_trusted() -> None:
    cascade = Cascade(load_model_files(), load_lexicon(), Gate(explain=False))

    (score,) = cascade.score([Content((a_text(BREAD * 20 + RUSSIAN * 100),))])

    assert (score.language, score.confidence <= 0.2) == ("ru", True)


def test_a_long_english_text_is_english() -> None:
    assert said_in(BREAD * 100) == ENGLISH


def test_a_few_foreign_words_make_no_text_foreign() -> None:
    assert said_in(BREAD + "c'est la vie, hasta la vista. " + BREAD) == ENGLISH
    assert len(BREAD) * 2 < 2 * PIECE


def test_words_that_languages_share_stay_everyday_words_of_explanations() -> None:
    assert {"a", "no", "me", "was", "will", "man"} <= EVERYDAY - PLAIN
