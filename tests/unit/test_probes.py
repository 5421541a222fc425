"""Probes answer whoever asks, whatever others do."""

import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from services.runtime.errors import Fatal
from services.runtime.probes import Health, ProbeServer

HOST = "127.0.0.1"


@pytest.fixture
def health() -> Health:
    return Health(120.0)


def test_records_that_wait_while_none_is_finished_are_a_stall(health: Health) -> None:
    health.lag = 5
    assert not health.stalled()
    health.progress -= 500.0
    health._waiting_since -= 500.0
    assert health.stalled()


def test_the_first_records_after_a_quiet_hour_are_none(health: Health) -> None:
    health.progress -= 3_600.0
    health.lag = 5
    assert not health.stalled()


@pytest.fixture
def server(health: Health) -> Iterator[ProbeServer]:
    running = ProbeServer(health, HOST, 0)
    running.start()
    yield running
    running.stop()


def status(server: ProbeServer, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{server.port}{path}", timeout=2) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def test_a_process_that_lives_and_has_not_started_says_both(server: ProbeServer) -> None:
    assert [status(server, path) for path in ("/livez", "/readyz", "/startupz", "/metrics", "/x")] == [
        200, 503, 503, 200, 404,
    ]  # fmt: skip


def test_a_process_is_ready_when_all_that_it_expects_is_there(server: ProbeServer, health: Health) -> None:
    health.expect("topics")
    health.started = True
    assert status(server, "/readyz") == 503
    health.set("topics", True)
    assert status(server, "/readyz") == 200


def test_somebody_who_connects_and_asks_nothing_holds_up_nobody(server: ProbeServer) -> None:
    with socket.create_connection((HOST, server.port)):
        assert status(server, "/livez") == 200


def test_somebody_who_asks_nothing_does_not_hold_up_the_end_of_the_process(health: Health) -> None:
    server = ProbeServer(health, HOST, 0)
    server.start()
    with socket.create_connection((HOST, server.port)):
        ending = threading.Thread(target=server.stop, daemon=True)
        ending.start()
        ending.join(3.0)
        assert not ending.is_alive()


def test_a_port_that_is_taken_is_named(server: ProbeServer, health: Health) -> None:
    with pytest.raises(Fatal, match=f"port {server.port}"):
        ProbeServer(health, HOST, server.port).start()
