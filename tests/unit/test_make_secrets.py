"""Secrets are made where they are missing, and only there."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from deploy.make_secrets import make_missing
from deploy.validate import ROOT


def test_every_secret_that_compose_reads_is_made(tmp_path: Path) -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert set(make_missing(tmp_path)) == {Path(s["file"]).name for s in compose["secrets"].values()}


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "grafana_password").write_text("mine")
    make_missing(tmp_path)
    assert (tmp_path / "grafana_password").read_text() == "mine"


@pytest.fixture
def closed() -> Iterator[None]:
    """As in a shell that lets nobody else read what it makes."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("closed")
def test_the_services_own_users_may_read_each_file(tmp_path: Path) -> None:
    (tmp_path / "grafana_password").write_text("copied back")
    make_missing(tmp_path)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o644}


def test_a_password_of_any_characters_reaches_the_database(tmp_path: Path) -> None:
    (tmp_path / "database_password").write_text("p@ss/w:rd%")
    make_missing(tmp_path)
    address = sa.make_url((tmp_path / "referrer_database_url").read_text())
    assert (address.password, address.host, address.database) == ("p@ss/w:rd%", "database", "hub")


def test_nobody_else_may_enter_the_folder(tmp_path: Path) -> None:
    make_missing(tmp_path / "secrets")
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_the_database_url_holds_the_database_password(tmp_path: Path) -> None:
    make_missing(tmp_path)
    assert (tmp_path / "database_password").read_text() in (tmp_path / "referrer_database_url").read_text()
