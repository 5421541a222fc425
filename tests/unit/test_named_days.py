"""A clock time beside a named day is a time of that day."""

from datetime import datetime, timedelta

import pytest

from services.scorer.cues import Cue, Found, find_cues
from services.scorer.named_days import Clock, on_day
from services.scorer.policy import load_policy
from tests.builders import normalised

POLICY = load_policy()
# A Wednesday, a quarter past two in the afternoon.
SAID = datetime.fromisoformat("2026-06-03T14:15:00+01:00")


def read(text: str, said: datetime = SAID) -> Found:
    return find_cues(normalised(text, event_time=said, observed_at=said, audience_country="GB"), POLICY)


def begins(text: str, said: datetime = SAID) -> str | None:
    when = read(text, said).when
    return None if when is None else f"{when.begins:%a %d %H:%M}"


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("peaceful protest, saturday 2pm", "Sat 06 14:00"), ("2pm on saturday", "Sat 06 14:00"), ("friday at half 5", "Fri 05 17:30"),
        ("8am tomorrow by the canal", "Thu 04 08:00"), ("tomorrow, 3.30", "Thu 04 15:30"), ("tomorrow morning at 9", "Thu 04 09:00"),
        ("at 5 tomorrow", "Thu 04 17:00"), ("tomorrow at 16:30", "Thu 04 16:30"), ("tomorrow at 12", "Thu 04 12:00"),
        ("tonight at 9", "Wed 03 21:00"), ("tonight at 2", "Thu 04 02:00"), ("at 12 tonight", "Thu 04 00:00"),
        ("1am tonight", "Thu 04 01:00"), ("7.30 today before kick off", "Wed 03 19:30"), ("today at 9", "Wed 03 21:00"),
        ("friday 5pm saturday 6pm", "Fri 05 17:00"), ("sunday 7th of june, 2pm", "Sun 07 14:00"),
    ],
)  # fmt: skip
def test_a_clock_time_is_read_on_the_day_that_is_named_beside_it(text: str, begin: str) -> None:
    assert begins(text, SAID.replace(hour=18)) == begin


@pytest.mark.parametrize(
    ("text", "clock", "begin"),
    [
        ("wednesday 1pm", Clock(10, 13, 1, 0, "pm"), "Wed 10 13:00"),
        ("wednesday night at 9", Clock(16, 20, 9, 0), "Wed 03 21:00"),
        ("wednesday night at 1", Clock(16, 20, 1, 0), "Thu 04 01:00"),
    ],
)
def test_a_weekday_is_the_next_on_which_the_hour_is_not_over(text: str, clock: Clock, begin: str) -> None:
    found = on_day(text, clock, (0, 9, SAID, False, True), SAID)
    assert found is not None
    assert f"{found[1]:%a %d %H:%M}" == begin


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("wednesday", "Wed 03 00:00"), ("next wednesday", "Wed 10 00:00"), ("next friday", "Fri 05 00:00"),
        ("the day after tomorrow", "Fri 05 00:00"), ("day after tomorrow at 9", "Fri 05 09:00"),
    ],
)  # fmt: skip
def test_a_day_that_is_named_with_another_word_is_the_one_that_both_say(text: str, begin: str) -> None:
    assert begins(text) == begin


def test_later_said_just_before_midnight_is_not_over_at_midnight() -> None:
    said = SAID.replace(hour=23, minute=50)
    content = normalised("later", event_time=said, observed_at=said + timedelta(minutes=20), audience_country="GB")
    assert find_cues(content, POLICY).time > 0


def test_a_clock_time_in_another_sentence_is_the_next_one() -> None:
    assert begins("not saturday. be there at 9") == "Wed 03 21:00"


@pytest.mark.parametrize(
    "text",
    ["he got stabbed at 9pm", "it was 9pm last night", "yesterday at half 5", "last friday, 9pm", "last weds at 9pm"],
)
def test_a_clock_time_beside_what_is_past_is_no_time_ahead(text: str) -> None:
    found = read(text)
    assert (found.when, found.has(Cue.PAST)) == (None, True)


def test_a_day_to_come_outweighs_what_is_past_beside_the_same_clock_time() -> None:
    assert begins("he was arrested, 9pm tonight we ride") == "Wed 03 21:00"


def test_tonight_at_nine_said_after_midnight_is_the_evening_that_comes() -> None:
    assert begins("tonight at 9", SAID.replace(hour=1)) == "Wed 03 21:00"


def test_a_nine_of_which_the_half_of_the_day_is_not_said_is_over_after_the_later_one() -> None:
    when = read("tomorrow at 9").when
    assert when is not None
    assert (when.begins.hour, when.ends.hour, when.words) == (9, 22, "tomorrow at 9")


def test_a_protest_three_days_ahead_is_less_near_than_one_today() -> None:
    assert read("saturday 2pm").time < read("2pm").time


def test_an_hour_that_is_said_makes_no_day_less_near() -> None:
    assert read("tomorrow at 9pm").time == read("tomorrow").time


