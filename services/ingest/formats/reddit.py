"""A child of a Reddit listing comes in, t1 (comment) or t3 (submission); it and the replies inside it go out.

Shapes: github.com/reddit-archive/reddit/wiki/JSON. Ids are full names (t1_…, t3_…), authors go by name, which never changes.
"""

from collections import deque
from collections.abc import Iterator
from datetime import datetime
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
_GONE = ("[deleted]", "[removed]")
_MEDIA = {"image": "image", "hosted:video": "video", "rich:video": "video"}


def convert(payload: Any, seen: Seen) -> list[Result]:
    """One child, and the comments in its `replies`. Raises Rejected when the child itself is none."""
    return [_thing(payload, seen), *each(lambda child: _thing(child, seen), _below(payload))]


def _below(payload: Any) -> Iterator[Any]:
    """Comments inside a comment, at any depth."""
    waiting = deque(items(payload, "data", "replies", "data", "children"))
    while waiting:
        child = waiting.popleft()
        yield child
        waiting += items(child, "data", "replies", "data", "children")


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
    if words in _GONE:
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
        "texts": body(words),
        "relation": {
            "in_reply_to": {"content_id": parent} | ({} if asked in _GONE else {"author_id": asked}),
            "thread": {"content_id": link},
        },
        "engagement": {"likes": _score(data, "score_hidden")},
    }


def _submission(child: Any, data: Any, words: str | None) -> dict[str, Any]:
    medium = _MEDIA.get(text_at(data, "post_hint") or "", "video" if data.get("is_video") is True else None)
    return {
        "kind": "post",
        "url": _page(data) or f"{SITE}/comments/{need(child, str, 'data', 'id')}/",
        "texts": [*body(need(child, str, "data", "title"), "title"), *body(words)],
        "media": [{"type": medium, "url": web_address(data.get("url"))}] if medium else [],
        "engagement": {
            "likes": _score(data, "hide_score"),
            "shares": count(data, "num_crossposts"),
            "replies": count(data, "num_comments"),
        },
    }


def _page(data: Any) -> str | None:
    link = member(data, "permalink")
    return web_address(SITE + link) if isinstance(link, str) and link.startswith("/") else None


def _score(data: Any, hidden: str) -> int | None:
    return None if data.get(hidden) is True else count(data, "score")
