"""A child of a Reddit listing comes in, t1 (comment) or t3 (submission), or a listing; it and the replies inside it go out.

Shapes: github.com/reddit-archive/reddit/wiki/JSON. Ids are full names (t1_…, t3_…), authors go by name, which never changes.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from html import unescape
from typing import Any

from services.ingest.formats.common import (
    Ignored,
    Result,
    Seen,
    body,
    count,
    each,
    event,
    items,
    member,
    moment,
    need,
    web_address,
)
from services.ingest.formats.common import text as text_at

PLATFORM = "reddit"
LONGEST_NAME = 100
SITE = "https://www.reddit.com"
LISTING = "Listing"
_GONE = ("[deleted]", "[removed]")
_GONE_TITLES = ("[deleted by user]", "[ removed by reddit ]")
# To the letter: words between such brackets may be the poster's.
_REMOVED = re.compile(
    r"\[ removed by reddit(?: on account of violating the (?:content policy|"
    r"\[content policy\]\((?:https://www\.reddit(?:inc)?\.com)?/(?:help|policies)/content-?policy\))\."
    r"| in response to a copyright notice\.)? \]",
    re.IGNORECASE,
)
_MEDIA = {"image": "image", "hosted:video": "video", "rich:video": "video"}


def convert(payload: Any, seen: Seen) -> list[Result]:
    """One child, and the comments in its `replies`; or an answer of the API, which is a listing or several.

    Raises Rejected when the payload is neither.
    """
    listings = payload if isinstance(payload, list) else [payload]
    if listings and all(member(one, "kind") == LISTING for one in listings):
        children = (child for one in listings for child in items(one, "data", "children"))
        return each(lambda child: _thing(child, seen), _all(children)) or [Ignored(f"{LISTING} of nothing")]
    return [_thing(payload, seen), *each(lambda child: _thing(child, seen), _all(_replies(payload)))]


def _replies(child: Any) -> Iterator[Any]:
    return items(child, "data", "replies", "data", "children")


def _all(children: Iterable[Any]) -> Iterator[Any]:
    """These, and the comments inside them, at any depth."""
    waiting = deque(children)
    while waiting:
        child = waiting.popleft()
        yield child
        waiting += _replies(child)


def _thing(child: Any, seen: Seen) -> Result:
    kind = need(child, str, "kind")
    if kind not in ("t1", "t3"):
        return Ignored(kind[:LONGEST_NAME])
    data = need(child, dict, "data")
    if text_at(data, "subreddit_type") == "private":
        return Ignored("not public")
    name = text_at(data, "name") or f"{kind}_{need(child, str, 'data', 'id')}"
    created = moment(data.get("created_utc"), "/data/created_utc")
    values = {"platform": PLATFORM, "content_id": name, "published_at": created}
    words = need(child, str, "data", "body") if kind == "t1" else text_at(data, "selftext")
    if _is_gone(data, words):
        return event(seen, values | {"event_id": f"{name}/deleted", "change": "deleted"})
    edited = _edited(data.get("edited"))
    return event(
        seen,
        values
        | {
            "event_id": f"{name}/{int(edited.timestamp()) if edited else 'created'}",
            "change": "edited" if edited else "created",
            "edited_at": edited,
            "author": {"id": _author(data, name), "handle": text_at(data, "author")},
        }
        | (_comment(child, data, words or "") if kind == "t1" else _submission(child, data, words)),
    )


def _is_gone(data: Any, words: str | None) -> bool:
    """Whether Reddit's own words stand in place of the poster's; a title alone may be the poster's, so it takes a second sign."""
    if words is not None:
        return words.strip() in _GONE or _REMOVED.fullmatch(words.strip()) is not None
    taken = text_at(data, "removed_by_category") is not None or text_at(data, "author") == _GONE[0]
    return taken and (text_at(data, "title") or "").strip().lower() in _GONE_TITLES


