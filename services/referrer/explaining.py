"""What is remembered of a case comes in; the parts of its risk and the reasons that a reviewer reads go out."""

from collections.abc import Collection
from dataclasses import dataclass

from schemas.scoring import ContentRanked, Contribution
from services.referrer.books import Books
from services.referrer.changes import top_reasons
from services.referrer.context import Weighed
from services.referrer.memory_ports import Kept
from services.runtime.codec import decode


@dataclass(frozen=True, slots=True)
class Explained:
    """What makes the risk of a case: `parts` of the content risk, what `context` adds to them, and the reasons of both."""

    parts: tuple[Contribution, ...]
    context: tuple[Contribution, ...]
    reasons: tuple[str, ...]


def explained(books: Books, content_key: str, observation_id: str) -> Explained:
    """What explains the case in which a content stands: its riskiest copy.

    What is not remembered, or was before there was a memory, is explained by its own observation.
    """
    return explained_by(books, explaining(books, [content_key]).get(content_key), observation_id)


def explaining(books: Books, content_keys: Collection[str]) -> dict[str, Kept]:
    """Of each content that is remembered the riskiest copy, which explains the case of both."""
    kept = books.memory.kept(content_keys)
    gathered = books.memory.gathered({one.this.anchor for one in kept.values()})
    tops = {key: gathered[one.this.anchor].top for key, one in kept.items() if one.this.anchor in gathered}
    known = kept | books.memory.kept(set(tops.values()) - kept.keys())
    # Whoever only looks may see a gathering that is just changing: then the content speaks for itself.
    return {key: known.get(tops.get(key, key), one) for key, one in kept.items()}


def explained_by(books: Books, top: Kept | None, observation_id: str) -> Explained:
    """The same where the riskiest copy is at hand; None where nothing is remembered."""
    if top is None:
        content = decode(ContentRanked, books.sightings.record(observation_id))
        return Explained(content.parts, (), content.reasons)
    content = decode(ContentRanked, books.sightings.record(top.observation_id))
    return Explained(content.parts, top.weighed.parts, reasons_of(content, top.weighed))


def reasons_of(content: ContentRanked, weighed: Weighed) -> tuple[str, ...]:
    """The reasons of a content's own risk and of its context, the weightiest first."""
    own = [(part.name, part.contribution) for part in content.parts]
    return top_reasons(own, content.reasons, [part.contribution for part in weighed.parts], weighed.reasons)
