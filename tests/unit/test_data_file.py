"""A data file is either sound, with the digest of its bytes, or every mistake in it is named by its line."""

import hashlib
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.commands.policy import app
from services.referrer.policy import PACKAGED as PACKAGED_CONTEXT
from services.referrer.policy import ContextPolicy
from services.runtime.data_file import Mistake, Table, checked, load
from services.runtime.errors import Fatal
from services.scorer.lexicon import PACKAGED as PACKAGED_LEXICON
from services.scorer.lexicon import load_lexicon
from services.scorer.policy import PACKAGED, Policy


class Inner(Table):
    share: float


class Whole(Table):
    name: str
    inner: Inner
    many: tuple[Inner, ...] = ()
    digest: str = ""


def mistakes(tmp_path: Path, text: str) -> list[tuple[int | None, str]]:
    path = tmp_path / "data.toml"
    path.write_text(text)
    found = checked(Whole, path)
    assert isinstance(found, list)
    return [(mistake.line, mistake.setting) for mistake in found]


def test_a_sound_file_has_the_digest_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "data.toml"
    path.write_text('name = "a"\n[inner]\nshare = 1\n')
    assert load(Whole, path, "data").digest == hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def test_every_mistake_is_named_by_its_line(tmp_path: Path) -> None:
    text = 'name = "a"\n\n[inner]\nshare = "much"\nother = 1\n[[many]]\nshare = 1\n[[many]]\nshare = []\n'
    assert mistakes(tmp_path, text) == [(4, "inner.share"), (5, "inner.other"), (9, "many.1.share")]


def test_what_is_missing_is_named_by_its_table(tmp_path: Path) -> None:
    assert mistakes(tmp_path, 'name = "a"\n[inner]\n') == [(2, "inner.share")]


@pytest.mark.parametrize(("text", "line"), [("name = 'a\n", 1), ("name = 'a'\n\n[inner\n", 3), ("name 'a'", 1)])
def test_what_is_no_toml_is_named_by_its_line(tmp_path: Path, text: str, line: int) -> None:
    assert mistakes(tmp_path, text) == [(line, "")]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("name = 'a'\nother = " + "9" * 5_000, 2, "too many digits"),
        ("name = " + "[" * 50_000, None, "nested too deeply"),
    ],
    ids=["endless number", "endless nesting"],
)
def test_what_python_refuses_to_read_is_a_mistake_as_any_other(
    tmp_path: Path, text: str, line: int | None, says: str
) -> None:
    path = tmp_path / "data.toml"
    path.write_text(text)
    found = checked(Whole, path)
    assert isinstance(found, list)
    assert [(mistake.line, says in mistake.message) for mistake in found] == [(line, True)]
    done = CliRunner().invoke(app, ["check", str(path)])
    assert (done.exit_code, says in done.output) == (4, True)


@pytest.mark.parametrize("key", ["inner.share", "inner . share", "\"inner\".'share'"])
def test_a_setting_with_a_dot_in_its_name_is_named_by_its_line(tmp_path: Path, key: str) -> None:
    assert mistakes(tmp_path, f"name = 'a'\n\n{key} = 'much'\n") == [(3, "inner.share")]


def test_a_line_ends_where_toml_says(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "name = 'a'  # b\u2028c\x85d\n[inner]\n'share' = 'much'\n") == [(3, "inner.share")]


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "data.toml"
    path.write_text('name = "a"\n[inner]\nshare = 1\n', encoding="utf-8-sig")
    assert load(Whole, path, "data").name == "a"


def test_what_is_no_text_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "data.toml"
    path.write_bytes(b"name = 'a'\nother = '\xff'\n")
    assert checked(Whole, path) == [Mistake(2, "", "this is not UTF-8: save the file as UTF-8")]


def test_loading_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=rf"data none.toml: {tmp_path}/none.toml cannot be read: No such file"):
        load(Whole, tmp_path / "none.toml", "data")


