"""Lines of bytes come in; the same lines go out without the mark that some editors and spreadsheets put before the first one. Pure."""

import codecs
from collections.abc import Iterable, Iterator


def unmarked(lines: Iterable[bytes]) -> Iterator[bytes]:
    """RFC 8259, 8.1, lets a reader pass over a byte order mark; JSON readers here refuse it."""
    for number, line in enumerate(lines):
        yield line if number else line.removeprefix(codecs.BOM_UTF8)
