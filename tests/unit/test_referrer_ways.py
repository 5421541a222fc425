"""The ways file: without it nothing leaves, and a local hub reaches nobody whatever it says."""

from pathlib import Path

import pytest

from schemas.vocabulary import Environment
from services.referrer.delivery import Channel
from services.referrer.ways import EmailWay, FilesWay, WebhookWay, is_loopback, load_ways
from services.runtime.errors import Fatal

SINCE = 'since = 2026-12-01T00:00:00Z\nplatform = "bluesky"\n'


def webhook(url: str = "https://platform.example/hub", more: str = "") -> str:
    """A webhook's entry."""
    return f'[[way]]\nchannel = "webhook"\nurl = "{url}"\nsecret = "s"\n{SINCE}{more}\n'


def email(to: str = "notices@platform.invalid") -> str:
    """An e-mail's entry."""
    return f'[[way]]\nchannel = "email"\nto = "{to}"\n{SINCE}'


FILES = f'[[way]]\nchannel = "files"\nfolder = "/out"\n{SINCE}'


def written(tmp_path: Path, text: str) -> Path:
    """That file."""
    path = tmp_path / "ways.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("environment", list(Environment))
def test_without_a_file_nothing_leaves(environment: Environment) -> None:
    assert load_ways(None, environment) == ()


def test_an_empty_file_is_no_way(tmp_path: Path) -> None:
    assert load_ways(written(tmp_path, ""), Environment.PRODUCTION) == ()


def test_one_platform_can_have_each_way_once(tmp_path: Path) -> None:
    ways = load_ways(written(tmp_path, webhook() + email() + FILES), Environment.PRODUCTION)
    assert [type(way) for way in ways] == [WebhookWay, EmailWay, FilesWay]
    assert {way.channel for way in ways} == set(Channel)


@pytest.mark.parametrize("url", ["https://platform.example/hub", "https://10.0.0.1/hub", "http://platform.example/"])
def test_a_local_hub_posts_to_this_machine_only(url: str, tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"ways\.toml: bluesky by webhook: a local hub delivers to this machine only"):
        load_ways(written(tmp_path, webhook(url)), Environment.LOCAL)


def test_a_local_hub_writes_to_nobody(tmp_path: Path) -> None:
    assert load_ways(written(tmp_path, email("a@desk.invalid")), Environment.LOCAL)
    with pytest.raises(Fatal, match="a local hub writes only to addresses that belong to nobody"):
        load_ways(written(tmp_path, email("notices@bsky.app")), Environment.LOCAL)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/hub", "http://[::1]/hub", "http://localhost/hub"])
def test_this_machine_needs_no_encryption(url: str, tmp_path: Path) -> None:
    for environment in Environment:
        assert load_ways(written(tmp_path, webhook(url)), environment)


def test_beyond_this_machine_a_webhook_is_encrypted(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match="https is needed beyond this machine"):
        load_ways(written(tmp_path, webhook("http://platform.example/hub")), Environment.PRODUCTION)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("0.0.0.0", False),  # noqa: S104  an address to refuse, not to listen on
        ("", False),
    ],
)
def test_this_machine_is_known_by_its_very_name(host: str, here: bool) -> None:
    assert is_loopback(host) is here


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("way = 3", r"ways\.toml: line 1: way: Input should be a valid tuple"),
        ("[[way]", r"ways\.toml: line 1: this is not TOML: Expected"),
        (webhook() + webhook(), "bluesky by webhook: there is more than one"),
        (webhook(more='extra = "x"'), r"way\.0\.webhook\.extra: there is no such setting"),
        (webhook("https://user@platform.example/"), r"way\.0\.webhook\.url: String should match"),
        (webhook("ftp://platform.example/"), r"way\.0\.webhook\.url: String should match"),
        (webhook().replace('"s"', '"../s"'), r"way\.0\.webhook\.secret: String should match"),
        (webhook().replace("T00:00:00Z", ""), r"way\.0\.webhook\.since: "),
        (email("a@b\\nBcc: c@d"), r"way\.0\.email\.to: String should match"),
        ('[[way]]\nchannel = "pigeon"\n', r"way\.0: Input tag 'pigeon'"),
        (FILES.replace("bluesky", "../x"), r"way\.0\.files\.platform: String should match"),
    ],
)
def test_a_mistake_is_fatal_and_named(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=said):
        load_ways(written(tmp_path, text), Environment.PRODUCTION)


def test_a_missing_file_is_fatal_and_named(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"nothing\.toml"):
        load_ways(tmp_path / "nothing.toml", Environment.PRODUCTION)
