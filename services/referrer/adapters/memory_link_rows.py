"""An entry of the memory comes in; the rows by which others find it go out."""

from typing import Any

from services.referrer.relations import author_of
from services.referrer.remembered import Remembered, context_links, copy_links, link

# What lies in the tables of links for content that is withdrawn or of nobody known: it is found by whom it concerned, and never
# chosen, as it would take a place for nothing.
WITHDRAWN = -1.0
Row = dict[str, Any]


def links_of(entry: Remembered | None) -> list[Row]:
    """By whom and what others find the entry; none of what is not remembered."""
    if entry is None:
        return []
    risk = WITHDRAWN if entry.withdrawn or not entry.authors else entry.risk
    author = author_of(entry)
    return [
        {"link": n, "at": entry.at, "content_key": entry.key, "risk": risk, "author": author}
        for n in context_links(entry)
    ]


def copy_numbers(entry: Remembered) -> list[int]:
    """The links that copies of the entry share with it."""
    return sorted({link("k", name, entry.test) for name in copy_links(entry)})


def copy_links_of(entry: Remembered | None) -> list[Row]:
    """The same links as rows, anchors apart from all others."""
    if entry is None:
        return []
    is_anchor = int(entry.anchor == entry.key)
    return [
        {"link": n, "is_anchor": is_anchor, "seen": entry.seen, "content_key": entry.key} for n in copy_numbers(entry)
    ]
