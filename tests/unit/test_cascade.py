"""The trained classifier, on the committed model: what a score depends on, what it explains, what stops the start."""

import json
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.content import NormalisedText
from schemas.scoring import Signal
from schemas.vocabulary import Exemption, Overtness, SignalKind, TextRole, Tier
from services.runtime.errors import Fatal
from services.scorer.cascade.calibration import load_calibration
from services.scorer.cascade.classifier import STRETCHES, Cascade, Gate
from services.scorer.cascade.language import _identifier
from services.scorer.cascade.linear import LONGEST
from services.scorer.cascade.model_files import (
    ENCODER,
    FILES,
    HEADS,
    LINEAR,
    MANIFEST,
    PACKAGED,
    VOCABULARY,
    load_model_files,
)
from services.scorer.cascade.padding import words_alone
from services.scorer.cascade.readings import Reading, Readings
from services.scorer.cascade.transformer import Transformer
from services.scorer.cascade.windows import MOST, STEP, WORDS, Unit, place
from services.scorer.cascade.windows import units as units_of
from services.scorer.evaluation.suite import read_suite
from services.scorer.lexicon import load_lexicon
from services.scorer.ports import SILENT, Content, Score
from services.scorer.training.written import read_written
from tests.builders import a_text, logit

THREAT = "I am going to stab you outside your house tonight"
CODED = "caught him lacking by the shops, he got ch1nged and left leaking 🩸"
HARMLESS = "lovely walk along the beach with nan this morning, fish and chips after"
TODAY = (
    "today was long and the bus was late again so i walked home past the library and saw the ducks on the canal then made some soup "
    "and watched the football with my cousin who stayed over because his boiler broke last week "
)
FILLER = "We went to the market and bought apples, bread and a little cheese for lunch. "


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade(load_model_files(), load_lexicon(), Gate())


def units(texts: Sequence[NormalisedText]) -> list[Unit]:
    return units_of(texts)[0]


def of(*originals: str) -> Content:
    return Content(tuple(a_text(original) for original in originals))


def one(cascade: Cascade, *originals: str) -> Score:
    return cascade.score([of(*originals)])[0]


def test_a_plain_threat_scores_above_a_harmless_text(cascade: Cascade) -> None:
    threat, harmless = cascade.score([of(THREAT), of(HARMLESS)])

    assert threat.p_violence > 0.8
    assert harmless.p_violence < 0.1


def test_a_harmless_text_is_said_to_hold_no_violence(cascade: Cascade) -> None:
    assert one(cascade, HARMLESS).overtness is Overtness.NONE


def test_two_different_texts_never_fall_on_one_score(cascade: Cascade) -> None:
    """Ranking needs an order everywhere, also among texts that are all very safe or all very violent."""
    texts = [f"{HARMLESS} number {n}" for n in range(20)] + [f"{THREAT} number {n}" for n in range(20)]

    scores = [score.p_violence for score in cascade.score([of(text) for text in texts])]

    assert len(set(scores)) == len(texts)


@pytest.mark.parametrize(
    ("text", "exempt"),
    [
        ("ten years without you little brother, rest easy, mum still keeps your room as it was", Exemption.GRIEF),
        ("Police are appealing for witnesses after a man, 34, was stabbed on Marlow Street last night", Exemption.NEWS),
        ("ref was a disgrace but what a header in the 90th minute, we murdered them 4 nil", Exemption.SPORT_OR_GAME),
    ],
)
def test_what_a_harmless_text_is_exempt_as_is_named_before_all_else(
    cascade: Cascade, text: str, exempt: Exemption
) -> None:
    found = {name: p for name, p in one(cascade, text).exemptions.items() if name is not Exemption.NONE}
    assert max(found, key=lambda name: found[name]) is exempt


def test_no_type_is_likelier_than_violence_itself(cascade: Cascade) -> None:
    for text in (
        THREAT,
        "meet at the chicken shop after school, bring your ball",
        "we slid on them and came back laughing",
    ):
        said = one(cascade, text)
        assert all(value <= said.p_violence for value in said.types.values())


