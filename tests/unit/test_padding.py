"""A stretch whose words padding parts is read without it, however much plain text stands around; lists keep their score."""

import pytest

from services.scorer.cascade.classifier import Cascade, Gate
from services.scorer.cascade.model_files import load_model_files
from services.scorer.cascade.padding import words_alone
from services.scorer.lexicon import load_lexicon
from services.scorer.ports import Content
from tests.builders import a_text

THREAT = "i am going to shoot him in the head"
MORNING = "morning all, lovely weather for the school fair today"
LONG = (
    "today was long and the bus was late again so i walked home past the library and saw the ducks on the canal then made some soup and"
    " watched the football with my cousin who stayed over because his boiler broke last week tomorrow we are painting the kitchen yellow"
)


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade(load_model_files(), load_lexicon(), Gate(explain=False))


def p_of(cascade: Cascade, text: str) -> float:
    return cascade.score([Content((a_text(text),))])[0].p_violence


def padded(text: str, sign: str) -> str:
    return " ".join(f"{sign} {word}" for word in text.split())


@pytest.mark.parametrize("sign", ["👏", "💅", "🌸", "...", "4482"])
@pytest.mark.parametrize("before", [MORNING, LONG])
@pytest.mark.parametrize("after", ["", "see you all at the fair"])
def test_plain_text_around_lets_no_padding_hide_a_threat(cascade: Cascade, before: str, after: str, sign: str) -> None:
    hidden = p_of(cascade, f"{before} {padded(THREAT, sign)} {after}")

    assert hidden > p_of(cascade, f"{before} {THREAT} {after}") - 0.1


def test_only_the_stretch_that_is_parted_loses_its_padding() -> None:
    text = (
        f"⚽ match day! 2 of us {LONG} {padded(THREAT, '👏')} 👏 and then home, all of us, to a quiet tea 🫖 with nan"
    )

    assert (
        words_alone(a_text(text))
        == f"soccer_ball match day! 2 of us {LONG} {THREAT} and then home, all of us, to a quiet tea teapot with nan"
    )


def test_half_of_the_gaps_of_a_stretch_part_it() -> None:
    every_other = "i am 👏 going to 👏 shoot him 👏 in the 👏 head"

    assert words_alone(a_text(f"{LONG} {every_other}")) == f"{LONG} {THREAT}"


@pytest.mark.parametrize(
    "text",
    [
        "see you at 6, bring 2 of them, and tell the other 3 that we start at 7 whatever the weather",
        "what a day 🎉 the whole family came over 🎂 and nan danced till ten 🥳 with the neighbours",
        "setlist: 1 murder on the dancefloor 2 killing me softly 3 i shot the sheriff 4 bang bang 5 psycho killer. best night out in years",
    ],
)
def test_a_sign_here_and_there_parts_no_words(text: str) -> None:
    assert words_alone(a_text(text)) == ""


@pytest.mark.parametrize(
    "text",
    [
        "sunday roast: 🥕 carrots 🥔 potatoes 🍗 chicken 🧄 garlic 🔪 chop it all up small and shove it in for 2 hours at 180",
        "gym: squat 5 x 5 100 kg bench 3 x 8 80 kg deadlift 1 x 5 140 kg then i died on the floor and my legs are killing me",
        "so proud of the under tens!! ⚽ jayden 2 goals ⚽ amir 1 goal ⚽ leo 3 goals ⚽ shot after shot, their keeper got killed",
        "halloween 🎃 ideas 🎃 zombie 🎃 killer clown 🎃 stab wound makeup 🎃 fake blood 🎃 party at seven bring sweets for the kids",
    ],
)
def test_harmless_lists_stay_harmless_without_their_signs(cascade: Cascade, text: str) -> None:
    assert words_alone(a_text(text)) != ""
    assert p_of(cascade, text) < 0.1
