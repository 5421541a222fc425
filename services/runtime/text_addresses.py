"""A text under way and edits of its letters in, the text with those edits outside addresses and names of people out."""

import re

from schemas.vocabulary import TextFlag
from services.runtime.text_map import Edit, Work

# Addresses and names of people: spelling is part of what they are.
_TOKEN = re.compile(r"\S+")
# `://`, `www.`, `a@b...c.d`, `@name`, `.com`, `.anything/`; each from its rare sign on, so that plain text is passed over quickly.
_ADDRESS = re.compile(
    r"://|@(?:(?<=\w@)\w[^@]*\.\w|(?<!\w@)\w)|\.(?:(?<=www\.)|(?:com|net|org|uk|dev|info|app|social)(?!\w)|[a-z]{2,10}/)"
)


def replace_outside_addresses(work: Work, edits: list[Edit], *, obfuscated: bool = True) -> None:
    """Apply ordered edits that touch no address; `obfuscated` says whether one of them undoes a disguise."""
    if not edits:
        return
    if _ADDRESS.search(work.text):
        kept = {at for m in _TOKEN.finditer(work.text) if _ADDRESS.search(m.group()) for at in range(*m.span())}
        edits = [edit for edit in edits if edit[0] not in kept and edit[1] - 1 not in kept]
    if edits:
        work.replace(edits)
        if obfuscated:
            work.flags.add(TextFlag.OBFUSCATED)
