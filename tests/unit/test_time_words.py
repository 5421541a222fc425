"""Words of time mean what they meant where and when they were said."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.scorer.clock_times import number_times
from services.scorer.time_words import TimeWord, resolve

LONDON = ZoneInfo("Europe/London")
# A Wednesday, a quarter past two in the afternoon.
SAID = datetime(2026, 6, 3, 14, 15, tzinfo=LONDON)


def begins(word: TimeWord, said: datetime = SAID) -> str:
    return f"{resolve(word, '', said).begins:%a %d %H:%M}"


@pytest.mark.parametrize(
    ("word", "begin"),
    [
        (TimeWord.NOW, "Wed 03 14:15"), (TimeWord.TONIGHT, "Wed 03 17:00"), (TimeWord.TODAY, "Wed 03 00:00"),
        (TimeWord.TOMORROW, "Thu 04 00:00"), (TimeWord.AFTER_SCHOOL, "Wed 03 15:00"), (TimeWord.WEEKEND, "Sat 06 00:00"),
        (TimeWord.FRIDAY, "Fri 05 00:00"), (TimeWord.WEDNESDAY, "Wed 03 00:00"), (TimeWord.TUESDAY, "Tue 09 00:00"),
    ],
)  # fmt: skip
def test_a_word_of_time_is_read_from_when_it_was_said(word: TimeWord, begin: str) -> None:
    assert begins(word) == begin


def test_tonight_after_midnight_is_the_night_that_still_goes_on() -> None:
    assert begins(TimeWord.TONIGHT, SAID.replace(hour=1)) == "Tue 02 17:00"


def test_a_clock_time_said_in_the_second_of_an_hour_told_twice_is_of_the_second() -> None:
    said = datetime(2026, 10, 25, 1, 40, tzinfo=LONDON, fold=1)
    (span,) = number_times("at 1:50", said)[0]
    assert span.begins.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("hour", "begin", "end"), [(22, "02:00", "15:00"), (9, "14:00", "15:00"), (1, "02:00", "15:00")]
)
def test_an_hour_of_which_the_half_is_not_said_is_the_next_and_over_after_the_later(
    hour: int, begin: str, end: str
) -> None:
    (span,) = number_times("meet at 2", SAID.replace(hour=hour))[0]
    assert (f"{span.begins:%H:%M}", f"{span.ends:%H:%M}") == (begin, end)


def test_after_school_on_a_friday_evening_is_monday() -> None:
    assert begins(TimeWord.AFTER_SCHOOL, datetime(2026, 6, 5, 19, 0, tzinfo=LONDON)) == "Mon 08 15:00"


def test_the_weekend_said_on_a_sunday_is_the_one_that_is_ending() -> None:
    assert begins(TimeWord.WEEKEND, datetime(2026, 6, 7, 11, 0, tzinfo=LONDON)) == "Sat 06 00:00"


def test_tonight_is_another_moment_in_another_zone() -> None:
    there = resolve(TimeWord.TONIGHT, "", SAID.astimezone(ZoneInfo("America/Jamaica")))
    assert there.begins - resolve(TimeWord.TONIGHT, "", SAID).begins == timedelta(hours=6)


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("be there at 9", "Wed 03 21:00"), ("at 4pm by the gates", "Wed 03 16:00"), ("10pm. garages", "Wed 03 22:00"),
        ("at 21:30 sharp", "Wed 03 21:30"), ("by 9am", "Thu 04 09:00"), ("in 10 mins", "Wed 03 14:15"),
        ("5 mins away", "Wed 03 14:15"), ("in half an hour", "Wed 03 14:15"), ("at 12am", "Thu 04 00:00"),
        ("at 8 tonight", "Wed 03 20:00"), ("before 6", "Wed 03 18:00"), ("4.30pm", "Wed 03 16:30"), ("2 hours out", "Wed 03 14:15"),
        ("within a few hours", "Wed 03 14:15"), ("@9", "Wed 03 21:00"), ("till 11pm", "Wed 03 23:00"),
        ("when she finishes at six", "Wed 03 18:00"), ("5 o'clock by the canal", "Wed 03 17:00"), ("nine oclock, gates", "Wed 03 21:00"),
        ("up at six in the morning", "Thu 04 06:00"),
        ("walks the dog every morning at 7", "Thu 04 07:00"), ("at 7 in the morning", "Thu 04 07:00"),
        ("half 5 then", "Wed 03 17:30"), ("at half nine", "Wed 03 21:30"), ("half past 6 by the gates", "Wed 03 18:30"),
        ("quarter to 8", "Wed 03 19:45"), ("5 past 6, every day", "Wed 03 18:05"), ("at ten to four", "Wed 03 15:50"),
        ("at midnight", "Thu 04 00:00"), ("before noon", "Thu 04 12:00"), ("3.30 by the skatepark", "Wed 03 15:30"),
        ("21:30 at the bridge", "Wed 03 21:30"), ("every day at 3.30", "Wed 03 15:30"), ("up at 06:45", "Thu 04 06:45"),
        ("at 5:30 in the morning", "Thu 04 05:30"), ("6 hours. larch", "Wed 03 14:15"), ("be ready\n10 mins!", "Wed 03 14:15"),
        ("one hour. bridge", "Wed 03 14:15"), ("8ish by the bridge", "Wed 03 20:00"), ("out at ten past 3", "Wed 03 15:10"),
        ("at 10 past 4", "Wed 03 16:10"), ("u got 10 mins", "Wed 03 14:15"),
        ("at 1730", "Wed 03 17:30"), ("530pm", "Wed 03 17:30"), ("in 500 hours", "Wed 24 10:15"), ("12 noon", "Thu 04 12:00"),
        ("at 8 a.m.", "Thu 04 08:00"), ("8.30 p.m. at the bridge", "Wed 03 20:30"),
    ],
)  # fmt: skip
def test_a_time_in_numbers_is_found(text: str, begin: str) -> None:
    assert [f"{span.begins:%a %d %H:%M}" for span in number_times(text, SAID)[0]] == [begin]


@pytest.mark.parametrize(
    "text",
    [
        "4-0 up",
        "won by two",
        "at one point",
        "around ten people",
        "at five points",
        "he is 15",
        "16 inch blade",
        "at 99",
        "10 minutes of fame",
        "the 43 bus",
        "at 7:75",
        "born in 1999",
        "13pm",
        "at 45 degrees",
        "around 5 people",
        "by 3-0",
        "by 6 %",
        "at 3.5 stars",
        "at 9/10",
        "at 16 i was stabbed",
        "a few minutes of peace",
        "that 9",
        "£3.30 a pint",
        "a rate of 1.25:30",
        "rated 3.50",
        "half 5 people",
        "how long? 6 hours of this",
        "took me 6 hours.",
        "ten to nine",
        "midnight snack",
        "lives at 4 elm court",
        "been here since 9am",
        "by 2030",
        "at 1730 people",
        "look at 1914",
        "see you at 2028",
    ],
)
def test_other_numbers_are_no_times(text: str) -> None:
    assert number_times(text, SAID)[0] == []