def test_an_empty_content_scores_nothing(cascade: Cascade) -> None:
    score = cascade.score([Content(())])[0]

    assert (score.p_violence, score.signals) == (0.0, ())


@pytest.mark.parametrize("silent", ["  \n ", "\u200b\u2060\u200d", "\u00a0" * 50])
def test_a_text_without_a_visible_character_says_nothing_and_changes_nothing(cascade: Cascade, silent: str) -> None:
    assert one(cascade, silent).p_violence == 0.0
    assert one(cascade, THREAT, silent).p_violence == one(cascade, THREAT).p_violence


@pytest.mark.parametrize(
    "silent", ["1 " * 2_000, "@" * 4_000, "!?" * 40, "9.9.9.9.9", "\ufffd" * 50, "2 2 2 2", "...", "£ $ +"]
)
def test_numbers_and_punctuation_alone_say_nothing_and_change_nothing(cascade: Cascade, silent: str) -> None:
    """The model never saw so many of them, and took them for violence beyond doubt."""
    assert one(cascade, silent) == SILENT
    assert one(cascade, THREAT, silent).p_violence == one(cascade, THREAT).p_violence


def test_of_a_long_text_the_stretches_of_numbers_alone_are_not_scored(cascade: Cascade) -> None:
    """Nor are those read into which a harmless text does not reach."""
    text = a_text("1 " * 2_000 + HARMLESS + " 2" * 2_000)

    assert all("a" in unit.text for unit in units([text]))


FEW_EMOJI = "😀😁😂🤣😃😄😅😆😉😊"
PADDING = [
    FEW_EMOJI,
    "😀😁",
    "x😀",
    "🇬🇧🇫🇷",
    "\u200b",
    "\u0301\u0323",
    "\u337f",
    "\ufb03",
    "\ufdfa",
    ". ",
    "1 ",
    "@",
    " ",
    "\n-\n",
]


@pytest.mark.parametrize("sign", PADDING)
@pytest.mark.parametrize("often", [200, 1_200, 39_000])
def test_no_padding_makes_a_threat_harmless(cascade: Cascade, sign: str, often: int) -> None:
    """Words that it parted or stood around were a small part of what the tiers read of one window, or beyond what tier 2 reads."""
    much = sign * (often // len(sign))
    some = f" {much[: often // 10]} "
    padded = [f"{much} {THREAT}", f"{THREAT} {much}", some.join(THREAT.split())]

    assert [text for text in padded if one(cascade, text).p_violence < 0.4] == []


def test_emoji_between_the_words_of_a_threat_do_not_hide_it(cascade: Cascade) -> None:
    assert one(cascade, "😀".join(THREAT.split())).p_violence > 0.5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I 😀 will 😀 get 😀 you", "i will get you"),
        ("🎉" + FEW_EMOJI * 3 + "happy birthday", "happy birthday"),
        ("fire 🔥 at . the 😀 old - mill", "fire fire at the old mill"),
        ("no " * 200 + "more", "no no no more"),
        ("god bless you all " * 40 + "he is there", "god bless you all god bless you all god he is there"),
        ("株式会社" * 130 + " he is there", "he is there"),
    ],
)
def test_words_that_padding_parts_or_buries_are_read_alone_too(text: str, words: str) -> None:
    assert words_alone(a_text(text)) == words
    assert [unit.text for unit in units([a_text(text)])][-1] == words


@pytest.mark.parametrize(
    "text",
    [
        THREAT,
        CODED,
        "happy birthday 🎉🎂🥳",
        FILLER * 2,
        "first, second - and third",
        "🔪🔪🔪",
        "see you at 6, bring 2 of them",
        "ha ha ha",
    ],
)
def test_decoration_and_plain_text_are_read_as_they_stand(text: str) -> None:
    assert words_alone(a_text(text)) == ""


def test_no_coded_term_is_taken_for_a_text_that_says_nothing() -> None:
    lexicon = load_lexicon()
    lost = {form for term in lexicon.terms for form in (term.term, *term.forms) if not units([a_text(form)])}

    assert lost == set()


