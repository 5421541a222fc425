"""A status or a streaming frame of Mastodon's API comes in; public posts made, changed and deleted go out.

Shapes: docs.joinmastodon.org, entities Status and MediaAttachment, methods streaming. A server shows posts of other servers under
ids of its own, so a post goes by the server it was written on and its id there, which its `uri` names. A `delete` frame holds that
server's own id and nothing else: it deletes what was written there, and tells nothing of posts of other servers that were shown there.
"""

import re
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
    items,
    language,
    member,
    moment,
    need,
    web_address,
    when,
)
from services.ingest.formats.common import text as text_at
from services.ingest.formats.html_text import html_text
from services.runtime.codec import parse

PLATFORM = "mastodon"
LONGEST_NAME = 100
_PUBLIC = ("public", "unlisted")
_MEDIA = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}
# What older servers put in front of a quotation for readers that know no quotations.
_QUOTE_FALLBACK = ("quote-inline",)
_BEHIND_PATH = re.compile(r"[?#]")


def convert(payload: Any, seen: Seen) -> list[Result]:
    """One status, or one streaming frame around a status or an id. Raises Rejected for what is neither."""
    name = member(payload, "event")
    if name is None:
        return [_status(payload, seen)]
    if name in ("update", "status.update"):
        inner = member(payload, "payload")
        return [_status(parse(inner.encode()) if isinstance(inner, str) else inner, seen, name == "status.update")]
    if name == "delete":
        return [_deleted(payload, seen)]
    return [Ignored(need(payload, str, "event")[:LONGEST_NAME])]


def _deleted(payload: Any, seen: Seen) -> Result:
    gone = need(payload, str, "payload")
    if seen.instance is None:
        raise fault("a deletion does not say which server it is of: name it as instance", "/payload")
    return event(
        seen,
        {
            "event_id": f"{gone}@{seen.instance}/deleted",
            "platform": PLATFORM,
            "instance": seen.instance,
            "content_id": gone,
            "change": "deleted",
        },
    )


def _status(status: Any, seen: Seen, edited: bool = False) -> Result:
    need(status, str, "id")
    if member(status, "visibility") not in _PUBLIC:
        return Ignored("not public")
    if member(status, "reblog") is not None:
        return Ignored("reblog")
    account = need(status, dict, "account")
    need(status, str, "account", "acct")
    author = _author(account)
    instance, content_id = _place(status)
    texts, media = _texts(status), [_medium(one) for one in items(status, "media_attachments")]
    changed = when(member(status, "edited_at"))
    change = "edited" if edited or changed else "created"
    values = {
        "event_id": f"{content_id}@{instance}/{text_at(status, 'edited_at') or 'created'}",
        "platform": PLATFORM,
        "instance": instance,
        "content_id": content_id,
    }
    if not texts and not media:
        # An edit that leaves nothing takes back what was said.
        emptied = change == "edited"
        return event(seen, values | {"change": "deleted"}) if emptied else Ignored("status without words or media")
    relation = _relation(status, instance)
    quotes = "quotes" in relation or text_at(status, "quote", "quoted_status_id") is not None
    kind = "reply" if member(status, "in_reply_to_id") is not None else "quote" if quotes else "post"
    return event(
        seen,
        values
        | {
            "url": web_address(member(status, "url")) or web_address(member(status, "uri")),
            "kind": kind,
            "change": change,
            "author": author,
            "texts": texts,
            "media": media,
            "relation": relation,
            "engagement": {
                "likes": count(status, "favourites_count"),
                "shares": count(status, "reblogs_count"),
                "replies": count(status, "replies_count"),
            },
            "published_at": moment(member(status, "created_at"), "/created_at"),
            "edited_at": changed,
            "tags": [name[:200] for tag in items(status, "tags") if (name := text_at(tag, "name"))],
        },
    )