def test_the_packaged_policy_is_sound() -> None:
    assert isinstance(checked(Policy, PACKAGED), Policy)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("watch = 0.25", "watch = 0.01", "context must not lie above watch"),
        ("news = 2.4", "news = -2.4", "greater than or equal to 0"),
        ('GB = "Europe/London"', 'GB = "Europe/Londn"', "no time zone"),
        ("tonight = [", 'tonight = ["Tonight", ', "write 'tonight'"),
        ("tonight = [", 'tonight = ["", ', "must not be empty"),
        ("watch = 0.25", "watch = 1", "less than 1"),
        ("high = 0.48", "high = 0.2", "must rise"),
        ("within_a_day = 1.0", "within_a_day = 0.1", "must fall"),
        ("grief = 3.0", "grief = 3.0\nnone = 1.0", "there is no exemption"),
        ('\nlondon = "', '\nLondon = "', "write 'london'"),
        ('postcode_areas = ["ab"', 'postcode_areas = ["AB"', "write 'ab'"),
        ('postcode_areas = ["ab"', 'postcode_areas = [""', "must not be empty"),
        ('\nlondon = "', '\n"" = "', "must not be empty"),
        ('version = "', 'version = ""  # "', "at least 1 character"),
        ("direct_threat = 1.0", "direct_threat = true", "a valid number"),
        ("bias = -0.8", 'bias = "-0.8"', "a valid number"),
        ("watch = 0.25", "watch = true", "a valid number"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(tmp_path: Path, before: str, after: str, says: str) -> None:
    path = tmp_path / "policy.toml"
    text = PACKAGED.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    found = checked(Policy, path)
    assert isinstance(found, list)
    assert says in found[0].message
    assert found[0].line is not None
    assert found[0].line > 1


@pytest.mark.parametrize(
    ("before", "after", "setting", "says"),
    [
        ('version = "', 'version = ""  # "', "version", "at least 1 character"),
        ("power = 1.5", "power = true", "emphasis.power", "a valid number"),
        ("full = 100000", "full = true", "reach_speed.full", "a valid integer"),
        ("hours = 6", 'hours = "6"', "burst.hours", "a valid integer"),
        ("total = 2.5", "total = true", "bounds.total", "a valid number"),
        ("chosen = 32", "chosen = true", "bounds.chosen", "a valid integer"),
    ],
)
def test_a_policy_of_context_that_makes_no_sense_is_refused_by_its_line(
    tmp_path: Path, before: str, after: str, setting: str, says: str
) -> None:
    path = tmp_path / "policy.toml"
    text = PACKAGED_CONTEXT.read_text()
    path.write_text(text.replace(before, after))
    found = checked(ContextPolicy, path)
    assert isinstance(found, list)
    line = text[: text.index(before)].count("\n") + 1
    assert [(one.line, one.setting, says in one.message) for one in found] == [(line, setting, True)]


def test_an_empty_name_of_a_place_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    text = PACKAGED.read_text()
    path.write_text(text.replace("[zones.places]", '[zones.places]\n"" = "Europe/London" #'))
    found = checked(Policy, path)
    assert isinstance(found, list)
    assert [one.line for one in found] == [text[: text.index("[zones.places]")].count("\n") + 2]


@pytest.mark.parametrize(("model", "packaged"), [(Policy, PACKAGED), (ContextPolicy, PACKAGED_CONTEXT)])
def test_a_whole_number_is_a_number(tmp_path: Path, model: type[Table], packaged: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(re.sub(r"(?m)^((?:P2|P3) =) 0\.\d+", r"\1 1", packaged.read_text()))
    assert "P2 = 1 " in path.read_text()
    assert isinstance(checked(model, path), model)


@pytest.mark.parametrize(("model", "packaged"), [(Policy, PACKAGED), (ContextPolicy, PACKAGED_CONTEXT)])
def test_what_is_queued_is_remembered_under_either_policy(tmp_path: Path, model: type[Table], packaged: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(packaged.read_text().replace("context = 0.05", "context = 0.5"))
    found = checked(model, path)
    assert isinstance(found, list)
    assert [(mistake.setting, "must not lie above watch" in mistake.message) for mistake in found] == [("floors", True)]


@pytest.mark.parametrize(("before", "after"), [("P3 = 0.60", "P3 = 0.20"), ("watch = 0.25", "watch = 0.65")])
def test_a_band_below_what_is_queued_is_refused(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "policy.toml"
    text = PACKAGED_CONTEXT.read_text()
    path.write_text(text.replace(before, after))
    found = checked(ContextPolicy, path)
    assert isinstance(found, list)
    line = text[: text.index("[bands]")].count("\n") + 1
    assert [(one.line, one.setting, "raise P3 or lower watch" in one.message) for one in found] == [
        (line, "bands", True)
    ]


@pytest.mark.parametrize(("more", "says"), [([30], "another number of days"), ([1, 2, 3, 4, 5], "at most 6 items")])
def test_a_mistake_of_all_windows_together_is_named_by_the_first_of_them(
    tmp_path: Path, more: list[int], says: str
) -> None:
    path = tmp_path / "policy.toml"
    text = PACKAGED_CONTEXT.read_text()
    path.write_text(text + "".join(f"\n[[author]]\ndays = {days}\nweight = 0.1\nscale = 1.0\n" for days in more))
    found = checked(ContextPolicy, path)
    assert isinstance(found, list)
    first = text[: text.index("[[author]]")].count("\n") + 1
    assert [(mistake.line, mistake.setting, says in mistake.message) for mistake in found] == [(first, "author", True)]


def test_a_mistake_in_a_lexicon_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.toml"
    path.write_text(PACKAGED_LEXICON.read_text().replace("strength = 0.35", "strength = 35", 1))
    with pytest.raises(Fatal, match=r"lexicon lexicon\.toml: line \d+: term\.0\.strength: .* less than or equal to 1"):
        load_lexicon(path)


def test_the_command_explains_a_broken_policy_and_fails(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(PACKAGED.read_text().replace("grief = 3.0", "greif = 3.0"))
    done = CliRunner().invoke(app, ["check", str(path)])
    assert done.exit_code == 4
    assert "exemption.greif" in done.output


def test_a_policy_that_is_no_toml_is_read_as_what_its_tables_say(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(PACKAGED_CONTEXT.read_text().replace("chosen = 32", "chosen = 3 2"))
    assert "1 mistake, read as context (referrer)" in CliRunner().invoke(app, ["check", str(path)]).output


def test_the_command_shows_names_in_brackets_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "[b]policy.toml"
    path.write_text(PACKAGED.read_text() + '\n["[/b]"]\nx = 1\n')
    done = CliRunner().invoke(app, ["check", str(path)])
    assert done.exit_code == 4
    assert "[b]policy.toml: 1 mistake, read as" in done.output
    assert "[/b]" in done.output


def test_the_command_tells_the_digest_of_a_sound_policy() -> None:
    done = CliRunner().invoke(app, ["check", str(PACKAGED)])
    assert (done.exit_code, hashlib.sha256(PACKAGED.read_bytes()).hexdigest()[:16] in done.output) == (0, True)
