"""The directory: what the packaged files hold, and what is said of files that are wrong."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from schemas.referral_vocabulary import Profile
from schemas.vocabulary import ViolenceType
from services.commands.directory import app
from services.referrer.directory import DATA, GENERIC, GROUNDS, PLATFORMS, load_directory, overdue
from services.runtime.errors import Fatal

DIRECTORY = load_directory()


def copied(folder: Path, file: str, old: str, new: str) -> Path:
    """Both files in a folder of their own, with one change in one of them."""
    for name in (GROUNDS, PLATFORMS):
        text = (DATA / name).read_text()
        if name == file:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("kind", list(ViolenceType))
def test_every_violence_type_has_a_ground_in_british_law(kind: ViolenceType) -> None:
    assert DIRECTORY.grounds_for([kind], ["GB"])


@pytest.mark.parametrize("profile", [p for p in Profile if p is not Profile.VOLUNTARY_REFERRAL])
def test_every_profile_with_legal_force_has_the_ground_it_rests_on(profile: Profile) -> None:
    assert [ground for ground in DIRECTORY.grounds if profile in ground.profiles]


def test_ten_platforms_have_entries_of_their_own() -> None:
    assert len({platform.name for platform in DIRECTORY.platforms} - {GENERIC}) == 10


@pytest.mark.parametrize("name", [platform.name for platform in DIRECTORY.platforms if platform.name != GENERIC])
def test_every_named_platform_has_a_rule_for_every_violence_type(name: str) -> None:
    assert [kind for kind in ViolenceType if not DIRECTORY.platform(name).terms_for([kind])] == []


def test_a_platform_without_an_entry_gets_the_generic_one_under_its_own_name() -> None:
    entry = DIRECTORY.platform("somewhere.example")
    assert (entry.name, entry.provider) == ("somewhere.example", "somewhere.example")
    assert entry.contact_point == DIRECTORY.platform(GENERIC).contact_point


def test_the_statutes_of_the_starter_list_are_there() -> None:
    named = {(ground.statute, ground.provision) for ground in DIRECTORY.grounds}
    expected = {
        ("Offences against the Person Act 1861", "s.16"),
        *(("Public Order Act 1986", each) for each in ("s.4", "s.4A", "s.5", "s.18", "s.19", "s.21")),
        *(("Protection from Harassment Act 1997", each) for each in ("s.2", "s.2A", "s.4", "s.4A")),
        *(("Knives Act 1997", each) for each in ("s.1", "s.2")),
        ("Firearms Act 1968", "ss.1, 2, 3, 5, 21"),
        ("Restriction of Offensive Weapons Act 1959", "s.1"),
        *(("Serious Crime Act 2007", each) for each in ("s.44", "s.45", "s.46")),
        ("Online Safety Act 2023", "s.181"),
        ("Crime and Policing Act 2026", "s.21"),
        ("Regulation (EU) 2021/784", "Art. 3"),
        *(("Regulation (EU) 2022/2065", each) for each in ("Art. 9", "Art. 16")),
    }
    assert expected <= named


def test_a_ground_that_is_not_known_is_none() -> None:
    assert DIRECTORY.ground("poa1986_s4") is not None
    assert DIRECTORY.ground("poa1986_s999") is None


def test_grounds_of_another_jurisdiction_are_left_out() -> None:
    assert {ground.jurisdiction for ground in DIRECTORY.grounds_for(list(ViolenceType), ["EU"])} == {"EU"}


MISTAKES = [
    (GROUNDS, 'provision = "s.16"\n', "", r"grounds\.toml: ground\.oapa1861_s16\.provision: Field required"),
    (GROUNDS, '"direct_threat"', '"rudeness"', r"grounds\.toml: ground\.oapa1861_s16\.fits\.0: Input should be"),
    (GROUNDS, 'id = "poa1986_s4"', 'id = "poa1986_s5"', r"grounds\.toml: more than one entry is called poa1986_s5"),
    (GROUNDS, "review_by = 2027-05-31", "review_by = 2020-01-01", r"oapa1861_s16: .*review_by has to lie after"),
    (GROUNDS, 'version = "2026.11"', "version = ", r"grounds\.toml: Invalid value"),
    (GROUNDS, "priority_offence = true", "priority_offence = true\nweight = 1", r"oapa1861_s16\.weight: Extra inputs"),
    (PLATFORMS, 'name = "generic"', 'name = "other"', r"platforms\.toml: the entry generic is missing"),
    (PLATFORMS, "requests_per_hour = 60", "requests_per_hour = 0", r"platform\.facebook\.requests_per_hour: Input"),
    (PLATFORMS, 'url = "https://', 'url = "javascript:', r"platform\.facebook\.rules\.Violence and Incitement\.url: "),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), MISTAKES)
def test_a_mistake_in_a_file_is_fatal_and_names_file_entry_and_mistake(
    file: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(Fatal, match=said):
        load_directory(copied(tmp_path, file, old, new))


def test_a_missing_file_is_fatal_and_named(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"grounds\.toml"):
        load_directory(tmp_path)


def test_a_change_in_either_file_changes_the_digest(tmp_path: Path) -> None:
    changed = load_directory(copied(tmp_path, PLATFORMS, "follow_up_hours = 48", "follow_up_hours = 47"))
    assert changed.digest != DIRECTORY.digest


def test_an_entry_is_overdue_from_the_day_after_its_review_date() -> None:
    assert overdue(DIRECTORY, date(2027, 5, 31)) == ()
    late = overdue(DIRECTORY, date(2027, 6, 1))
    assert len(late) == len(DIRECTORY.grounds) + sum(1 + len(p.rules) for p in DIRECTORY.platforms)


def test_the_command_says_when_nothing_is_overdue() -> None:
    said = CliRunner().invoke(app, ["check", "--on", "2026-12-01"])
    assert (said.exit_code, "nothing is overdue on 2026-12-01" in said.output) == (0, True)


def test_the_command_names_overdue_entries_and_ends_with_one(tmp_path: Path) -> None:
    folder = copied(tmp_path, GROUNDS, "review_by = 2027-05-31", "review_by = 2026-11-30")
    said = CliRunner().invoke(app, ["check", "--folder", str(folder), "--on", "2026-12-01"], env={"COLUMNS": "200"})
    assert said.exit_code == 1
    assert "oapa1861_s16" in said.output
    assert "poa1986_s4" not in said.output
