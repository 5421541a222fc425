"""The keys file: read again when it changes, written whole and readable by its owner only."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.ingest.credentials import Keyring
from services.runtime.errors import Fatal

LOOK_SECONDS = 1.0


class KeysFile:
    """The keyring in a file. A revoked key stops working within about a second, without a restart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keyring = Keyring()
        self._seen: tuple[int, int, int] | None = None
        self._look_due = 0.0

    def read(self) -> Keyring:
        """The keys now. Raises Fatal when the file is missing or broken."""
        try:
            return Keyring.from_bytes(self._path.read_bytes())
        except OSError as why:
            raise Fatal(f"keys file {self._path.name}: {why.strerror}; make one with `hub keys create`") from why

    def missing(self) -> bool:
        """Whether nobody has made a key yet."""
        return not self._path.exists()

    def current(self) -> Keyring:
        """The keys as of about a second ago; the last good ones while the file is missing or broken."""
        now = time.monotonic()
        if now < self._look_due:
            return self._keyring
        self._look_due = now + LOOK_SECONDS
        try:
            stat = self._path.stat()
            mark = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if mark != self._seen:
                self._keyring = self.read()
                self._seen = mark
        except (OSError, Fatal):
            return self._keyring
        return self._keyring

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Held from reading to writing by whoever changes the keys: others wait, as the later one would undo the earlier one's.

        Raises Fatal where nothing can be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # A file of its own: the keys file is another one after each change.
            with self._path.with_name(self._path.name + ".lock").open("w") as turn:
                fcntl.flock(turn, fcntl.LOCK_EX)
                yield
        except OSError as why:
            raise Fatal(f"keys file {self._path.name}: {why.strerror}") from why

    def write(self, keyring: Keyring) -> None:
        """Replace the file in one step. Whoever read it for that does both within `changing`."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(self._path.name + ".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(keyring.to_bytes())
        fresh.replace(self._path)
