"""The ledger and the time come in; a signed checkpoint of its head goes into the database and into the log, out of reach of one alone."""

import os
from pathlib import Path

import structlog

from services.referrer.books import Books, Database
from services.referrer.checkpoints import Checkpoint, Signer, new_key
from services.referrer.settings import ReferrerSettings
from services.runtime.clock import Clock
from services.runtime.errors import Fatal


class Sealing:
    """Signs the ledger's head again and again; the leader does it."""

    def __init__(self, database: Database, signer: Signer, clock: Clock, log: structlog.stdlib.BoundLogger) -> None:
        self._database = database
        self._signer = signer
        self._clock = clock
        self._log = log

    def seal(self) -> Checkpoint | None:
        """A checkpoint of the present head; None where nothing was added since the last one."""
        checkpoint = self._database.write(self._sealed)
        if checkpoint is not None:
            # Whoever cuts the ledger and its checkpoints in the database still has to find every copy of this line.
            self._log.info(
                "ledger_checkpoint", seq=checkpoint.seq, hash=checkpoint.hash, at=checkpoint.at.isoformat(),
                key_id=checkpoint.key_id, signature=checkpoint.signature.hex(),
            )  # fmt: skip
        return checkpoint

    def _sealed(self, books: Books) -> Checkpoint | None:
        head = books.ledger.last()
        if head is None or books.ledger.sealed() >= head.seq:
            return None
        checkpoint = self._signer.sign(head, self._clock.now())
        books.ledger.add_checkpoint(checkpoint)
        return checkpoint


def signer_of(settings: ReferrerSettings) -> Signer | None:
    """The key in the settings, else one beside the embedded database, made at first use; None for a server without a key.

    Raises Fatal for a key that is none.
    """
    if settings.checkpoint_key is not None:
        return Signer.from_hex(settings.checkpoint_key.get_secret_value())
    database = settings.database_file()
    return Signer.from_hex(_key_beside(database)) if database is not None else None


def _key_beside(database: Path) -> str:
    path = database.with_name(database.name + ".checkpoint-key")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(new_key())
    except FileExistsError:
        pass
    except OSError as why:
        raise Fatal(f"{path.name} cannot be written: {why.strerror}") from why
    return path.read_text()