def _place(status: Any) -> tuple[str, str]:
    """Server of origin, and the id there: Mastodon's own addresses end in it, those of other software are the id."""
    uri = text_at(status, "uri") or text_at(status, "url")
    instance = host_of(uri) or host_of(text_at(status, "url"))
    if uri is None or instance is None:
        raise fault("an address with the server of origin is expected", "/uri")
    head, _, last = _BEHIND_PATH.split(uri, 1)[0].rpartition("/")
    return instance, last if last and head.endswith("/statuses") else uri


def _texts(status: Any) -> list[dict[str, Any]]:
    tongue = language(member(status, "language"))
    quotes = _QUOTE_FALLBACK if member(status, "quote") is not None else ()
    options = (text_at(option, "title") for option in items(status, "poll", "options"))
    alts = (text_at(one, "description") for one in items(status, "media_attachments"))
    return [
        *body(text_at(status, "spoiler_text"), "title", tongue),
        *body(html_text(text_at(status, "content") or "", quotes), "body", tongue),
        *body("\n".join(filter(None, options)), "poll", tongue),
        *(text for alt in alts for text in body(alt, "alt", tongue)),
    ]


def _medium(one: Any) -> dict[str, Any]:
    length = member(one, "meta", "original", "duration")
    timed = isinstance(length, int | float) and not isinstance(length, bool) and length >= 0
    return {
        "type": _MEDIA.get(text_at(one, "type") or "", "other"),
        "url": web_address(member(one, "remote_url")) or web_address(member(one, "url")),
        "duration_s": length if timed else None,
    }


def _author(account: Any) -> dict[str, Any]:
    instance, name = _person(account, None)
    handle = f"{name}@{instance}" if instance else name
    return {"id": name, "handle": handle[:512], "followers": count(account, "followers_count")}


def _person(account: Any, at: str | None) -> tuple[str | None, str]:
    """Server and name of somebody: names are unique on their server, whichever server shows them. Case does not count."""
    name, _, host = need(account, str, "acct").lower().partition("@")
    if not name:
        raise fault("a name is expected", "/acct")
    home, page = host_of(f"https://{host}"), host_of(member(account, "url"))
    # The page is on the server where that is a part of the name's domain; some software has its pages at another domain.
    below = page and home and f".{page}".partition(":")[0].endswith("." + home.partition(":")[0])
    return (page if below or not home else home) or at, name


def _relation(status: Any, instance: str) -> dict[str, Any]:
    people = {text_at(one, "id"): _person(one, instance) for one in items(status, "mentions") if text_at(one, "acct")}
    # The author's own server is the one of the post, whatever else the account says.
    people[text_at(status, "account", "id")] = (instance, _person(member(status, "account"), instance)[1])
    named = [person for one in items(status, "mentions") if (person := people.get(text_at(one, "id")))]
    relation: dict[str, Any] = {"mentions": [_named(*person, instance) for person in dict.fromkeys(named)][:1_000]}
    parent, local = text_at(status, "in_reply_to_id"), "@" not in need(status, str, "account", "acct")
    # The ids of parent and quotation are of the server that shows the post: they mean something only where it was written there.
    if parent is not None and local:
        host, name = people.get(text_at(status, "in_reply_to_account_id"), (None, ""))
        relation["in_reply_to"] = {"content_id": parent} | ({"author_id": name} if host == instance else {})
    quoted = member(status, "quote", "quoted_status")
    if isinstance(quoted, dict) and isinstance(quoted.get("account"), dict):
        place, content_id = _place(quoted)
        _, author = _person(quoted["account"], place)
        relation["quotes"] = {"content_id": content_id, "author_id": author, "instance": place}
    elif local and (shallow := text_at(status, "quote", "quoted_status_id")) is not None:
        relation["quotes"] = {"content_id": shallow}
    return relation


def _named(host: str | None, name: str, instance: str) -> dict[str, Any]:
    return {"author_id": name, "instance": host} if host not in (None, instance) else {"author_id": name}
