"""A folder comes in; the whole hub on this machine goes out: broker, topics, keys, people, three services; leaving it stops them all."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.demo.floors import without_floors
from deploy.demo.monitoring import Monitoring, prometheus_binary
from deploy.kafka.broker import LocalBroker, free_port
from deploy.processes import ServiceProcess
from schemas.topics import SHAPES
from schemas.vocabulary import Environment
from services.ingest.adapters.keys_file import KeysFile
from services.ingest.credentials import ALL_PLATFORMS, Keyring, new_key
from services.referrer.accounts import new_person
from services.referrer.adapters.database import SqlDatabase
from services.referrer.cli import OPERATOR, put_person
from services.referrer.policy import PACKAGED as REFERRER_POLICY
from services.referrer.roles import Role
from services.referrer.sessions import SignIn
from services.referrer.settings import ReferrerSettings
from services.runtime.clock import SystemClock
from services.runtime.settings import KafkaSettings
from services.runtime.topics_cli import create_missing
from services.scorer.policy import PACKAGED as SCORER_POLICY
from services.scorer.settings import ClassifierChoice

PEOPLE = {"ada": Role.REVIEWER, "ben": Role.LEAD}
# One collector publishes the whole demo; its rate must not be what the demo waits for.
EVENTS_PER_SECOND, BYTES_PER_SECOND = 20_000.0, 64_000_000.0


class Stack:
    """Everything the demo runs. Each start begins with an empty folder of its own and free ports."""

    def __init__(
        self,
        folder: Path,
        say: Callable[[str], None],
        *,
        everything: bool = False,
        classifier: ClassifierChoice = ClassifierChoice.CASCADE,
    ) -> None:
        """With `everything`, even the most harmless content comes before the desk; `classifier` is what scores."""
        self.folder = folder
        self._everything = everything
        self._classifier = classifier
        self._say = say
        self._leaving = ExitStack()
        self.broker = LocalBroker(folder / "kafka")
        self.door = f"http://127.0.0.1:{free_port()}"
        self.desk = f"http://127.0.0.1:{free_port()}"
        self.services: list[ServiceProcess] = []
        self.collector_key = ""
        self.prometheus: str | None = None
        self.reviewer_tokens: tuple[str, str] = ("", "")
        # For this run alone; whoever reads it off the screen can sign in as either of the two.
        self.password = secrets.token_urlsafe(12)

    @property
    def kafka(self) -> KafkaSettings:
        """How to reach the broker."""
        return KafkaSettings(bootstrap=self.broker.bootstrap)

    @property
    def database_url(self) -> str:
        """Where the referrer keeps what it must remember."""
        return f"sqlite:///{self.folder / 'referrer.db'}"

    def places(self) -> dict[str, str]:
        """Where a person can look."""
        found = {"door": self.door, "desk": self.desk, "sign in": f"{' or '.join(PEOPLE)}, password {self.password}"}
        found["Kafka"] = self.broker.bootstrap
        found |= {service.name: f"http://127.0.0.1:{service.probes_port}/metrics" for service in self.services}
        return found | ({"Prometheus": self.prometheus} if self.prometheus else {})

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._start()
        # Whoever is interrupted while it starts has nothing else that would stop what runs already.
        except BaseException:
            self._leaving.close()
            raise
        return self

    def _start(self) -> None:
        self._say("starting Apache Kafka")
        self._leaving.enter_context(self.broker)
        asyncio.run(create_missing(self.kafka, SHAPES[Environment.LOCAL]))
        self._make_key()
        environment = self._environment()
        for module in ("services.ingest", "services.scorer", "services.referrer"):
            service = ServiceProcess(module, environment, self.folder / "logs")
            self._say(f"starting {service.name}")
            self._leaving.callback(service.stop)
            self.services.append(service.start(wait=False))
        for service in self.services:
            service.wait_ready()
        self._hire()
        if (binary := prometheus_binary()) is not None:
            self._say("starting Prometheus")
            ports = [service.probes_port for service in self.services]
            self.prometheus = self._leaving.enter_context(Monitoring(binary, self.folder / "prometheus", ports)).address

    def _make_key(self) -> None:
        key, grant = new_key("demo", (ALL_PLATFORMS,), EVENTS_PER_SECOND, BYTES_PER_SECOND, datetime.now(UTC))
        KeysFile(self.folder / "ingest-keys.json").write(Keyring().with_grant(grant))
        self.collector_key = key

    def _hire(self) -> None:
        """Two people who review; their tokens and their password are for this run."""
        database = SqlDatabase(self.database_url)
        tokens = []
        sign_in = SignIn(database, SystemClock(), ReferrerSettings().session())
        for pseudonym, role in PEOPLE.items():
            token, person = new_person(pseudonym, pseudonym.title(), role, datetime.now(UTC))
            database.write(partial(put_person, person=person))
            sign_in.set_password(pseudonym, self.password, OPERATOR)
            tokens.append(token)
        database.close()
        self.reviewer_tokens = (tokens[0], tokens[1])

    def _environment(self) -> dict[str, str]:
        return {
            "KAFKA_BOOTSTRAP": self.broker.bootstrap,
            "HUB_ENVIRONMENT": Environment.LOCAL.value,
            "INGEST_AUTHOR_SECRET": secrets.token_urlsafe(36),
            "INGEST_KEYS_FILE": str(self.folder / "ingest-keys.json"),
            "SCORER_CLASSIFIER": self._classifier.value,
            "INGEST_DOOR_PORT": self.door.rpartition(":")[2],
            "REFERRER_HTTP_PORT": self.desk.rpartition(":")[2],
            "REFERRER_DATABASE_URL": self.database_url,
            **(self._lowered() if self._everything else {}),
        }

    def _lowered(self) -> dict[str, str]:
        files = {"SCORER_POLICY_FILE": SCORER_POLICY, "REFERRER_POLICY_FILE": REFERRER_POLICY}
        return {name: str(without_floors(file, self.folder)) for name, file in files.items()}

    def __exit__(self, kind: type[BaseException] | None, why: BaseException | None, at: TracebackType | None) -> None:
        self._say("stopping")
        self._leaving.close()
