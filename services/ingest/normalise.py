"""One validated observation comes in, the same without raw author, with keys and normalised texts, goes out; pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from schemas.content import AuthorFacts, ContentNormalised, ContentReceived, Engagement, NormalisedText, Reference, Text
from schemas.reasons import Reason
from schemas.vocabulary import Change, ContentFlag, TextFlag
from services.ingest.identity import (
    Pseudonyms,
    Secret,
    author_key,
    canonical,
    content_key,
    content_version,
    observation_id,
    pair_key,
)
from services.ingest.similarity import simhash
from services.ingest.urls import canonical_url
from services.runtime.codec import unchecked
from services.runtime.errors import Rejected
from services.runtime.text import GROWTH, SLACK, coarser
from services.runtime.text import normalise as normalise_text

MAXIMUM_CHARACTERS = 40_000
# Where a record is too large, a span in it leads back to a stretch of about as many characters.
FINE = 64
CLOCK_TOLERANCE = timedelta(hours=1)
REPLACEMENT = "\ufffd"
NO_ENGAGEMENT, NO_FACTS = Engagement(), AuthorFacts()


class Identity(NamedTuple):
    """What an observation is about, and which one it is."""

    content_key: str
    content_version: str
    observation_id: str


def identify(event: ContentReceived) -> Identity:
    """The keys of an observation; two collectors that saw the same at the same time give the same ones."""
    key = content_key(event.platform, event.instance, event.content_id)
    version = content_version(key, event.texts, event.media)
    edited = event.edited_at if event.edited_at is None else min(event.edited_at, event.observed_at)
    observation = observation_id(version, event.change, edited, event.observed_at, event.engagement, event.test)
    return Identity(key, version, observation)


def check_clock(event: ContentReceived, now: datetime) -> None:
    """Refuse an observation from more than an hour ahead: it would stay newer than the truth. Raises Rejected."""
    if event.observed_at - now > CLOCK_TOLERANCE:
        raise Rejected(Reason.OBSERVED_IN_FUTURE, pointer="/observed_at")


class Prepared(NamedTuple):
    """An observation with its keys and its texts undone; all that is left to do is cheap."""

    event: ContentReceived
    identity: Identity
    texts: tuple[NormalisedText, ...]
    cut: bool

    def words(self) -> str:
        """What its similarity is taken of."""
        return _words(self.texts)


def _words(texts: Sequence[NormalisedText]) -> str:
    return " ".join([text.normalised for text in texts])


def normalise(event: ContentReceived, pseudonyms: Pseudonyms) -> ContentNormalised:
    """Same observation, same secrets: same result. Raises Rejected for an address that no platform would understand."""
    prepared = prepare(event)
    return complete(prepared, simhash(prepared.words()), pseudonyms)


def prepare(event: ContentReceived) -> Prepared:
    """The first half of `normalise`, for whoever takes the similarities of many at once."""
    return Prepared(event, identify(event), *_texts(event.texts, MAXIMUM_CHARACTERS))


def complete(prepared: Prepared, similarity: str | None, pseudonyms: Pseudonyms) -> ContentNormalised:
    """The second half of `normalise`. Raises Rejected for an address that no platform would understand."""
    event, (key, version, observation), texts, cut = prepared
    secrets = pseudonyms.secrets(event.observed_at)
    observed = _utc(event.observed_at)
    published = min(_utc(event.published_at), observed)
    edited = min(_utc(event.edited_at), observed) if event.edited_at else None
    relation = event.relation
    return unchecked(
        ContentNormalised,
        schema_version="1",
        event_id=_storable(event.event_id),
        collector=event.collector,
        platform=event.platform,
        instance=event.instance,
        content_id=_storable(event.content_id),
        url=canonical_url(event.url) if event.url else None,
        kind=event.kind,
        change=event.change,
        content_key=key,
        content_version=version,
        observation_id=observation,
        event_time=_event_time(event.change, published, edited, observed),
        author_key=_author_key(event, secrets[0]),
        previous_author_key=_author_key(event, secrets[1]) if len(secrets) > 1 else None,
        author=_facts(event),
        pair_keys=_pair_keys(event, secrets),
        thread_key=_thread_key(event, key),
        similarity=similarity,
        texts=texts,
        media=event.media,
        in_reply_to_key=_key_of(event, relation.in_reply_to) if relation else None,
        quotes_key=_key_of(event, relation.quotes) if relation else None,
        engagement=event.engagement or NO_ENGAGEMENT,
        published_at=published,
        edited_at=edited,
        observed_at=observed,
        place=_storable(event.place) if event.place else None,
        audience_country=event.audience_country,
        tags=tuple([_storable(tag) for tag in event.tags]) if event.tags else (),
        flags=_flags(event, cut),
        test=event.test,
    )


def smaller(content: ContentNormalised) -> Iterator[ContentNormalised]:
    """The same in ever fewer bytes, for a record that has become too large to be sent.

    First with a map that leads back less finely, then with a normal form that is no longer than the text: so every word is kept. What
    is still too large loses half of its text, and half of that; it is flagged, as a text is that does not stand in full.
    """
    yield _coarse(content)
    room = MAXIMUM_CHARACTERS
    for growth in (2, 1):
        yield _coarse(_again(content, room, growth))
    content = content.model_copy(update={"flags": _flagged(content.flags)})
    while content.texts:
        room = sum(len(text.original) for text in content.texts) // 2
        content = _coarse(_again(content, room, growth=1))
        yield content


def _coarse(content: ContentNormalised) -> ContentNormalised:
    texts = [text.model_copy(update={"offsets": coarser(text.offsets, FINE)}) for text in content.texts]
    return content.model_copy(update={"texts": tuple(texts)})


def _again(content: ContentNormalised, room: int, growth: int) -> ContentNormalised:
    said = [unchecked(Text, role=text.role, text=text.original, language=text.language) for text in content.texts]
    texts, _ = _texts(said, room, growth, slack=0)
    return content.model_copy(update={"texts": texts, "similarity": simhash(_words(texts))})


def _flagged(flags: tuple[ContentFlag, ...]) -> tuple[ContentFlag, ...]:
    return (*(flag for flag in flags if flag is not ContentFlag.TRUNCATED), ContentFlag.TRUNCATED)


def _utc(at: datetime) -> datetime:
    """The moment in UTC; posters may claim one before the year 1 or after 9999, which becomes the nearest there is."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return (datetime.min if at.year == 1 else datetime.max).replace(tzinfo=UTC)


