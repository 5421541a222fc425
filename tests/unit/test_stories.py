"""The written stories are well-formed, and a fault in one is named by its line."""

from datetime import timedelta
from pathlib import Path

import pytest

from schemas.content import ContentReceived
from tests.scenarios.stories import FOLDER, age, read_story, stories


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.story")), ids=lambda path: path.stem)
def test_every_event_of_a_story_is_a_valid_content_event(path: Path) -> None:
    values = [ContentReceived.model_validate(event) for event in read_story(path).events()]
    assert len(values) >= 10


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.story")), ids=lambda path: path.stem)
def test_every_story_expects_something(path: Path) -> None:
    assert len(read_story(path).expectations) >= 4


def test_events_come_in_the_order_they_were_seen() -> None:
    seen = [[event["observed_at"] for event in story.events()] for story in stories()]
    assert seen == [sorted(times) for times in seen]


def test_an_age_adds_its_pieces_up() -> None:
    assert age("1d2h3m4s") == timedelta(days=1, hours=2, minutes=3, seconds=4)


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("soon | x | a | post | | hello", "line 1: 'soon' is no time"),
        ("1h | x | a | post | name=a | hello\na > b", "no line is named b"),
        ("1h | x | a | post | name=a | hello\na in P7", "line 2: neither content"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, written: str, named: str) -> None:
    path = tmp_path / "bad.story"
    path.write_text(written)
    with pytest.raises(ValueError, match=named):
        read_story(path)


def test_a_flood_has_as_many_authors_as_posts(tmp_path: Path) -> None:
    path = tmp_path / "flood.story"
    path.write_text("1h | x | bot | post | name=f times=5 | buy {n}")
    events = read_story(path).events()
    assert ({e["author"]["id"] for e in events}, events[4]["texts"][0]["text"]) == (
        {f"x:bot_{n}" for n in range(1, 6)},
        "buy 5",
    )
