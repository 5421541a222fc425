"""The ledger's head comes in; a signed checkpoint goes out, against which a cut or rewritten chain is found and located. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.referrer.ledger import GENESIS, Break, Entry, first_break
from services.runtime.errors import Fatal

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """That the ledger had this head at this time; `key_id` is the beginning of the public key that the signature is made with."""

    seq: int
    hash: str
    at: datetime
    key_id: str
    signature: bytes

    def signed(self) -> bytes:
        """What the signature is over."""
        return orjson.dumps(
            [self.seq, self.hash, self.at.astimezone(UTC).isoformat(timespec="microseconds"), self.key_id]
        )


class Signer:
    """Signs checkpoints with one Ed25519 key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """Read 64 hex digits. Raises Fatal for anything else, without quoting it."""
        try:
            return cls(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text.strip())))
        except ValueError as why:
            raise Fatal("the checkpoint key is not 64 hex digits; make one with `hub ledger key`") from why

    def sign(self, head: Entry, at: datetime) -> Checkpoint:
        """A checkpoint of the ledger as it ends now."""
        checkpoint = Checkpoint(head.seq, head.hash, at, key_id(self.public), b"")
        return replace(checkpoint, signature=self._key.sign(checkpoint.signed()))


def key_id(public: bytes) -> str:
    """A short name of a public key."""
    return public.hex()[:16]


def new_key() -> str:
    """A fresh private key as 64 hex digits."""
    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


def public_key(text: str) -> bytes:
    """Read a public key of 64 hex digits. Raises Fatal for anything else."""
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text.strip())).public_bytes_raw()
    except ValueError as why:
        raise Fatal("the public key is not 64 hex digits") from why


def is_genuine(checkpoint: Checkpoint, public: bytes) -> bool:
    """Whether the signature is that key's."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(checkpoint.signature, checkpoint.signed())
    except InvalidSignature:
        return False
    return True


class Check:
    """Follows a ledger from its first entry on, a stretch at a time, and holds checkpoints against it."""

    def __init__(self, checkpoints: Sequence[Checkpoint], public: Iterable[bytes]) -> None:
        self._keys = {key_id(key): key for key in public}
        self._expected = {checkpoint.seq: checkpoint for checkpoint in checkpoints}
        self._seq, self._hash = 0, GENESIS
        self.broken = self._forged(checkpoints)

    def _forged(self, checkpoints: Sequence[Checkpoint]) -> Break | None:
        for checkpoint in checkpoints:
            key = self._keys.get(checkpoint.key_id)
            if key is None:
                return Break(checkpoint.seq, f"its checkpoint is signed with another key, {checkpoint.key_id}")
            if not is_genuine(checkpoint, key):
                return Break(checkpoint.seq, "the signature of its checkpoint is false")
        return None

    def feed(self, entries: Sequence[Entry]) -> Break | None:
        """Follow the next entries; gives the first break so far."""
        if self.broken is not None or not entries:
            return self.broken
        self.broken = first_break(entries, self._seq, self._hash)
        for entry in entries:
            if self.broken is not None and entry.seq >= self.broken.seq:
                break
            expected = self._expected.get(entry.seq)
            if expected is not None and expected.hash != entry.hash:
                self.broken = Break(entry.seq, f"it was another one when its checkpoint was signed at {expected.at}")
                break
        self._seq, self._hash = entries[-1].seq, entries[-1].hash
        return self.broken

    def end(self) -> Break | None:
        """No entries are left; gives the first break of all, a cut end included."""
        last = max(self._expected, default=0)
        if self.broken is None and last > self._seq:
            at = self._expected[last].at
            self.broken = Break(self._seq + 1, f"the ledger was cut: it had {last} entries at {at}, now {self._seq}")
        return self.broken

    @property
    def unsealed(self) -> bool:
        """Whether there are entries and a key but no checkpoint: a chain that was made anew as a whole holds, too."""
        return bool(self._keys) and not self._expected and self._seq > 0

    @property
    def head(self) -> tuple[int, str]:
        """Number and hash of the last entry that was followed."""
        return self._seq, self._hash