def test_after_school_of_a_named_day_is_not_that_of_today() -> None:
    assert read("friday after school").time < read("after school").time


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("on friday after prayers", "Fri 05 00:00"), ("saturday before kick off", "Sat 06 00:00"),
        ("after the match on the 20th", "Sat 20 00:00"), ("by midnight friday", "Fri 05 00:00"),
        ("friday after prayers at 9", "Fri 05 09:00"), ("friday after school at 4", "Fri 05 16:00"),
        ("friday after school", "Fri 05 15:00"), ("after prayers", "Wed 03 00:00"),
    ],
)  # fmt: skip
def test_a_time_of_the_day_is_of_the_day_that_stands_beside_it_and_else_of_today(text: str, begin: str) -> None:
    assert begins(text) == begin


@pytest.mark.parametrize("text", ["he got jumped after school yesterday", "last saturday after the match"])
def test_a_time_of_a_day_that_is_past_is_no_time_ahead(text: str) -> None:
    assert begins(text) is None


def test_days_and_times_without_end_are_read_in_time_that_grows_with_the_text() -> None:
    """Each time looks at the nearest two days alone; with every day for every time this would take minutes."""
    text = "tonight 5pm " * 20_000
    begun = datetime.now(tz=SAID.tzinfo)
    read(text)
    assert datetime.now(tz=SAID.tzinfo) - begun < timedelta(seconds=20)


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("friday in the park at 9pm", "Fri 05 21:00"), ("friday, mare street, 9pm", "Fri 05 21:00"),
        ("9pm mare street friday", "Fri 05 21:00"), ("friday: 9pm", "Fri 05 21:00"), ("friday (9pm)", "Fri 05 21:00"),
        ("tomorrow outside school at 3pm", "Thu 04 15:00"), ("9pm this weekend", "Sat 06 21:00"),
        ("at 6pm next week", "Mon 08 18:00"), ("6pm a week on friday", "Fri 12 18:00"),
        ("friday night, the whole of the lot from the other estate, at 9", "Fri 05 21:00"),
    ],
)  # fmt: skip
def test_a_clock_time_is_of_the_day_that_its_sentence_names(text: str, begin: str) -> None:
    assert begins(text) == begin


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("fri 9pm", "Fri 05 21:00"), ("9pm on sat", "Sat 06 21:00"), ("tues night at 9", "Tue 09 21:00"),
        ("he sat at 9pm", "Wed 03 21:00"), ("the sun at 9pm", "Wed 03 21:00"),
    ],
)  # fmt: skip
def test_a_day_of_three_letters_is_one_only_right_beside_a_clock_time(text: str, begin: str) -> None:
    assert begins(text) == begin


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("at 8 on friday night", "Fri 05 20:00"), ("at 9 tmrw night", "Thu 04 21:00"), ("at 7 tomorrow evening", "Thu 04 19:00"),
        ("at 1 on saturday night", "Sun 07 01:00"), ("5 p.m. tomorrow", "Thu 04 17:00"), ("at 9 p.m. on friday", "Fri 05 21:00"),
        ("saturday night at 1", "Sun 07 01:00"),
    ],
)  # fmt: skip
def test_a_part_of_the_day_counts_on_either_side_of_it(text: str, begin: str) -> None:
    assert begins(text) == begin


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("friday week", "Fri 12 00:00"), ("a week on tuesday", "Tue 16 00:00"), ("friday next week", "Fri 12 00:00"),
        ("next week friday", "Fri 12 00:00"),
        ("two weeks today", "Wed 17 00:00"), ("3 days from tomorrow", "Sun 07 00:00"), ("a week tomorrow", "Thu 11 00:00"),
        ("every friday week in, week out", "Fri 05 00:00"),
    ],
)  # fmt: skip
def test_weeks_beside_a_day_are_counted_from_it(text: str, begin: str) -> None:
    assert begins(text) == begin


@pytest.mark.parametrize(
    ("text", "begin"),
    [("wednesday at 9am", "Wed 10 09:00"), ("at 9am today", None), ("at 9 this morning", None)],
)
def test_a_day_whose_hour_is_over_is_not_meant_any_more(text: str, begin: str | None) -> None:
    assert begins(text) == begin


@pytest.mark.parametrize(
    ("text", "begin"),
    [("he was stabbed on friday night", None), ("last night you slipped, friday we finish it", "Fri 05 00:00")],
)
def test_a_weekday_of_which_is_told_is_past_and_one_that_only_follows_is_not(text: str, begin: str | None) -> None:
    assert begins(text) == begin


def test_a_new_years_eve_is_a_day_and_in_spring_none_that_is_near() -> None:
    assert (begins("nye", SAID.replace(month=11)), begins("nye", SAID.replace(month=3))) == ("Thu 31 00:00", None)
    assert begins("christmas day at 5pm") is None


def test_a_day_ahead_is_one_by_the_clock_of_the_place_also_where_clocks_change() -> None:
    said = datetime.fromisoformat("2026-10-24T12:00:00+01:00")
    content = normalised("sun 12pm", event_time=said, observed_at=said, audience_country="GB")
    assert find_cues(content, POLICY).time == POLICY.imminence.within_a_day
