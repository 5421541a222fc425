"""A date or a count of days in a text is the day that is to come; numbers of floors, months that are words and days over are none."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.scorer.cues import find_cues
from services.scorer.dates import dates, days_ahead
from services.scorer.policy import load_policy
from tests.builders import normalised

SAID = datetime(2026, 11, 30, 14, 0, tzinfo=ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("text", "words", "day"),
    [
        ("i'll feel safe on the 20th. promise", "on the 20th", "2026-12-20"), ("come the 2nd you're done", "come the 2nd", "2026-12-02"),
        ("on the 30th", "on the 30th", "2026-11-30"), ("before the 31st", "before the 31st", "2026-12-31"),
        ("it's the 3rd of december", "3rd of december", "2026-12-03"), ("december 5th we move", "december 5th", "2026-12-05"),
        ("14 feb, his house", "14 feb", "2027-02-14"), ("march 1st 2027", "march 1st 2027", "2027-03-01"),
        ("december the 5th", "december the 5th", "2026-12-05"), ("december 5th, 2026", "december 5th, 2026", "2026-12-05"),
        ("at 9.30 december 5th", "december 5th", "2026-12-05"), ("at 9 december 5th", "december 5th", "2026-12-05"),
        ("saturday the 12th", "the 12th", "2026-12-12"), ("friday, 18th, be there", "18th", "2026-12-18"),
        ("dec 10, his house", "dec 10", "2026-12-10"), ("november 30, 2026", "november 30, 2026", "2026-11-30"),
        ("at 9 december 5", "december 5", "2026-12-05"), ("9 december 5pm", "9 december", "2026-12-09"),
        ("on the 1st of next month", "on the 1st of next month", "2026-12-01"), ("3 march 2027", "3 march 2027", "2027-03-03"),
    ],
)  # fmt: skip
def test_a_date_is_the_next_such_day(text: str, words: str, day: str) -> None:
    ((start, end, span),) = dates(text, SAID)
    assert span is not None
    assert (text[start:end], span.words, f"{span.begins:%Y-%m-%d}") == (words, words, day)
    assert span.ends.date() == span.begins.date()


def test_a_day_that_the_next_month_does_not_have_is_of_the_one_after() -> None:
    ((_, _, span),) = dates("on the 30th", SAID.replace(year=2027, month=1, day=31))
    assert span is not None
    assert f"{span.begins:%Y-%m-%d}" == "2027-03-30"


@pytest.mark.parametrize(("text", "day"), [("in two days", "12-02"), ("3 days left", "12-03"), ("in a week", "12-07")])
def test_counted_days_are_counted_from_the_day_they_were_said(text: str, day: str) -> None:
    ((_, _, span),) = days_ahead(text, SAID)
    assert span is not None
    assert (f"{span.begins:%m-%d %H:%M}", span.ends - span.begins) == (
        f"{day} 00:00",
        timedelta(days=1, hours=23, minutes=59),
    )


@pytest.mark.parametrize("text", ["10 days of sun", "in 99 weeks", "i need a sleep"])
def test_a_length_in_days_is_no_day_ahead(text: str) -> None:
    assert list(days_ahead(text, SAID)) == []


@pytest.mark.parametrize(
    "text",
    [
        "on the 11th floor", "the 20th century", "by the 3rd attempt", "20 may die", "7 march on", "on the 31st of february",
        "the 2nd one", "on the 45th", "3 junes", "on the 2nd-floor", "by the 2nd half", "monday 1st thing",
        "£2.10 dec", "they sat 2nd", "may 5 people",
        "march 10 miles", "dec 1 of 3", "dec 5pm",
    ],
)  # fmt: skip
def test_other_numbers_are_no_dates(text: str) -> None:
    assert list(dates(text, SAID)) == []


@pytest.mark.parametrize(
    "text", ["killed 3 june 2019", "20th of may", "december 5th, 2019", "14 december 1999", "3rd of june"]
)
def test_a_date_that_is_over_or_far_has_no_day_to_come(text: str) -> None:
    assert [span for _, _, span in dates(text, SAID)] == [None]


def begins(text: str) -> str | None:
    content = normalised(text, event_time=SAID.astimezone(UTC), observed_at=SAID, audience_country="GB")
    when = find_cues(content, load_policy()).when
    return None if when is None else f"{when.begins:%a %d %b %H:%M}"


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("at the bridge on the 20th at 9pm", "Sun 20 Dec 21:00"), ("at 9.30 december 5th", "Sat 05 Dec 09:30"),
        ("in 3 days at 9", "Thu 03 Dec 09:00"), ("9pm saturday 12th december", "Sat 12 Dec 21:00"),
    ],
)  # fmt: skip
def test_a_clock_time_beside_a_date_is_of_that_day(text: str, begin: str) -> None:
    assert begins(text) == begin


@pytest.mark.parametrize("text", ["it happened at 9pm on the 3rd of june", "at 9pm 3 june 2019"])
def test_a_clock_time_beside_a_date_that_is_over_or_far_is_not_of_today(text: str) -> None:
    assert begins(text) is None


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("by 3 december", "Thu 03 Dec 00:00"), ("before 5 january you pay", "Tue 05 Jan 00:00"),
        ("by quarter to 5 december", "Sat 05 Dec 00:00"),
    ],
)  # fmt: skip
def test_the_day_of_a_date_is_no_hour(text: str, begin: str) -> None:
    assert begins(text) == begin


@pytest.mark.parametrize(
    "text", ["saturday 12th december we ride", "saturday the 12th", "on sat 12th", "on the 12th, saturday"]
)
def test_a_weekday_beside_a_date_is_not_the_next_of_its_name(text: str) -> None:
    assert begins(text) == "Sat 12 Dec 00:00"


def test_a_weekday_beside_a_date_of_another_name_is_the_next_one() -> None:
    assert begins("friday 13th") == "Fri 04 Dec 00:00"


def test_a_date_of_what_is_over_is_no_time_to_come() -> None:
    assert begins("he got shot on the 20th") is None


def test_what_is_over_in_one_sentence_leaves_the_date_of_another() -> None:
    assert begins("they arrested my bro. on the 20th we're coming for you") == "Sun 20 Dec 00:00"