def _plain(data: Any, words: str) -> str:
    """Words as they were typed. Unless asked for raw_json, Reddit escapes all texts, its own HTML too: that tells."""
    escaped = any((text_at(data, name) or "").startswith("&lt;") for name in ("body_html", "selftext_html"))
    return unescape(words) if escaped else words


def _author(data: Any, name: str) -> str:
    """Name of the author, in lower case as Reddit compares them; one who left is somebody else for each content."""
    author = (text_at(data, "author") or _GONE[0]).lower()
    return f"{author}/{name}" if author in _GONE else author


def _edited(raw: Any) -> datetime | None:
    """False, true (of long ago), or Unix seconds."""
    return moment(raw, "/data/edited") if raw and not isinstance(raw, bool) else None


def _comment(child: Any, data: Any, words: str) -> dict[str, Any]:
    parent, link = need(child, str, "data", "parent_id"), need(child, str, "data", "link_id")
    asked = (text_at(data, "link_author") or _GONE[0]).lower() if parent == link else _GONE[0]
    subreddit, comment_id = need(child, str, "data", "subreddit"), need(child, str, "data", "id")
    return {
        "kind": "comment" if parent == link else "reply",
        "url": _page(data) or f"{SITE}/r/{subreddit}/comments/{link.removeprefix('t3_')}/_/{comment_id}/",
        "texts": body(_plain(data, words)),
        "relation": {
            "in_reply_to": {"content_id": parent} | ({} if asked in _GONE else {"author_id": asked}),
            "thread": {"content_id": link},
        },
        "engagement": {"likes": _score(data, "score_hidden")},
    }


def _submission(child: Any, data: Any, words: str | None) -> dict[str, Any]:
    medium = _MEDIA.get(text_at(data, "post_hint") or "", "video" if data.get("is_video") is True else None)
    options = (text_at(option, "text") for option in items(data, "poll_data", "options"))
    captions = (text_at(one, "caption") for one in items(data, "gallery_data", "items"))
    texts = [
        *body(need(child, str, "data", "title"), "title"),
        *body(words),
        *body("\n".join(filter(None, options)), "poll"),
        *(text for caption in captions for text in body(caption, "caption")),
    ]
    address = web_address(_plain(data, text_at(data, "url") or ""))
    quoted = _quoted(data)
    return {
        "kind": "quote" if quoted else "post",
        "url": _page(data) or f"{SITE}/comments/{need(child, str, 'data', 'id')}/",
        "texts": [text | {"text": _plain(data, text["text"])} for text in texts],
        "media": [*([{"type": medium, "url": address}] if medium else []), *_gallery(data)],
        "relation": {"quotes": quoted} if quoted else None,
        "engagement": {
            "likes": _score(data, "hide_score"),
            "shares": count(data, "num_crossposts"),
            "replies": count(data, "num_comments"),
        },
    }


def _quoted(data: Any) -> dict[str, Any] | None:
    """The submission that a crosspost shows again, and whose it is."""
    name = text_at(data, "crosspost_parent")
    if name is None:
        return None
    shown = next((one for one in items(data, "crosspost_parent_list") if member(one, "name") == name), None)
    author = (text_at(shown, "author") or _GONE[0]).lower()
    return {"content_id": name} | ({} if author in _GONE else {"author_id": author})


def _gallery(data: Any) -> Iterator[dict[str, Any]]:
    """Pictures of a gallery, by the address of the picture itself: that of its preview is signed, and changes."""
    for one in items(data, "gallery_data", "items"):
        about = member(data, "media_metadata", text_at(one, "media_id") or "")
        address = next((url for name in ("u", "gif", "mp4") if (url := text_at(about, "s", name))), "")
        address = address.partition("?")[0].replace("https://preview.", "https://i.", 1)
        yield {"type": "video" if member(about, "e") == "RedditVideo" else "image", "url": web_address(address)}


def _page(data: Any) -> str | None:
    link = member(data, "permalink")
    return web_address(SITE + link) if isinstance(link, str) and link.startswith("/") else None


def _score(data: Any, hidden: str) -> int | None:
    return None if data.get(hidden) is True else count(data, "score")
