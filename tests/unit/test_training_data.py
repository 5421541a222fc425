"""What is trained on, and that nothing of it is judged with."""

import gzip
import json
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

from schemas.vocabulary import Exemption, ViolenceType
from services.runtime.text_words import ranked
from services.scorer.evaluation.separation import near_copies
from services.scorer.evaluation.suite import BLIND, read_suite
from services.scorer.lexicon import load_lexicon
from services.scorer.training.contrast import contrast_rows
from services.scorer.training.corpus import (
    READ_AGAIN,
    fingerprint,
    held_out,
    lexicon_rows,
    plain,
    read_again,
    shared_rows,
    written_rows,
)
from services.scorer.training.words import usual_words
from services.scorer.training.written import read_written

CASES = {fingerprint(plain(case)): case for function in read_suite() for case in function.cases}
CASES |= {fingerprint(plain(text.text)): text.text for text in read_written(BLIND)}


def trained_on() -> list[str]:
    rows = [*written_rows(read_written()), *lexicon_rows(load_lexicon()), *contrast_rows(5_500, 20_261)]
    return [fingerprint(row.normalised) for row in rows]


def test_no_training_text_equals_or_nearly_equals_a_case_that_judges() -> None:
    """Near means four fifths of all words."""
    assert near_copies(trained_on(), CASES) == []


def test_a_near_copy_is_noticed() -> None:
    case = "i will find you at the bus stop on friday night"

    assert near_copies(["i will find you at the bus stop on friday evening"], [case]) != []


def test_no_two_written_texts_are_the_same() -> None:
    texts = [fingerprint(row.normalised) for row in written_rows(read_written())]

    assert len(texts) - len(set(texts)) == 0


def test_hardly_a_written_text_repeats_another_of_the_same_label() -> None:
    """Near means four fifths of all words; a harmful text and its harmless double may share more."""
    rows = list(written_rows(read_written()))
    repeated = []
    for violence in (0, 1):
        texts = [fingerprint(row.normalised) for row in rows if row.violence == violence]
        repeated += [(one, other) for one, other in near_copies(texts, texts) if one < other]

    assert len(repeated) < len(rows) / 1_000, repeated


def test_there_are_three_thousand_written_texts_at_least() -> None:
    assert len(read_written()) >= 3_000


def test_written_labels_are_words_of_the_contract() -> None:
    names = {name for row in read_written() for name in row.types} - {t.value for t in ViolenceType}
    exempt = {name for row in read_written() for name in row.exemptions} - {e.value for e in Exemption}

    assert (names, exempt) == (set(), set())


def test_every_violence_type_and_exemption_is_written_about() -> None:
    rows = read_written()

    assert {name for row in rows for name in row.types} == {t.value for t in ViolenceType}
    assert {name for row in rows for name in row.exemptions} == {e.value for e in Exemption} - {"none"}


def test_a_whole_idiom_is_held_out_or_none_of_it() -> None:
    sides = defaultdict(set)
    for row in written_rows(read_written()):
        sides[row.group].add(row.dev)

    assert {len(side) for side in sides.values()} == {1}


def test_about_one_idiom_in_ten_is_held_out() -> None:
    groups = {row.group for row in written_rows(read_written())}

    assert 0.08 < sum(map(held_out, groups)) / len(groups) < 0.12


def test_the_words_that_the_normaliser_knows_are_those_of_the_written_texts() -> None:
    """`make words` counts them anew."""
    assert list(ranked()) == usual_words(row.text for row in read_written())


def test_the_most_usual_words_come_first_and_what_few_typed_is_none() -> None:
    texts = ["stab him u", "STAB'd ben stab u", "stab fury u him", "fury", "him ok u", "ok #fury k*fury", "ok k k k k"]

    assert usual_words(texts) == ["u", "him", "stab"]


def test_every_function_of_the_suite_has_a_name_of_its_own() -> None:
    names = [function.name for function in read_suite()]

    assert len(names) == len(set(names)) >= 30


def test_serving_loads_no_training_library() -> None:
    """A fresh process scores a text; none of the libraries of training may be among its modules."""
    program = (
        "import sys\n"
        "from services.scorer import app, cli\n"
        "from services.scorer.classifiers import classifier_of\n"
        "from services.scorer.cascade.classifier import Gate\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'torch', 'sklearn', 'scipy', 'onnx', 'matplotlib'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_label_that_did_not_hold_is_learnt_as_it_was_read_and_kept_as_its_source_says(tmp_path: Path) -> None:
    changed, verdict = next((name, label) for name, label in read_again().items() if label == 0)
    raw = {
        "text": "the storm is coming",
        "label_violence": 1,
        "labels": {},
        "source": changed.split(":")[0],
        "split": "train",
    }
    with gzip.open(tmp_path / "some.jsonl.gz", "wt") as lines:
        lines.writelines(json.dumps(raw | {"id": name}) + "\n" for name in (changed, "another:1"))

    read, other = shared_rows(tmp_path)

    assert (read.violence, read.labelled) == (verdict, 1)
    assert (other.violence, other.labelled) == (1, 1)


def test_no_row_was_read_as_two_things() -> None:
    verdicts = tomllib.loads(READ_AGAIN.read_text())
    names = Counter(
        (source, number)
        for verdict in ("violent", "harmless", "undecided")
        for source, numbers in verdicts[verdict].items()
        for number in numbers
    )

    assert [name for name, count in names.items() if count > 1] == []
