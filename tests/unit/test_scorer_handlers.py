"""One batch in, exactly one ending per record."""

import structlog

from schemas.reasons import Reason
from schemas.scoring import ContentRanked, ContentScored
from schemas.topics import MAX_MESSAGE_BYTES, NORMALISED, RANKED, SCORED
from schemas.vocabulary import Band, Change
from services.runtime.codec import decode
from services.runtime.dead_letters import reason_of
from services.runtime.envelope import Incoming, Source
from services.scorer.handlers import Ending, Outcome, Scoring
from services.scorer.lexicon import load_lexicon
from services.scorer.lexicon_classifier import LexiconClassifier
from services.scorer.policy import load_policy
from services.scorer.ports import Content, Score
from tests.builders import a_score, normalised, record
from tests.fakes import ScriptedClassifier, StillClock


def scoring(classifier: ScriptedClassifier) -> Scoring:
    return Scoring(classifier, load_policy(), StillClock(), structlog.get_logger())


def ending_of(value: object, classifier: ScriptedClassifier | None = None) -> Ending:
    return scoring(classifier or ScriptedClassifier())([record(value, NORMALISED.name, 7)])[0]


def fragile(content: Content) -> Score:
    if "breaks" in content.texts[0].original:
        raise ZeroDivisionError
    return a_score(0.9)


def test_harmless_content_is_scored_and_goes_no_further() -> None:
    ending = ending_of(normalised(), ScriptedClassifier(lambda _: a_score(0.01)))
    assert [output.topic for output in ending.outputs] == [SCORED.name]
    assert ending.outcome is Outcome.SCORED


def test_content_above_the_context_floor_is_also_ranked() -> None:
    ending = ending_of(normalised(), ScriptedClassifier(lambda _: a_score(0.9)))
    assert [output.topic for output in ending.outputs] == [SCORED.name, RANKED.name]


def test_an_edit_is_ranked_even_when_it_became_harmless() -> None:
    ending = ending_of(normalised(change=Change.EDITED), ScriptedClassifier(lambda _: a_score(0.01)))
    assert decode(ContentRanked, ending.outputs[1].value).scored.band is Band.NONE


def test_a_deletion_is_ranked_without_asking_the_classifier() -> None:
    classifier = ScriptedClassifier()
    ending = ending_of(normalised(change=Change.DELETED), classifier)
    assert (ending.outcome, classifier.asked) == (Outcome.RANKED, [[]])


def test_the_score_that_leaves_holds_no_text_and_no_author() -> None:
    content = normalised("a very particular sentence", content_id="p-9")
    value = ending_of(content).outputs[0].value or b""
    assert b"particular" not in value
    assert (content.author_key or "").encode() not in value
    assert decode(ContentScored, value).content_key == content.content_key


def test_unreadable_content_is_dead_lettered_with_its_reason() -> None:
    ending = ending_of(b"{not json")
    dead = ending.outputs[0]
    letter = Incoming(Source(dead.topic, 0, 0), dead.key, dead.value, tuple(dead.headers))
    assert (ending.outcome, dead.topic, dead.value) == (Outcome.DEAD_LETTERED, NORMALISED.dlq, b"{not json")
    assert reason_of(letter) is Reason.NOT_JSON


def test_a_content_that_breaks_the_model_is_set_aside_and_its_neighbours_are_scored() -> None:
    batch = [record(normalised(text), NORMALISED.name, n) for n, text in enumerate(["fine", "breaks it", "fine too"])]
    endings = scoring(ScriptedClassifier(fragile))(batch)
    assert [e.outcome for e in endings] == [Outcome.RANKED, Outcome.DEAD_LETTERED, Outcome.RANKED]


def test_a_score_that_cannot_be_weighed_is_set_aside_and_its_neighbours_are_ranked() -> None:
    impossible = ScriptedClassifier(
        lambda content: a_score(0.9, confidence=2.0 if "odd" in content.texts[0].original else 1.0)
    )
    batch = [record(normalised(text), NORMALISED.name, n) for n, text in enumerate(["fine", "odd", "fine too"])]
    endings = scoring(impossible)(batch)
    assert [e.outcome for e in endings] == [Outcome.RANKED, Outcome.DEAD_LETTERED, Outcome.RANKED]


def test_a_text_of_nothing_but_coded_terms_gives_outputs_that_a_broker_takes() -> None:
    classifier = LexiconClassifier(load_lexicon())
    content = record(normalised("opps " * 8_000), NORMALISED.name, 7)
    ending = Scoring(classifier, load_policy(), StillClock(), structlog.get_logger())([content])[0]
    assert ending.outcome is Outcome.RANKED
    assert all(len(output.value or b"") < MAX_MESSAGE_BYTES for output in ending.outputs)


def test_every_output_names_the_record_it_was_made_from() -> None:
    ending = ending_of(normalised(), ScriptedClassifier(lambda _: a_score(0.9)))
    assert {dict(o.headers)["hub_source"] for o in ending.outputs} == {b"content.normalised.v1/0/7"}


def test_the_same_record_gives_the_same_bytes() -> None:
    first, second = (ending_of(normalised("same words")).outputs[0].value for _ in range(2))
    assert first == second


def test_scored_again_a_record_gives_what_it_would_have_given_at_once() -> None:
    traced = (("traceparent", b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"),)
    value = record(normalised("gonna get you"), NORMALISED.name, 7, headers=traced)
    calm = scoring(ScriptedClassifier(lambda _: a_score(0.9)))
    assert calm.again(value, ranked=True) == calm([value])[0]


def test_what_the_desk_was_never_told_of_stays_so_where_its_full_score_is_low_too() -> None:
    harmless = scoring(ScriptedClassifier(lambda _: a_score(0.01)))
    again = harmless.again(record(normalised(), NORMALISED.name, 7), ranked=False)
    assert again is not None
    assert again.outcome is Outcome.SCORED


def test_what_the_desk_was_told_of_is_told_again_where_its_full_score_is_low() -> None:
    harmless = scoring(ScriptedClassifier(lambda _: a_score(0.01)))
    again = harmless.again(record(normalised(), NORMALISED.name, 7), ranked=True)
    assert again is not None
    assert decode(ContentRanked, again.outputs[1].value).scored.band is Band.NONE


def test_what_is_degraded_still_is_not_sent_again() -> None:
    hurried = scoring(ScriptedClassifier(lambda _: a_score(0.9, degraded=True)))
    assert hurried.again(record(normalised(), NORMALISED.name, 7), ranked=True) is None
