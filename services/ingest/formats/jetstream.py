"""A message of Bluesky's Jetstream (v1) comes in; posts made, changed and deleted go out, all else is ignored by its name.

Shapes: the Jetstream README and the lexicons app.bsky.feed.post, app.bsky.embed.*, app.bsky.richtext.facet.
"""

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from services.ingest.formats.common import (
    Ignored,
    Result,
    Seen,
    body,
    count,
    event,
    fault,
    items,
    language,
    member,
    need,
    web_address,
    when,
)
from services.ingest.formats.common import text as text_at
from services.ingest.formats.html_text import leads_elsewhere

PLATFORM = "bluesky"
POSTS = "app.bsky.feed.post"
LONGEST_NAME = 100
_CHANGES = {"create": "created", "update": "edited", "delete": "deleted"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A CIDv1 of raw bytes by SHA-256: base32, then version, codec, hash and its length, then the hash.
_SHA256_CID = b"\x01\x55\x12\x20"


def convert(payload: Any, seen: Seen) -> list[Result]:
    """One Jetstream message. Raises Rejected for one that is none."""
    kind = need(payload, str, "kind")
    if kind != "commit":
        return [Ignored(kind[:LONGEST_NAME])]
    collection = need(payload, str, "commit", "collection")
    if collection != POSTS:
        return [Ignored(collection[:LONGEST_NAME])]
    return [_post(payload, seen)]


def _post(payload: Any, seen: Seen) -> Result:
    did, key = need(payload, str, "did"), need(payload, str, "commit", "rkey")
    observed = _observed(payload)
    change = _CHANGES.get(need(payload, str, "commit", "operation"))
    if change is None:
        raise fault("create, update or delete is expected", "/commit/operation")
    address = f"at://{did}/{POSTS}/{key}"
    values = {
        "event_id": f"{address}@{text_at(payload, 'commit', 'rev') or ''}",
        "platform": PLATFORM,
        "content_id": address,
        "change": change,
        "observed_at": observed,
    }
    if change == "deleted":
        return event(seen, values)
    record = need(payload, dict, "commit", "record")
    embeds = list(_embeds(record))
    texts = _texts(record, embeds)
    media = [medium for embed in embeds for medium in _media(embed, did)]
    if not texts and not media:
        # An edit that leaves nothing takes back what was said.
        emptied = change == "edited"
        return event(seen, values | {"change": "deleted"}) if emptied else Ignored("post without words or media")
    quoted = next((uri for embed in embeds if (uri := _quoted(embed)) is not None), None)
    return event(
        seen,
        values
        | {
            "url": f"https://bsky.app/profile/{did}/post/{key}",
            "kind": "reply" if member(record, "reply") else "quote" if quoted else "post",
            "author": {"id": did},
            "texts": texts,
            "media": media,
            "relation": _relation(record, quoted),
            "tags": _tags(record),
            # The poster's own clock: what cannot be read counts as just now.
            "published_at": when(member(record, "createdAt")) or observed,
        },
    )


def _observed(payload: Any) -> datetime:
    micros = need(payload, int, "time_us")
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError as why:
        raise fault("microseconds since 1970 are expected", "/time_us") from why


def _texts(record: Any, embeds: list[Any]) -> list[dict[str, Any]]:
    tongue = next((tag for raw in items(record, "langs") if (tag := language(raw))), None)
    texts = body(_words(record), "body", tongue)
    for embed in embeds:
        # The card of a link is made by the poster's client, so its words may be the poster's.
        texts += body(_card(embed), "caption")
        texts += [text for image in items(embed, "images") for text in body(text_at(image, "alt"), "alt", tongue)]
        texts += body(text_at(embed, "alt"), "alt", tongue)
    return texts


def _words(record: Any) -> str | None:
    """The text, and behind it where its links lead: inside, an address would part a word of which only a piece is a link."""
    words = text_at(record, "text")
    return words and " ".join(
        (words, *(f"({uri})" for uri in dict.fromkeys(_targets(record, words.encode(errors="replace")))))
    )


def _targets(record: Any, words: bytes) -> Iterator[str]:
    for facet in items(record, "facets"):
        start, end = (count(facet, "index", name) or 0 for name in ("byteStart", "byteEnd"))
        for uri in (text_at(feature, "uri") for feature in items(facet, "features")):
            # No more of the words than could be the address: a thousand links may each say that they are all of them.
            if uri and leads_elsewhere(uri, words[start : min(end, start + 4 * len(uri) + 1)].decode(errors="replace")):
                yield uri


def _card(embed: Any) -> str:
    """The words of a link's card; without a title its address, as apps show it."""
    title = text_at(embed, "external", "title") or web_address(member(embed, "external", "uri"))
    return "\n".join(filter(None, (title, text_at(embed, "external", "description"))))


def _embeds(record: Any) -> Iterator[Any]:
    """The embed of a post, and both parts of one that is a quotation with media."""
    embed = member(record, "embed")
    if isinstance(embed, dict):
        yield embed
        yield from (part for name in ("media", "record") if isinstance(part := embed.get(name), dict))


def _media(embed: Any, did: str) -> Iterator[dict[str, Any]]:
    for image in items(embed, "images"):
        cid = text_at(image, "image", "ref", "$link")
        if cid is not None:
            url = web_address(f"https://cdn.bsky.app/img/feed_fullsize/plain/{did}/{cid}@jpeg")
            yield {"type": "image", "url": url, "sha256": _sha256(cid)}
    cid = text_at(embed, "video", "ref", "$link")
    if cid is not None:
        yield {"type": "video", "sha256": _sha256(cid)}


def _sha256(cid: str) -> str | None:
    """The SHA-256 that a CID holds; None for other kinds of CID."""
    if not cid.startswith("b"):
        return None
    try:
        raw = base64.b32decode(cid[1:].upper() + "=" * (-len(cid[1:]) % 8))
    except (binascii.Error, ValueError):
        return None
    return raw[4:].hex() if raw.startswith(_SHA256_CID) and len(raw) == 36 else None


def _quoted(embed: Any) -> str | None:
    uri = text_at(embed, "record", "uri") or text_at(embed, "uri")
    return uri if uri is not None and f"/{POSTS}/" in uri else None


def _reference(uri: str | None) -> dict[str, str] | None:
    """A post by its at:// address; whose it is stands in it."""
    if uri is None or not uri.startswith("at://") or len(uri) > 512:
        return None
    return {"content_id": uri, "author_id": uri[5:].partition("/")[0] or uri}


def _features(record: Any) -> Iterator[Any]:
    return (feature for facet in items(record, "facets") for feature in items(facet, "features"))


def _relation(record: Any, quoted: str | None) -> dict[str, Any] | None:
    mentioned = dict.fromkeys(did for feature in _features(record) if (did := text_at(feature, "did")) is not None)
    parts: dict[str, Any] = {
        "in_reply_to": _reference(text_at(record, "reply", "parent", "uri")),
        "thread": _reference(text_at(record, "reply", "root", "uri")),
        "quotes": _reference(quoted),
        "mentions": [{"author_id": did[:512]} for did in mentioned][:1_000],
    }
    return {name: part for name, part in parts.items() if part} or None


def _tags(record: Any) -> list[str]:
    found = [text_at(feature, "tag") for feature in _features(record)]
    found += [raw if isinstance(raw, str) else None for raw in items(record, "tags")]
    return list(dict.fromkeys(tag[:200] for tag in found if tag))
