"""The local broker is a real one: it keeps data, survives a kill, and is told apart from what is not it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner

from deploy.kafka.broker import BrokerError, LocalBroker, answers, free_port, local_folder
from deploy.kafka.cli import app, state_file
from deploy.kafka.jars import LOCK, class_path
from schemas.topics import RECEIVED, SHAPES, TOPICS
from schemas.vocabulary import Environment
from services.runtime.errors import Fatal
from services.runtime.reading import Reader
from services.runtime.settings import KafkaSettings
from services.runtime.topics_cli import differences

pytestmark = pytest.mark.broker


def with_jars(folder: Path) -> None:
    """A folder of local brokers that has the jars already and no broker."""
    (folder / "kafka").mkdir()
    (folder / "kafka" / "jars").symlink_to(local_folder() / "kafka" / "jars")


async def write(broker: LocalBroker, value: bytes, timestamp_ms: int | None = None) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    await producer.send_and_wait(RECEIVED.name, value, key=b"k", timestamp_ms=timestamp_ms)
    await producer.stop()


async def read(broker: LocalBroker) -> list[bytes | None]:
    async with Reader(KafkaSettings(bootstrap=broker.bootstrap)) as reader:
        return [record.value async for record in reader.records([RECEIVED.name])]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"replication_factor": 3}, ["replication factor 1, not 3"]),
        ({"partitions": 12}, ["4 partitions, not 12"]),
        ({"min_insync_replicas": 2}, ["min.insync.replicas is 1, not 2"]),
    ],
)
def test_topics_that_are_not_as_the_table_says_are_told(
    hub_kafka: LocalBroker, changes: dict[str, int], told: list[str]
) -> None:
    shape = replace(SHAPES[Environment.LOCAL], **changes)
    found = asyncio.run(differences(KafkaSettings(bootstrap=hub_kafka.bootstrap), shape))
    assert found == dict.fromkeys(TOPICS, told)


def test_records_survive_a_restart_and_a_kill(own_kafka: LocalBroker) -> None:
    asyncio.run(write(own_kafka, b"one"))
    own_kafka.restart()
    asyncio.run(write(own_kafka, b"two"))
    own_kafka.kill()
    own_kafka.start()
    assert asyncio.run(read(own_kafka)) == [b"one", b"two"]


def test_a_record_that_its_sender_dates_back_is_kept_as_long_as_any_other(own_kafka: LocalBroker) -> None:
    """Retention goes by a record's time: it would be removed within minutes, read or not, and no audit could tell."""
    begun = time.time()
    asyncio.run(write(own_kafka, b"old", timestamp_ms=int((begun - 8 * 86_400) * 1000)))
    asyncio.run(write(own_kafka, b"from tomorrow", timestamp_ms=int((begun + 86_400) * 1000)))

    async def times() -> list[int]:
        async with Reader(KafkaSettings(bootstrap=own_kafka.bootstrap)) as reader:
            return [record.timestamp_ms async for record in reader.records([RECEIVED.name])]

    found = asyncio.run(times())
    assert len(found) == 2
    assert all(begun - 60 < at / 1000 < begun + 60 for at in found)


def test_a_broker_that_runs_is_not_started_twice(kafka: LocalBroker) -> None:
    with pytest.raises(BrokerError, match="runs already"):
        kafka.start()


def test_a_second_broker_on_the_same_data_says_why_it_cannot_start(kafka: LocalBroker) -> None:
    properties = (kafka.data_dir / "server.properties").read_bytes()
    with pytest.raises(BrokerError, match="another broker runs on"):
        LocalBroker(kafka.data_dir).start()
    assert (kafka.data_dir / "server.properties").read_bytes() == properties


def test_data_that_a_broker_runs_on_are_not_thrown_away(
    kafka: LocalBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_LOCAL_DIR", str(tmp_path))
    words = ["start", "--fresh", "--port", "0", "--data-dir", str(kafka.data_dir)]
    assert isinstance(CliRunner().invoke(app, words).exception, BrokerError)
    assert (kafka.data_dir / "log" / "meta.properties").exists()


def test_a_port_that_somebody_listens_at_is_refused(tmp_path: Path) -> None:
    """Its answer would be taken for the broker's, and the hub's topics be made in what may be somebody's own Kafka."""
    with socket.create_server(("127.0.0.1", 0)) as somebody, pytest.raises(BrokerError, match="listens at"):
        LocalBroker(tmp_path / "kafka", somebody.getsockname()[1]).start()
    assert not (tmp_path / "kafka").exists()


def test_a_broker_that_ends_while_it_starts_says_how(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(BrokerError, match="ended with"):
            LocalBroker(tmp_path, taken.getsockname()[1]).start()


def test_whoever_interrupts_a_start_by_command_leaves_no_broker(tmp_path: Path) -> None:
    with_jars(tmp_path)
    log = tmp_path / "kafka" / "data" / "broker.log"
    with subprocess.Popen(
        [sys.executable, "-c", "from services.cli import main; main()", "kafka", "start", "--port", "0"],
        env=os.environ | {"HUB_LOCAL_DIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as starting:
        deadline = time.monotonic() + 60.0
        while not log.exists():
            assert time.monotonic() < deadline, "it never began"
            time.sleep(0.01)
        starting.send_signal(signal.SIGINT)
        starting.wait(60.0)
    assert starting.returncode != 0
    assert not [one for one in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(one.info["cmdline"] or ())]


def test_a_connection_that_met_itself_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    with socket.socket() as alone:
        alone.bind(("127.0.0.1", port))
        alone.connect(("127.0.0.1", port))
        monkeypatch.setattr(socket, "create_connection", lambda *_, **__: alone)
        assert not answers(port)


def test_a_jar_with_a_wrong_byte_is_named(tmp_path: Path) -> None:
    repository = tmp_path / "jars"
    for jar in class_path(local_folder() / "kafka" / "jars"):
        copy = repository / jar.relative_to(local_folder() / "kafka" / "jars")
        copy.parent.mkdir(parents=True)
        copy.symlink_to(jar)
    wrong = next(repository.rglob("kafka-clients-*.jar"))
    content = bytearray(wrong.read_bytes())
    wrong.unlink()
    content[100] ^= 1
    wrong.write_bytes(content)
    with pytest.raises(Fatal, match="kafka-clients"):
        class_path(repository)


def test_the_lock_file_names_a_digest_for_every_jar_and_no_address() -> None:
    text = LOCK.read_text()
    assert text.count("sha256 = ") == text.count("[[dependencies]]")
    assert "://" not in text


def test_start_status_stop_by_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_jars(tmp_path)
    monkeypatch.setenv("HUB_LOCAL_DIR", str(tmp_path))
    run = CliRunner()
    assert run.invoke(app, ["status"]).exit_code == 3
    started = run.invoke(app, ["start", "--port", str(free_port())])
    status = run.invoke(app, ["status"])
    again = run.invoke(app, ["start"])
    stopped = run.invoke(app, ["stop"])
    assert (started.exit_code, status.exit_code, stopped.exit_code) == (0, 0, 0)
    assert "14 topics" in status.output
    assert isinstance(again.exception, Fatal)
    assert run.invoke(app, ["stop"]).output == "no broker runs\n"


def test_a_recycled_process_id_is_not_taken_for_the_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_LOCAL_DIR", str(tmp_path))
    state_file().parent.mkdir(parents=True)
    state_file().write_text(f'{{"pid":{psutil.Process().pid},"began":1.0,"port":1,"data_dir":"x"}}')
    assert CliRunner().invoke(app, ["stop"]).output == "no broker runs\n"