def _event_time(change: Change, published: datetime, edited: datetime | None, observed: datetime) -> datetime:
    """When it was said, as far as the poster lets us know; an edit without a time counts from when it was seen.

    What somebody sees for the first time, or counts anew, after an edit says what the edit said.
    """
    if change is Change.DELETED or edited is None:
        return observed if change is Change.EDITED else published
    return edited


def _flags(event: ContentReceived, cut: bool) -> tuple[ContentFlag, ...]:
    found: list[ContentFlag] = []
    if event.published_at > event.observed_at:
        found.append(ContentFlag.PUBLISHED_CLAMPED)
    if event.edited_at is not None and event.edited_at > event.observed_at:
        found.append(ContentFlag.EDITED_CLAMPED)
    if cut:
        found.append(ContentFlag.TRUNCATED)
    return tuple(found)


def _texts(
    texts: Sequence[Text], room: int, growth: int = GROWTH, slack: int = SLACK
) -> tuple[tuple[NormalisedText, ...], bool]:
    """Texts with obfuscation undone, so many original characters in all, and whether something was cut."""
    done: list[NormalisedText] = []
    cut = False
    for text, share in zip(texts, _shares([len(text.text) for text in texts], room), strict=True):
        over = len(text.text) > share
        cut = cut or over
        original = _storable(text.text[:share])
        if not original:
            continue
        plain, runs, flags = normalise_text(original, growth, slack)
        if over and TextFlag.TRUNCATED not in flags:
            flags = (TextFlag.TRUNCATED, *flags)
        done.append(
            unchecked(
                NormalisedText,
                role=text.role,
                original=original,
                normalised=plain,
                offsets=runs,
                language=text.language,
                flags=flags,
            )
        )
    return tuple(done), cut


def _shares(lengths: Sequence[int], room: int) -> list[int]:
    """How much of each text is kept: short ones whole, so that a long one hides no other; the long ones share what is left alike."""
    shares = [0] * len(lengths)
    by_length = sorted(range(len(lengths)), key=lengths.__getitem__)
    for before, at in enumerate(by_length):
        shares[at] = min(lengths[at], room // (len(lengths) - before))
        room -= shares[at]
    return shares


def _storable(text: str) -> str:
    """The same text, one for one, without U+0000, which no database column of text can hold."""
    return text.replace("\x00", REPLACEMENT)


def _facts(event: ContentReceived) -> AuthorFacts:
    if event.author is None:
        return NO_FACTS
    return unchecked(AuthorFacts, followers=event.author.followers, verified=event.author.verified)


def _author_key(event: ContentReceived, secret: Secret) -> str | None:
    return author_key(secret, event.platform, event.instance, event.author.id) if event.author else None


def _pair_keys(event: ContentReceived, secrets: Sequence[Secret]) -> tuple[str, ...]:
    """One key per person whom the author answers, quotes or mentions (two during a rotation), in a stable order."""
    if event.author is None or event.relation is None:
        return ()
    relation, own = event.relation, (event.instance, event.author.id)
    others = {
        (ref.instance or event.instance, ref.author_id)
        for ref in (relation.in_reply_to, relation.quotes)
        if ref and ref.author_id
    }
    others |= {(mention.instance or event.instance, mention.author_id) for mention in relation.mentions}
    ordered = sorted(others - {own}, key=canonical)
    return tuple(pair_key(secret, event.platform, own, other) for secret in secrets for other in ordered)


def _key_of(event: ContentReceived, reference: Reference | None) -> str | None:
    if reference is None:
        return None
    return content_key(event.platform, reference.instance or event.instance, reference.content_id)


def _thread_key(event: ContentReceived, own: str) -> str | None:
    """Key of the content that began the thread: content that answers nothing began its own; unknown for deletions."""
    relation = event.relation
    if relation is not None and (root := relation.thread or relation.in_reply_to) is not None:
        return _key_of(event, root)
    return None if event.change is Change.DELETED else own