@pytest.mark.parametrize("said", ["187", "5-0!!", "14/88", "\u2692", "☠️", "🔪", "死", "к"])
def test_a_code_of_digits_a_sign_or_a_single_letter_is_read(said: str) -> None:
    assert len(units([a_text(said)])) == 1


def test_no_violent_text_that_was_written_says_nothing() -> None:
    written = [row.text for row in read_written() if row.violence]

    assert len(written) > 10_000
    assert [text for text in written if not units([a_text(text)])] == []


def test_spans_of_coded_terms_lie_in_the_original_text(cascade: Cascade) -> None:
    spans = {
        CODED[signal.start : signal.end]
        for signal in one(cascade, CODED).signals
        if signal.kind is SignalKind.CODED_TERM
    }

    assert {"ch1nged", "🩸"} <= spans


def test_a_violent_text_names_the_words_that_matter_most(cascade: Cascade) -> None:
    named = [
        THREAT[signal.start : signal.end]
        for signal in one(cascade, THREAT).signals
        if signal.kind is SignalKind.INFLUENTIAL_WORDS
    ]

    assert "stab" in named


def test_what_a_thorough_explanation_says_of_a_word_happens_when_it_is_gone() -> None:
    """Where coded terms explain a text, tier 1 alone weighs its words; to a person `milk` was named whose removal raised the score."""
    cascade = Cascade(load_model_files(), load_lexicon(), Gate(thorough=True))
    for text in (
        CODED,
        "we gonna burn your house down with your mum in it. nice weather today, then i went to buy milk",
    ):
        score = one(cascade, text)
        # An emoji leaves two spaces behind where it was, and tier 1 reads those.
        words = [
            signal
            for signal in score.signals
            if signal.kind is SignalKind.INFLUENTIAL_WORDS and text[signal.start : signal.end].isascii()
        ]
        falls = [
            logit(score.p_violence) - logit(one(cascade, text[: w.start] + text[w.end :]).p_violence) for w in words
        ]

        assert words
        assert falls == pytest.approx([word.weight for word in words], abs=0.001)


def test_the_same_text_is_explained_in_the_same_bytes_by_another_process_start() -> None:
    first, second = (Cascade(load_model_files(), load_lexicon(), Gate()) for _ in range(2))

    assert one(first, CODED) == one(second, CODED)


def test_a_remembered_text_scores_as_it_did_when_it_was_new(cascade: Cascade) -> None:
    assert one(cascade, THREAT) == one(cascade, THREAT)


