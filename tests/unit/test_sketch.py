"""Which short texts are copies of one another, and which say something else."""

import pytest

from services.referrer.sketch import short_text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ur dead 0000", "ur dead 0299"),
        ("ur dead 4821", "ur dead #102"),
        ("@bob ur dead", "@amy ur dead"),
        ("@bob ur dead", "ur dead"),
    ],
)
def test_copies_that_are_numbered_or_addressed_to_somebody_else_are_copies(one: str, other: str) -> None:
    """Three hundred accounts that each wrote `ur dead` with a number of its own made three hundred cases."""
    assert short_text(one) == short_text(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("n17 tonight", "n18 tonight"),
        ("outside at 2130", "outside at 2230"),
        ("outside yours 9pm", "outside yours 10pm"),
        ("ur dead 9", "ur dead 10"),
        ("its on 15", "its on 16"),
        ("fuck the 410", "fuck the 150"),
        ("142 kings road", "144 kings road"),
        ("kings road 142", "kings road 144"),
        ("dead ab12 cde", "dead ab13 cde"),
        ("kill @bob tonight", "kill @amy tonight"),
        ("@9 tonight lads", "@10 tonight lads"),
        ("room 101", "room 102"),
        ("@bob dead", "@amy dead"),
    ],
)
def test_another_time_place_group_or_target_is_another_text(one: str, other: str) -> None:
    assert None not in (short_text(one), short_text(other))
    assert short_text(one) != short_text(other)


@pytest.mark.parametrize("text", ["", "…", "four words of text", "@bob you are dead"])
def test_what_says_nothing_or_has_a_similarity_hash_has_no_digest(text: str) -> None:
    assert short_text(text) is None
