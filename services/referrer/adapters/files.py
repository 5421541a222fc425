"""A parcel comes in; its JSON and its notice, as a page and as a PDF, lie in a folder, whole or not at all."""

import asyncio
import os
import secrets
from pathlib import Path

from services.referrer.delivery import TEST_REFUSED, Again, Answer, Channel, Parcel, Refused, Taken
from services.referrer.exports.notice import html_notice


class Files:
    """Writes into one folder; names are referral ids, so nothing that a poster controls becomes a path."""

    channel = Channel.FILES

    def __init__(self, folder: Path, fonts: Path | None = None) -> None:
        self._folder = folder
        self._fonts = fonts

    async def deliver(self, parcel: Parcel) -> Answer:
        """Write all three; those that lie there with the same bytes stay, those with other bytes are never overwritten."""
        if parcel.request.test:
            return Refused(TEST_REFUSED)
        try:
            return await asyncio.to_thread(self._write, parcel)
        except OSError as why:
            return Again(f"not written: {why.strerror}")

    def _write(self, parcel: Parcel) -> Answer:
        # Its libraries of fonts and pictures are large: a referrer that draws nothing starts sooner and smaller without them.
        from services.referrer.exports.pdf import pdf_notice  # noqa: PLC0415

        self._folder.mkdir(parents=True, exist_ok=True)
        name = str(parcel.request.referral_id)
        # The JSON last: whoever waits for it finds the notice beside it.
        self._put(f"{name}.html", html_notice(parcel.request).encode())
        self._put(f"{name}.pdf", pdf_notice(parcel.request, self._fonts))
        written = self._put(f"{name}.json", parcel.body)
        if written is None:
            return Refused(f"{name}.json lies there with other bytes")
        return Taken(f"{name}.json", repeat=not written)

    def _put(self, name: str, raw: bytes) -> bool | None:
        """True when written, False when the same bytes lay there, None when other bytes did."""
        target = self._folder / name
        if target.exists():
            return False if target.read_bytes() == raw else None
        part = self._folder / f".{name}.{secrets.token_hex(4)}.part"
        try:
            with part.open("xb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            # A link instead of a rename: of two writers the second fails instead of replacing what the first wrote.
            os.link(part, target)
        finally:
            part.unlink(missing_ok=True)
        return True
