"""A date in a text is the day that is to come; numbers of floors, months that are words and days that are over are none."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.scorer.cues import find_cues
from services.scorer.dates import dates
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
    ],
)  # fmt: skip
def test_a_date_is_the_next_such_day(text: str, words: str, day: str) -> None:
    ((start, end, span),) = dates(text, SAID)
    assert (text[start:end], span.words, f"{span.begins:%Y-%m-%d}") == (words, words, day)
    assert span.ends.date() == span.begins.date()


@pytest.mark.parametrize(
    "text",
    [
        "on the 11th floor", "the 20th century", "by the 3rd attempt", "20 may die", "7 march on", "killed 3 june 2019",
        "on the 31st of february", "the 2nd one", "on the 45th", "3 junes", "20th of may",
    ],
)  # fmt: skip
def test_what_is_no_date_of_the_coming_months_is_left(text: str) -> None:
    assert list(dates(text, SAID)) == []


def test_a_clock_time_beside_a_date_is_of_that_day() -> None:
    content = normalised("at the bridge on the 20th at 9pm", event_time=SAID.astimezone(UTC), observed_at=SAID)
    found = find_cues(content, load_policy())
    assert found.when is not None
    assert (found.when.begins, found.when.words) == (datetime(2026, 12, 20, 21, 0, tzinfo=UTC), "on the 20th at 9pm")


def test_a_date_of_what_is_over_is_no_time_to_come() -> None:
    content = normalised("he got shot on the 20th", event_time=SAID.astimezone(UTC), observed_at=SAID)
    assert find_cues(content, load_policy()).when is None