def test_a_remembered_text_is_not_weighed_word_by_word_again(cascade: Cascade, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [of(f"{THREAT} on the {n}th") for n in range(20)]
    new = cascade.score(contents)
    read = []
    monkeypatch.setattr(Transformer, "logits", lambda _, text: read.append(text))

    assert (cascade.score(contents), read) == (new, [])


def test_a_remembered_text_keeps_nothing_of_the_batch_it_came_in(cascade: Cascade) -> None:
    texts = [f"a text of its own, number {number}" for number in range(8)]

    read = cascade._readings.first(texts)

    assert [text for text in texts if read[text].linear_side.base is not None] == []


def test_what_tier_two_said_of_a_text_elsewhere_changes_no_content_that_it_was_not_asked_for() -> None:
    """Of one content tier 2 reads the strongest stretches; the others it may have read for another one."""
    fresh, asked = (Cascade(load_model_files(), load_lexicon(), Gate()) for _ in range(2))
    cases = [case for function in read_suite() for case in function.cases[:4] if len(units([a_text(case)])) == 1]
    linear = {case: found.linear for case, found in zip(cases, readings_of(fresh, cases), strict=True)}
    odds = {case: score.p_violence for case, score in zip(cases, asked.score([of(c) for c in cases]), strict=True)}
    # Tier 2 says more of this one than tier 1 does, and less of those that stand before it for tier 1.
    quiet = max(cases, key=lambda case: sum(linear[o] > linear[case] and odds[o] < odds[case] for o in cases))
    louder = [case for case in cases if linear[case] > linear[quiet] and odds[case] < odds[quiet]][:STRETCHES]

    scores = [cascade.score([of(*louder, quiet)])[0] for cascade in (fresh, asked)]

    assert len(louder) == STRETCHES
    assert scores[0] == scores[1]


def readings_of(cascade: Cascade, originals: Sequence[str]) -> list[Reading]:
    texts = [a_text(original).normalised for original in originals]
    found = cascade._readings.first(texts)
    return [found[text] for text in texts]


def test_text_without_spaces_is_cut_into_windows_by_its_length() -> None:
    found = units([a_text("kill,you," * 4_400)])

    assert len(found) > 1
    assert max(len(unit.text) for unit in found) <= 72 * WORDS


def test_threads_of_tier_two_do_not_change_a_score(cascade: Cascade) -> None:
    threaded = Cascade(load_model_files(), load_lexicon(), Gate(threads=3))
    contents = [of(THREAT), of(CODED), of(HARMLESS)]

    assert threaded.score(contents) == cascade.score(contents)


def test_scoring_from_several_threads_at_once_gives_the_same_scores(cascade: Cascade) -> None:
    contents = [of(f"{THREAT} {n}") for n in range(8)]
    expected = cascade.score(contents)
    found: list[list[Score]] = []
    shared = Cascade(load_model_files(), load_lexicon(), Gate())
    threads = [threading.Thread(target=lambda: found.append(shared.score(contents))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [expected] * 3


def test_the_strongest_window_of_a_long_text_is_named_in_the_original(cascade: Cascade) -> None:
    text = FILLER * 20 + THREAT + ". " + FILLER * 20

    signals = [s for s in one(cascade, text).signals if s.kind is SignalKind.STRONGEST_WINDOW]

    assert len(signals) == 1
    assert THREAT in text[signals[0].start : signals[0].end]


def test_a_threat_buried_in_a_long_text_is_found(cascade: Cascade) -> None:
    assert one(cascade, FILLER * 20 + THREAT).p_violence > 10 * one(cascade, FILLER * 20).p_violence


def test_windows_cover_every_word_of_a_long_text() -> None:
    text = a_text(" ".join(f"word{n}" for n in range(5 * WORDS + 7)))

    covered = {n for unit in units([text]) for n in range(unit.start, unit.end)}

    assert covered.issuperset(n for n, letter in enumerate(text.normalised) if letter != " ")


@pytest.mark.parametrize("filler", ["kill,", "a" + " " * 99, "x", "🔪"])
def test_no_window_holds_more_than_tier_one_reads_and_none_is_left_out(filler: str) -> None:
    text = a_text(filler * (40_000 // len(filler)) + "the end")

    found = units([text])

    assert max(len(unit.text) for unit in found) <= LONGEST
    covered = {n for unit in found for n in range(unit.start, unit.end)}
    assert covered.issuperset(n for n, letter in enumerate(text.normalised) if not letter.isspace())


@pytest.mark.parametrize(("beyond", "whole"), [(0, True), (1, False)])
def test_a_text_is_complete_as_long_as_its_last_word_stands_in_a_window(beyond: int, whole: bool) -> None:
    text = a_text(" ".join(f"no{n}" for n in range(STEP * (MOST - 1) + WORDS + beyond)))

    found, complete = units_of([text])

    assert complete is whole
    assert (found[-1].end >= len(text.normalised.rstrip())) is whole


@pytest.mark.parametrize("filler", ["a b ", "ok ", "🧀🍞", "🐂🐜", "🔪"])
def test_no_event_holds_more_words_than_are_read(filler: str) -> None:
    """40,000 characters in 64 texts, as ingest cuts them."""
    room = 40_000 - len(THREAT) - 63
    texts = [a_text((filler * room)[:room] + THREAT), *(a_text("x") for _ in range(63))]

    found, complete = units_of(texts)
    read = [unit for unit in found if unit.number == 0 and not unit.alone]

    assert complete
    assert read[-1].end == len(texts[0].normalised)
    assert found[-1].number is None


@pytest.mark.parametrize(("beyond", "whole"), [(0, True), (1, False)])
def test_several_texts_are_complete_only_if_the_last_window_has_its_place_beside_all_together(
    beyond: int, whole: bool
) -> None:
    """A threat in that window was not scored, and the confidence did not say so."""
    long = a_text(" ".join(f"no{n}" for n in range(STEP * (MOST - 3) + WORDS + beyond)))

    found, complete = units_of([a_text("he knows"), long])

    assert (len(found), complete) == (MOST, whole)
    assert (found[-2].end == len(long.normalised)) is whole


def test_all_texts_together_are_scored_however_many_windows_stand_before() -> None:
    many = [a_text(" ".join(f"no{n}" for n in range(STEP * MOST + WORDS))), a_text("he knows")]

    found = units(many)

    assert (len(found), found[-1].number) == (MOST, None)


def test_several_texts_are_scored_apart_and_together() -> None:
    texts = [a_text("he knows"), a_text("what comes", TextRole.TRANSCRIPT), a_text("#soon", TextRole.HASHTAGS)]

    assert [unit.number for unit in units(texts)] == [0, 1, 2, None]


def test_the_part_that_decides_is_named_by_its_role(cascade: Cascade) -> None:
    content = Content((a_text(HARMLESS), a_text(THREAT, TextRole.TRANSCRIPT)))

    signals = [s for s in cascade.score([content])[0].signals if s.kind is SignalKind.STRONGEST_WINDOW]

    assert [signal.role for signal in signals] == [TextRole.TRANSCRIPT]


def windows_and_words(score: Score) -> tuple[list[Signal], list[Signal]]:
    kinds = (SignalKind.STRONGEST_WINDOW, SignalKind.INFLUENTIAL_WORDS)
    windows, words = ([s for s in score.signals if s.kind is kind] for kind in kinds)
    return windows, words


def test_where_the_words_among_padding_decide_their_stretch_and_words_of_it_are_named(cascade: Cascade) -> None:
    """A window of apples was named the strongest, with a weight far below the score."""
    text = " 🌸 ".join((TODAY + THREAT + " " + TODAY).split())

    score = one(cascade, text)
    windows, words = windows_and_words(score)

    assert [s.weight for s in windows] == [pytest.approx(logit(score.p_violence), abs=0.001)]
    assert "🌸 stab 🌸 you 🌸" in text[windows[0].start : windows[0].end]
    assert {text[s.start : s.end] for s in words} & set(THREAT.split())


def test_where_the_words_of_one_of_several_texts_decide_that_text_is_named_without_a_span(cascade: Cascade) -> None:
    """The beginning of 43,000 words has nothing to do with their end."""
    text = FILLER * 3_500 + THREAT

    score = one(cascade, "hello mum", text)
    windows, words = windows_and_words(score)

    assert score.p_violence > 0.5
    assert [(s.text, s.start, s.end) for s in windows] == [(1, None, None)]
    assert windows[0].weight == pytest.approx(logit(score.p_violence), abs=0.001)
    assert {(1, "stab")} <= {(s.text, text[s.start : s.end]) for s in words}


def test_where_repeats_hide_a_threat_beyond_all_windows_its_words_are_named(cascade: Cascade) -> None:
    text = FILLER * 3_500 + THREAT

    score = one(cascade, text)
    windows, words = windows_and_words(score)

    assert score.p_violence > 0.5
    assert windows == []
    assert "stab" in {text[s.start : s.end] for s in words}


def test_where_all_texts_together_decide_none_is_named_and_words_stand_where_they_are(cascade: Cascade) -> None:
    texts = ("i am going to shoot", "...", "him in the head tonight at the gym")

    score = one(cascade, *texts)
    windows, words = windows_and_words(score)

    assert [(s.text, s.start) for s in windows] == [(None, None)]
    assert windows[0].weight == pytest.approx(logit(score.p_violence), abs=0.001)
    assert {(0, "shoot"), (2, "head")} <= {(s.text, texts[s.text or 0][s.start : s.end]) for s in words}


def test_padding_that_cannot_be_followed_back_leaves_a_stretch_unplaced() -> None:
    unit = Unit("he is there", 0, 0, 11, alone="he is there")

    assert place(unit, [a_text("he . is . here")], 6, 11) is None
    assert place(unit, [a_text("he . is . there")], 6, 11) == (0, 10, 15)


def test_a_word_that_repeats_is_named_once_where_it_matters_most(cascade: Cascade) -> None:
    text = "tonight he dies, tonight at the gym, tonight we shoot him"

    named = [s.term for s in one(cascade, text).signals if s.kind is SignalKind.INFLUENTIAL_WORDS]

    assert len(named) > 1
    assert len(set(named)) == len(named)


def test_what_tier_one_alone_read_is_not_weighed_word_by_word_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what tier 2 had read for another content an object was made anew each time, by which nothing was found again."""
    cascade = Cascade(load_model_files(), load_lexicon(), Gate(share="0.05"))
    cases = [case for function in read_suite() for case in function.cases[:2]]
    read = zip(readings_of(cascade, cases), cases, strict=True)
    known, quiet = max(((r, case) for r, case in read if r.linear < cascade._lowest), key=lambda each: each[0].linear)
    cascade._readings.second([known])
    new = one(cascade, quiet)
    monkeypatch.setattr(Readings, "without", None)

    assert (one(cascade, quiet), new.tier) == (new, Tier.LINEAR)
    assert SignalKind.INFLUENTIAL_WORDS in {signal.kind for signal in new.signals}


def test_another_language_is_named_and_not_trusted(cascade: Cascade) -> None:
    score = one(cascade, "je vais te tuer demain matin devant ta maison, tu ne verras pas le soleil se lever encore")

    assert score.language == "fr"
    assert score.confidence <= 0.2
    assert SignalKind.UNSUPPORTED_LANGUAGE in {signal.kind for signal in score.signals}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("te voy a matar esta noche hijo de puta", "es"),
        ("je vais te tuer ce soir", "fr"),
        ("zabiję cię dzisiaj", "pl"),
        ("я убью тебя", "ru"),
    ],
)
def test_another_language_is_named_in_few_words(cascade: Cascade, text: str, language: str) -> None:
    score = one(cascade, text)

    assert (score.language, score.confidence <= 0.2) == (language, True)


def test_nothing_is_left_to_load_for_the_first_text_of_another_language() -> None:
    _identifier.cache_clear()

    Cascade(load_model_files(), load_lexicon(), Gate())

    assert _identifier.cache_info().currsize == 1


@pytest.mark.parametrize(
    "text",
    [
        "wagwan fam man's cheffed up bare opps on road still",
        "🔪🔪🩸⚰️",
        "kmt peak ting bruv",
        "¯\\_(ツ)_/¯ ಠ_ಠ",
        "bwoy dem kill mi wid laugh, goat run een di church an tek communion",
        "dem a thief goat? beat dem till dem cyaan walk den bun dem pon di roadside mek people see",
    ],
)
def test_slang_and_emoji_are_not_taken_for_another_language(cascade: Cascade, text: str) -> None:
    assert SignalKind.UNSUPPORTED_LANGUAGE not in {signal.kind for signal in one(cascade, text).signals}


def test_without_a_sign_of_groups_in_its_words_a_text_is_not_called_gang_related(cascade: Cascade) -> None:
    assert one(cascade, THREAT).gang_related.p <= 0.3


def test_a_full_batch_beyond_the_budget_is_degraded_and_says_so() -> None:
    tight = Cascade(load_model_files(), load_lexicon(), Gate(share="1.00", runs=1))

    scores = tight.score([of(THREAT), of(CODED)])

    assert sorted((score.tier, score.degraded) for score in scores) == [
        (Tier.LINEAR, True),
        (Tier.TRANSFORMER, False),
    ]


def test_alone_what_was_degraded_is_scored_as_if_there_had_been_no_load(cascade: Cascade) -> None:
    tight = Cascade(load_model_files(), load_lexicon(), Gate(share="1.00", runs=STRETCHES))
    contents = [of(*(f"{text} {n}" for text in (THREAT, CODED, FILLER))) for n in range(4)]
    assert any(score.degraded for score in tight.score(contents))
    assert [tight.score([content])[0] for content in contents] == cascade.score(contents)


def test_within_the_budget_nothing_is_degraded(cascade: Cascade) -> None:
    assert not any(score.degraded for score in cascade.score([of(THREAT), of(CODED), of(HARMLESS)]))


def test_a_share_that_no_gate_was_made_for_is_refused_instead_of_reading_everything() -> None:
    with pytest.raises(Fatal, match=r"a share of 0\.1: choose one of 1\.00, 0\.50, 0\.25, 0\.10, 0\.05"):
        Cascade(load_model_files(), load_lexicon(), Gate(share="0.1"))


def test_below_the_gate_tier_one_decides_alone() -> None:
    narrow = Cascade(load_model_files(), load_lexicon(), Gate(share="0.05"))

    assert one(narrow, HARMLESS).tier is Tier.LINEAR


@pytest.mark.parametrize("name", [*FILES])
def test_a_wrong_byte_in_a_model_file_refuses_to_start_and_names_the_file(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(PACKAGED, folder)
    raw = bytearray((folder / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / name).write_bytes(raw)

    with pytest.raises(Fatal, match=name):
        load_model_files(folder)


def test_a_manifest_that_was_changed_is_blamed_as_much_as_the_file(tmp_path: Path) -> None:
    """The shortened digests that were shown could be equal."""
    folder = tmp_path / "model"
    shutil.copytree(PACKAGED, folder)
    digest = json.loads((folder / MANIFEST).read_text())["files"][LINEAR]
    changed = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    (folder / MANIFEST).write_text((folder / MANIFEST).read_text().replace(digest, changed))

    with pytest.raises(Fatal, match=rf"or manifest\.json was changed: its SHA-256 is {digest}, there stands {changed}"):
        load_model_files(folder)


def without_last(raw: bytes) -> bytes:
    return raw[:-1]


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        (LINEAR, without_last, r"linear\.i16 holds \d+ bytes, not the \d+ that"),
        (HEADS, without_last, r"heads\.i8 holds \d+ bytes, not the \d+ that"),
        (VOCABULARY, lambda raw: raw.replace(b"[CLS]\n", b"cls\n"), r"vocabulary\.txt lacks \[CLS\]"),
        (VOCABULARY, lambda raw: raw + b"\xff\n", r"vocabulary\.txt: line \d+ is not UTF-8"),
        (VOCABULARY, lambda raw: raw + b"rare\n" * 9, r"encoder\.onnx and vocabulary\.txt do not fit together"),
        (ENCODER, without_last, r"encoder\.onnx cannot be loaded"),
    ],
)
def test_a_broken_file_whose_digest_is_in_the_manifest_refuses_to_start_and_is_named(
    name: str, change: Callable[[bytes], bytes], why: str
) -> None:
    """Some stopped with a traceback, a vocabulary longer than the encoder's in the middle of a run."""
    files = load_model_files()
    broken = replace(files, contents=files.contents | {name: change(files.contents[name])})

    with pytest.raises(Fatal, match=why):
        Cascade(broken, load_lexicon(), Gate())


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_a_missing_model_file_refuses_to_start_and_names_the_file(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(PACKAGED, folder)
    (folder / name).unlink()

    with pytest.raises(Fatal, match=str(folder / name)):
        load_model_files(folder)


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"null", b'{"version": 1}'])
def test_a_calibration_that_cannot_be_read_stops_the_start_by_its_name(raw: bytes) -> None:
    with pytest.raises(Fatal, match=r"model file calibration\.json: "):
        load_calibration(raw)
