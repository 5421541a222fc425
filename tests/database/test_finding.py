"""Finding cases by words on both databases, and that it costs the same however often a word was said."""

from datetime import timedelta
from uuid import uuid4

import pytest

from schemas.vocabulary import Change
from services.referrer.adapters.database import SqlDatabase
from services.referrer.finding import LOOKED_AT, Finding, Surroundings
from services.referrer.records import Found, WordsOf
from services.referrer.roles import Role
from services.referrer.wording import MOST_WORDS, words_in, words_of
from tests.builders import NOON, key_of, normalised, ranked
from tests.desk import ADesk, declined


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


def found(desk: ADesk, question: str) -> Found:
    answer = Finding(desk.database).search(desk.person(), question)
    assert isinstance(answer, Found), answer
    return answer


def test_a_case_is_found_by_any_of_its_words_in_any_order_and_writing(desk: ADesk) -> None:
    case = desk.case(ranked(normalised("Bring the RAMBO to Harrow Lane")))
    desk.case(ranked(normalised("bring cake", content_id="p-2")))
    assert [each.case_id for each in found(desk, "lane rambo").cases] == [case.case_id]
    assert len(found(desk, "bring").cases) == 2
    assert found(desk, "bring swords").cases == ()


def test_a_case_is_found_by_what_obfuscation_hid(desk: ADesk) -> None:
    case = desk.case(ranked(normalised("st\u200bab them")))
    assert [each.case_id for each in found(desk, "stab").cases] == [case.case_id]


def test_a_case_is_found_by_its_address_and_by_its_id(desk: ADesk) -> None:
    case = desk.case(ranked(normalised("x", content_id="p-77")))
    desk.case(ranked(normalised("y", content_id="p-78")))
    for question in ("https://bsky.app/profile/a/post/p-77", str(case.case_id), f" {case.case_id} "):
        assert [each.case_id for each in found(desk, question).cases] == [case.case_id]
    assert found(desk, str(uuid4())).cases == ()


def test_after_an_edit_the_new_words_find_it(desk: ADesk) -> None:
    desk.case(ranked(normalised("first words")))
    edited = normalised("other words", change=Change.EDITED, observed_at=NOON + timedelta(minutes=1))
    desk.take(ranked(edited))
    assert (len(found(desk, "other").cases), len(found(desk, "first").cases)) == (1, 0)


def test_an_older_version_that_comes_late_takes_no_word_of_the_newer_away(desk: ADesk) -> None:
    moment = NOON + timedelta(minutes=1)
    desk.case(ranked(normalised("other words", change=Change.EDITED, event_time=moment, observed_at=moment)))
    desk.take(ranked(normalised("first words")))
    assert (len(found(desk, "other").cases), len(found(desk, "first").cases)) == (1, 0)


def test_content_that_is_gone_is_still_found(desk: ADesk) -> None:
    desk.case(ranked(normalised("gonna get you")))
    gone = normalised("", change=Change.DELETED, observed_at=NOON + timedelta(minutes=1))
    desk.take(ranked(gone, 0.0))
    assert len(found(desk, "gonna").cases) == 1


def test_of_a_word_that_everybody_says_only_the_newest_are_looked_at(desk: ADesk) -> None:
    case = desk.case(ranked(normalised("common rare")))
    many = [WordsOf(key_of(str(n)), NOON + timedelta(seconds=n + 1), ("common",)) for n in range(LOOKED_AT)]
    desk.database.write(lambda books: books.words.put(many))
    assert found(desk, "common") == Found((), more=True)
    rare = found(desk, "common rare")
    assert ([each.case_id for each in rare.cases], rare.more) == ([case.case_id], False)


@pytest.mark.parametrize("question", ["", "   ", "?!", "https://", "👻", "x" * 5_000])
def test_a_question_without_a_word_finds_nothing(desk: ADesk, question: str) -> None:
    assert found(desk, question).cases == ()


@pytest.mark.parametrize("question", ["' OR 1=1 --", "%", "_", "gonn%' --", "\x00"])
def test_a_question_is_only_words(desk: ADesk, question: str) -> None:
    desk.case(ranked(normalised("gonna get you")))
    assert found(desk, question).cases == ()


def test_who_may_not_see_the_queue_may_not_search(desk: ADesk) -> None:
    finding, admin = Finding(desk.database), desk.person("root", Role.ADMIN)
    assert declined(finding.search(admin, "x")).code == "role"
    assert declined(finding.glance(admin, [])).code == "role"
    assert declined(finding.colleagues(desk.person("dara", Role.AUDITOR))).code == "role"


def test_words_are_kept_once_folded_and_bounded() -> None:
    assert words_in("Straße STRASSE https://x") == ["strasse", "x"]
    assert all(len(word) <= 64 for word in words_in("y" * 500))
    assert len(words_of(normalised(" ".join(map(str, range(2_000))))).words) == MOST_WORDS


def test_what_stands_around_a_case_is_told_without_its_words(desk: ADesk) -> None:
    half_an_hour_on, poster = NOON + timedelta(minutes=30), "k1:" + key_of("poster")
    first = normalised("first threat", content_id="p-1", author_key=poster)
    times = {"event_time": half_an_hour_on, "observed_at": half_an_hour_on}
    later = normalised("second threat", content_id="p-2", author_key=poster, **times)
    desk.take(ranked(first, 0.8), ranked(later, 0.7))
    cases = {case.content_key: case for case in desk.queue()}
    around = Finding(desk.database).surroundings(desk.person(), cases[later.content_key].case_id, later.content_key)
    assert isinstance(around, Surroundings)
    (earlier,) = around.earlier
    assert (earlier.case_id, earlier.how) == (cases[first.content_key].case_id, ("same poster",))
    assert [part.name for part in around.parts] and "threat" not in str(around)


def test_nothing_stands_around_what_nobody_remembers(desk: ADesk) -> None:
    assert Finding(desk.database).surroundings(desk.person(), uuid4(), key_of("nothing")) == Surroundings()
