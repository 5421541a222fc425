"""`hub score`: lines in, lines out; what cannot be read is named by number and stops nothing."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import orjson
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from schemas.content import NormalisedText
from schemas.scoring import Signal
from schemas.vocabulary import SignalKind, TextRole
from services.cli import app
from services.runtime.errors import Fatal
from services.scorer.lexicon import MOST_SIGNALS, load_lexicon
from services.scorer.lexicon_classifier import LexiconClassifier
from services.scorer.lines import BATCH_BYTES, LONGEST_LINE, Asked, Unreadable, lines_of, read_line, score_lines
from services.scorer.ports import Content, Score
from services.scorer.showing import shown
from tests.builders import a_text


def scored(*lines: bytes) -> list[bytes | Unreadable]:
    return list(score_lines(lines, LexiconClassifier(load_lexicon()), batch=2))


def score(stdin: str) -> Result:
    return CliRunner().invoke(app, ["score", "--classifier", "lexicon"], input=stdin, catch_exceptions=False)


def test_lines_of_which_none_can_be_read_are_a_failure_that_says_what_a_line_is() -> None:
    """A file of another shape looked like one that was scored: its exit code was 0."""
    with pytest.raises(Fatal, match=r'no line could be read: each is an object like \{"id": 1'):
        score("bad\nbad2\n")


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        ('bad\n{"id": 1, "text": "a"}\n', "1 scored, 1 line could not be read"),
        ('bad\n{"id": 1, "text": "a"}\n[]\n', "1 scored, 2 lines could not be read"),
        ("", "0 scored, 0 lines could not be read"),
    ],
)
def test_a_bad_line_among_good_ones_and_no_line_at_all_are_no_failure(stdin: str, said: str) -> None:
    done = score(stdin)

    assert (done.exit_code, done.stderr.splitlines()[-1]) == (0, said)


def test_results_stand_in_the_order_of_the_lines_with_ids_as_given() -> None:
    results = scored(b'{"id": 7, "text": "a"}', b'{"id": "x", "text": "b"}', b'{"id": null, "text": "c"}')

    assert [orjson.loads(line)["id"] for line in results if isinstance(line, bytes)] == [7, "x", None]


def test_a_bad_line_is_named_by_its_number_and_the_rest_is_scored() -> None:
    results = scored(b'{"id": 1, "text": "a"}', b"not json", b'{"id": 3, "text": "c"}')

    assert [r.line if isinstance(r, Unreadable) else None for r in results] == [None, 2, None]


def test_blank_lines_are_passed_over_but_counted() -> None:
    results = scored(b"\n", b"[]\n")

    assert [r.line for r in results if isinstance(r, Unreadable)] == [2]


def test_a_byte_order_mark_before_the_first_line_is_no_fault() -> None:
    first, second = scored(b'\xef\xbb\xbf{"id": 1, "text": "a"}\n', b'\xef\xbb\xbf{"id": 2, "text": "b"}\n')

    assert isinstance(first, bytes)
    assert isinstance(second, Unreadable)


@pytest.mark.parametrize("number", [2**53, 2**64 - 1, -(2**63), 0.1])
def test_a_number_that_is_kept_exactly_may_be_an_id(number: float) -> None:
    result = scored(orjson.dumps({"id": number, "text": "a"}))[0]

    assert isinstance(result, bytes)
    assert orjson.loads(result)["id"] == number


def test_a_text_that_is_no_string_is_refused() -> None:
    assert isinstance(read_line(1, b'{"id": 1, "text": 5}'), Unreadable)


def test_an_unknown_role_is_refused() -> None:
    assert isinstance(read_line(1, b'{"id": 1, "texts": [{"role": "smell", "text": "a"}]}'), Unreadable)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"id": ' + b"[" * 300 + b"]" * 300 + b', "text": "a"}', "`id` is not a string, a number or null"),
        (b'{"id": [18446744073709551616], "text": "a"}', "`id` is not a string, a number or null"),
        (b'{"id": true, "text": "a"}', "`id` is not a string, a number or null"),
        (b'{"text": "a", "texts": [{"text": "b"}]}', "`text` and `texts`: only one of them can be scored"),
        (b'{"id": 1, "texts": []}', "`texts` is empty"),
        (b'{"text": "a", "texts": null}', "`texts` is not a list of `{role, text}`, each `text` a string"),
        (b'{"texts": [{"text": 7}]}', "`texts` is not a list of `{role, text}`, each `text` a string"),
        (b'{"id": 1}', "no `text`"),
        (
            b'{"id": 123456789012345678901234, "text": "a"}',
            "`id` is a number that is not kept exactly: write it as a string",
        ),
    ],
)
def test_a_line_that_cannot_be_scored_says_what_is_wrong_with_it(line: bytes, why: str) -> None:
    assert scored(line, b'{"id": 2, "text": "b"}')[0] == Unreadable(1, why)


def test_a_result_without_an_id_says_which_line_it_belongs_to() -> None:
    results = scored(b"bad", b'{"text": "a"}', b'{"id": null, "text": "b"}', b'{"id": 7, "text": "c"}')

    assert [orjson.loads(r).get("line") for r in results if isinstance(r, bytes)] == [2, 3, None]


def test_a_text_of_null_beside_texts_is_none() -> None:
    assert isinstance(read_line(1, b'{"text": null, "texts": [{"text": "b"}]}'), Asked)


class Counting(LexiconClassifier):
    """Remembers how many contents it was given at a time."""

    def __init__(self) -> None:
        super().__init__(load_lexicon())
        self.given: list[int] = []

    def score(self, contents: Sequence[Content]) -> list[Score]:
        self.given.append(len(contents))
        return super().score(contents)


def test_a_batch_ends_with_many_bytes_as_with_many_lines() -> None:
    """Of the longest lines, sixty-four and what is made of them did not fit into memory."""
    classifier = Counting()
    long = b'{"text": "a"' + b" " * (BATCH_BYTES // 2) + b"}\n"

    assert len(list(score_lines([long] * 5, classifier, batch=64))) == 5
    assert classifier.given == [2, 2, 1]


def test_what_is_there_is_scored_while_more_is_still_to_come() -> None:
    """Nothing came out before sixty-four lines or the end."""
    read, write = os.pipe()
    with open(read, "rb") as stream, open(write, "wb", buffering=0) as sender:  # noqa: PTH123
        results = score_lines(lines_of(stream), LexiconClassifier(load_lexicon()), batch=64)
        sender.write(b'\xef\xbb\xbf{"id": 1, "text": "a"}\n{"id": 2, "te')
        first = next(results)
        sender.write(b'xt": "b"}\nbad\n')
        second, third = next(results), next(results)
        sender.close()

        assert [orjson.loads(r)["id"] for r in (first, second) if isinstance(r, bytes)] == [1, 2]
        assert third == Unreadable(3, third.why if isinstance(third, Unreadable) else "")
        assert list(results) == []


def test_an_interrupted_command_has_written_what_it_scored_and_says_how_many() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "from services.cli import main; main()", "score", "--classifier", "lexicon"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    ) as scoring:
        assert scoring.stdin and scoring.stdout and scoring.stderr
        scoring.stdin.write(b'{"id": 1, "text": "a"}\nbad\n')
        first = scoring.stdout.readline()
        while b"line 2" not in scoring.stderr.readline():
            pass
        scoring.send_signal(signal.SIGINT)
        said = scoring.stderr.read().decode()

    assert orjson.loads(first)["id"] == 1
    assert "1 scored, 1 line could not be read\n" in said
    assert "Traceback" not in said
    assert scoring.returncode == 128 + signal.SIGINT


@pytest.mark.parametrize("share", ["0.3", "1", ""])
def test_a_share_that_there_is_not_is_a_wrong_use_whatever_scores(share: str) -> None:
    done = CliRunner().invoke(app, ["score", "--classifier", "lexicon", "--share", share], input="")

    assert done.exit_code == 2
    assert "'0.25'" in done.stderr


def test_of_a_line_that_is_too_long_no_more_is_held_than_shows_it() -> None:
    endless = b'{"text": "' + b"a" * 3 * LONGEST_LINE
    found = list(lines_of(io.BytesIO(endless + b'"}\n{"text": "b"}\n' + endless)))

    assert [len(line) for line in found] == [LONGEST_LINE + 1, 14, LONGEST_LINE + 1]
    assert isinstance(read_line(1, found[0]), Unreadable)


def test_several_texts_keep_their_roles() -> None:
    asked = read_line(1, b'{"id": 1, "texts": [{"role": "caption", "text": "a"}, {"text": "b"}]}')

    assert isinstance(asked, Asked)
    assert [text.role for text in asked.content.texts] == [TextRole.CAPTION, TextRole.BODY]


def test_a_signal_names_its_text_by_its_place_in_the_line_also_after_an_empty_one() -> None:
    result = scored(b'{"texts": [{"role": "title", "text": ""}, {"text": "seen two opps"}]}')[0]

    assert isinstance(result, bytes)
    assert {signal["text"] for signal in orjson.loads(result)["signals"]} == {1}


def test_a_coded_term_is_named_however_often_another_one_repeats_before_it() -> None:
    result = scored(b'{"text": "' + b"opps " * 100 + b'with a shank"}')[0]

    assert isinstance(result, bytes)
    signals = orjson.loads(result)["signals"]
    assert len(signals) == MOST_SIGNALS
    assert [signal["term"] for signal in signals[-2:]] == ["opp", "shank"]


def test_a_result_holds_everything_that_a_reader_may_ask_for() -> None:
    result = scored(b'{"id": 1, "text": "seen two opps with a shank"}')[0]

    assert isinstance(result, bytes)
    assert {
        "id", "score", "types", "exemptions", "overtness", "gang_related", "signals", "tier", "language", "confidence", "degraded",
    } <= orjson.loads(result).keys()  # fmt: skip


def test_an_explanation_is_readable_without_colour_at_eighty_columns() -> None:
    text = a_text("seen two opps with a shank")
    score = LexiconClassifier(load_lexicon()).score([Content((text,))])[0]
    console = Console(width=80, color_system=None)
    with console.capture() as captured:
        console.print(shown((text,), score))

    assert "[opps]" in captured.get()
    assert max(map(len, captured.get().splitlines())) <= 80


def test_a_weighty_word_is_marked_however_many_coded_terms_stand_before_it() -> None:
    text = a_text("opps " * 20 + "murder")
    score = LexiconClassifier(load_lexicon()).score([Content((text,))])[0]
    weighty = Signal(kind=SignalKind.INFLUENTIAL_WORDS, text=0, start=100, end=106, term="murder", weight=1.0)
    console = Console(width=200, color_system=None)
    with console.capture() as captured:
        console.print(shown((text,), replace(score, signals=(*score.signals, weighty))))

    assert "opps <murder>\n" in captured.get()


def explained(texts: Sequence[NormalisedText], *signals: Signal) -> str:
    score = LexiconClassifier(load_lexicon()).score([Content(tuple(texts))])[0]
    console = Console(width=400, color_system=None)
    with console.capture() as captured:
        console.print(shown(texts, replace(score, signals=(*score.signals, *signals))))
    return captured.get()


def test_brackets_that_somebody_typed_do_not_look_like_marks() -> None:
    """A reader takes a word in brackets for one that the lexicon knows."""
    text = a_text("[not this] but opps <3")
    weighty = Signal(kind=SignalKind.INFLUENTIAL_WORDS, text=0, start=1, end=4, term="not", weight=1.0)

    said = explained([text], weighty)

    assert "[<<not>> this] but [[opps]] <3" in said
    assert "[[opp]] can mean" in said
    assert "<<not>> without it" in said


def test_the_strongest_stretch_is_quoted_by_both_its_ends_and_its_text_named_if_there_are_several() -> None:
    """Nobody finds character 40,123."""
    long = a_text("a" * 100 + "he knows\n" + "b" * 200 + "what comes" + "c" * 100, TextRole.TRANSCRIPT)
    window = Signal(kind=SignalKind.STRONGEST_WINDOW, text=0, role=TextRole.TRANSCRIPT, start=100, end=319, weight=1.0)

    alone = explained([long], window)
    beside = explained([a_text("hello mum", TextRole.TITLE), long], window.model_copy(update={"text": 1}))

    assert f"strongest: characters 100 to 319: he knows\ufffd{'b' * 51} … {'b' * 50}what comes\n" in alone
    assert "strongest: characters 100 to 319 of the transcript: he knows" in beside


def test_what_is_strongest_without_a_span_is_said_in_words() -> None:
    window = Signal(kind=SignalKind.STRONGEST_WINDOW, weight=1.0)

    texts = [a_text("he knows"), a_text("what comes")]
    words = window.model_copy(update={"text": 1, "role": TextRole.BODY})

    assert "strongest: the beginnings of all texts together\n" in explained(texts, window)
    assert "strongest: the words of the body, without what stands between them\n" in explained(texts, words)


def test_an_explanation_shows_what_would_steer_a_terminal_and_does_not_send_it() -> None:
    text = a_text("seen two opps \x1b]0;owned\x07\x1b[2J \u202ewith a shank\x9b")
    score = LexiconClassifier(load_lexicon()).score([Content((text,))])[0]
    console = Console(width=80, color_system=None)
    with console.capture() as captured:
        console.print(shown((text,), score))

    assert "[[opps]] \ufffd]0;owned\ufffd\ufffd[2J \ufffdwith a [[shank]]\ufffd" in captured.get()
    assert captured.get().replace("\n", "").isprintable()
