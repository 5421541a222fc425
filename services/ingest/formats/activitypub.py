"""An ActivityPub activity, or a Note as its server shows it, comes in; public Notes made, changed and deleted go out.

Shapes: W3C ActivityStreams 2.0 vocabulary, W3C ActivityPub, and what servers add to both (`sensitive`, Hashtag). Ids are addresses and
unique everywhere; `instance` is their host.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from services.ingest.formats.common import (
    Ignored,
    Result,
    Seen,
    body,
    count,
    event,
    fault,
    host_of,
    language,
    member,
    web_address,
    when,
)
from services.ingest.formats.common import text as text_at
from services.ingest.formats.html_text import html_text

PLATFORM = "activitypub"
LONGEST_NAME = 100
# Polls are Questions on the wire, and otherwise Notes.
NOTES = frozenset({"Note", "Question"})
_CHANGES = {"Create": "created", "Update": "edited", "Delete": "deleted"}
_PUBLIC = frozenset({"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"})
_MEDIA = {"Image": "image", "Video": "video", "Audio": "audio"}


def convert(payload: Any, seen: Seen) -> list[Result]:
    """One activity or Note. Raises Rejected for what is neither."""
    types = _types(payload)
    change = next((_CHANGES[name] for name in types if name in _CHANGES), None)
    if change == "deleted":
        return [_deleted(payload, seen)]
    if change is not None:
        return [_activity(payload, change, seen)]
    if NOTES.intersection(types):
        return [_note(payload, payload, "created", seen)]
    return [Ignored(types[0][:LONGEST_NAME])]


def _activity(payload: Any, change: str, seen: Seen) -> Result:
    note = _first(payload, "object")
    if isinstance(note, str):
        return Ignored("activity without its object")
    types = _types(note, "/object")
    if not NOTES.intersection(types):
        return Ignored(types[0][:LONGEST_NAME])
    return _note(note, payload, change, seen)


def _deleted(payload: Any, seen: Seen) -> Result:
    gone = _first(payload, "object")
    if isinstance(gone, Mapping) and not (NOTES | {"Tombstone"}).intersection(_types(gone, "/object")):
        return Ignored("deletion of something else")
    address = _id(gone, "/object")
    if address == _link(payload, "actor"):
        return Ignored("deletion of an actor")
    return event(
        seen,
        {
            "event_id": text_at(payload, "id") or f"{address}/deleted",
            "platform": PLATFORM,
            "instance": host_of(address),
            "content_id": address,
            "change": "deleted",
        },
    )


def _note(note: Any, activity: Any, change: str, seen: Seen) -> Result:
    address = _id(note, "/id" if note is activity else "/object/id")
    if not _is_public(note, activity):
        return Ignored("not public")
    texts, attached = _texts(note), list(_all(note, "attachment"))
    published, updated = when(member(note, "published")), when(member(note, "updated"))
    # Some software says of every note when it was updated, if only when it was made.
    edited = updated if updated is not None and (published is None or updated > published) else None
    change = "edited" if edited else _counted_anew(note) if change == "edited" and updated else change
    values = {
        "event_id": text_at(activity, "id") or address,
        "platform": PLATFORM,
        "instance": host_of(address),
        "content_id": address,
    }
    if not texts and not attached:
        # An edit that leaves nothing takes back what was said.
        emptied = change == "edited"
        return event(seen, values | {"change": "deleted"}) if emptied else Ignored("note without words or media")
    author = _link(note, "attributedTo") or _link(activity, "actor")
    if author is None:
        raise fault("an author is expected", "/attributedTo")
    return event(
        seen,
        values
        | {
            "url": _page(note) or web_address(address),
            "kind": "reply" if _link(note, "inReplyTo") else "quote" if _quoted(note) else "post",
            "change": change,
            "author": {"id": author},
            "texts": texts,
            "media": [_medium(one) for one in attached],
            "relation": _relation(note),
            "engagement": {name: count(note, name, "totalItems") for name in ("likes", "shares", "replies")},
            "published_at": published or when(member(activity, "published")) or updated or seen.at,
            "edited_at": edited,
            "tags": [tag for tag in _tags(note) if tag],
        },
    )


def _counted_anew(note: Any) -> str:
    """What an update is whose time is not newer: servers that tell the time send a poll again for its votes with the old one."""
    options = [option for name in ("oneOf", "anyOf") for option in _all(note, name)]
    counts = [count(note, "votersCount"), *(count(option, "replies", "totalItems") for option in options)]
    return "recounted" if options and any(found is not None for found in counts) else "edited"


def _types(value: Any, pointer: str = "") -> list[str]:
    """Names of the types of an object, one or several, without the prefix of ActivityStreams."""
    names = _named(value)
    if not names:
        raise fault("an object with a type is expected", f"{pointer}/type")
    return names


def _named(value: Any) -> list[str]:
    return [name.removeprefix("as:") for name in _all(value, "type") if isinstance(name, str) and name]


def _all(value: Any, name: str) -> Iterator[Any]:
    """Values of a property: JSON-LD writes one of them without brackets."""
    found = member(value, name)
    return (one for one in (found if isinstance(found, list) else [found]) if one is not None)


def _first(value: Any, name: str) -> Any:
    found = next(_all(value, name), None)
    if not isinstance(found, str | Mapping):
        raise fault("an object or its address is expected", f"/{name}")
    return found


def _address(one: Any) -> str | None:
    """Address of a value that is an address, an object with an id, or a Link."""
    return one if isinstance(one, str) and one else text_at(one, "id") or text_at(one, "href")


def _link(value: Any, name: str) -> str | None:
    return next((address for one in _all(value, name) if (address := _address(one)) is not None), None)


def _id(value: Any, pointer: str) -> str:
    address = _address(value)
    if address is None or host_of(address) is None:
        raise fault("an id with a host is expected", pointer)
    return address


def _page(note: Any) -> str | None:
    """The page for people; of several addresses the one that is HTML."""
    links = sorted(_all(note, "url"), key=lambda link: member(link, "mediaType") != "text/html")
    return next((url for link in links if (url := web_address(_address(link)))), None)


def _is_public(note: Any, activity: Any) -> bool:
    """Addressed to everybody, or to nobody: what a collector could read without addresses was shown to it as a page."""
    to = [_address(one) for source in (note, activity) for name in ("to", "cc") for one in _all(source, name)]
    return not to or any(address in _PUBLIC for address in to)


def _texts(note: Any) -> list[dict[str, Any]]:
    html = text_at(note, "mediaType") in (None, "text/html")
    options = (text_at(option, "name") for name in ("oneOf", "anyOf") for option in _all(note, name))
    return [
        *_words(note, "name", "title", False),
        *_words(note, "summary", "title", True),
        *_words(note, "content", "body", html),
        *body("\n".join(filter(None, options)), "poll"),
        *(text for one in _all(note, "attachment") for text in _words(one, "name", "alt", False)),
    ]


def _words(value: Any, name: str, role: str, html: bool) -> list[dict[str, Any]]:
    """One text in each language it is given in; `nameMap` and its like say the language, `name` does not."""
    found = member(value, f"{name}Map") or member(value, name)
    if found is not None and not isinstance(found, str | Mapping):
        raise fault("a text is expected", f"/{name}")
    by_language = found if isinstance(found, Mapping) else {None: found}
    return [
        text
        for tongue, words in by_language.items()
        if isinstance(words, str)
        for text in body(html_text(words) if html else words, role, language(tongue))
    ]


def _medium(one: Any) -> dict[str, Any]:
    kind = (text_at(one, "mediaType") or "").partition("/")[0]
    named = next((_MEDIA[name] for name in _all(one, "type") if isinstance(name, str) and name in _MEDIA), None)
    return {
        "type": kind if kind in _MEDIA.values() else named or "other",
        "url": _page(one) or web_address(_address(one)),
    }


def _quoted(note: Any) -> str | None:
    return next((url for name in ("quote", "quoteUrl", "quoteUri") if (url := _link(note, name)) is not None), None)


def _relation(note: Any) -> dict[str, Any] | None:
    mentioned = (_link(tag, "href") for tag in _all(note, "tag") if "Mention" in _named(tag))
    parts: dict[str, Any] = {
        "in_reply_to": _reference(_link(note, "inReplyTo")),
        "quotes": _reference(_quoted(note)),
        "mentions": [_placed("author_id", url) for url in dict.fromkeys(mentioned) if url][:1_000],
    }
    return {name: part for name, part in parts.items() if part} or None


def _reference(url: str | None) -> dict[str, Any] | None:
    return None if url is None else _placed("content_id", url)


def _placed(name: str, url: str) -> dict[str, Any]:
    return {name: url[:512], "instance": host_of(url)}


def _tags(note: Any) -> Iterator[str]:
    for tag in _all(note, "tag"):
        name = text_at(tag, "name")
        if name is not None and (member(tag, "type") is None or "Hashtag" in _named(tag)):
            yield name.removeprefix("#")[:200]
