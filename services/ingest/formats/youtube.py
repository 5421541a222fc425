"""A resource of the YouTube Data API v3 comes in; public comments, replies and videos go out.

Shapes: developers.google.com/youtube/v3/docs, commentThreads, comments, videos.
"""

from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.ingest.formats.common import (
    Ignored,
    Result,
    Seen,
    body,
    count,
    each,
    event,
    fault,
    items,
    language,
    member,
    moment,
    need,
    when,
)
from services.ingest.formats.common import text as text_at
from services.ingest.formats.html_text import html_text

PLATFORM = "youtube"
LONGEST_NAME = 100
_DURATION = TypeAdapter(timedelta)


def convert(payload: Any, seen: Seen) -> list[Result]:
    """One commentThread with the replies in it, one comment, or one video. Raises Rejected for what is none of these."""
    kind = need(payload, str, "kind")
    if kind == "youtube#commentThread":
        return _thread(payload, seen)
    if kind == "youtube#comment":
        return [_comment(payload, seen)]
    if kind == "youtube#video":
        return [_video(payload, seen)]
    return [Ignored(kind[:LONGEST_NAME])]


def _thread(thread: Any, seen: Seen) -> list[Result]:
    snippet = need(thread, dict, "snippet")
    if snippet.get("isPublic") is False:
        return [Ignored("not public")]
    top = need(thread, dict, "snippet", "topLevelComment")
    video, replies = text_at(snippet, "videoId"), count(snippet, "totalReplyCount")
    return [
        _comment(top, seen, video, replies),
        *each(lambda reply: _comment(reply, seen, video), items(thread, "replies", "comments")),
    ]


def _comment(comment: Any, seen: Seen, video: str | None = None, replies: int | None = None) -> Result:
    comment_id, snippet = need(comment, str, "id"), need(comment, dict, "snippet")
    if text_at(snippet, "moderationStatus") in ("heldForReview", "likelySpam", "rejected"):
        return Ignored("not public")
    video = text_at(snippet, "videoId") or video
    if video is None:
        raise fault(
            "a comment's address needs its video: send the commentThread, or add snippet.videoId", "/snippet/videoId"
        )
    words = text_at(snippet, "textOriginal") or html_text(text_at(snippet, "textDisplay") or "")
    if not words.strip():
        return Ignored("comment without words")
    parent = text_at(snippet, "parentId")
    published, updated = moment(snippet.get("publishedAt"), "/snippet/publishedAt"), when(snippet.get("updatedAt"))
    edited = updated if updated is not None and updated > published else None
    return event(
        seen,
        {
            "event_id": f"{comment_id}/{text_at(snippet, 'updatedAt') or 'created'}",
            "platform": PLATFORM,
            "content_id": comment_id,
            "url": f"https://www.youtube.com/watch?v={video}&lc={comment_id}",
            "kind": "reply" if parent else "comment",
            "change": "edited" if edited else "created",
            "author": _author(snippet),
            "texts": body(words),
            # A conversation is a comment with its replies; a top comment answers the video.
            "relation": {
                "in_reply_to": {"content_id": parent or video},
                "thread": {"content_id": parent or comment_id},
            },
            "engagement": {"likes": count(snippet, "likeCount"), "replies": replies},
            "published_at": published,
            "edited_at": edited,
        },
    )


def _author(snippet: Any) -> dict[str, Any]:
    """The channel; a comment whose channel is gone keeps its name only."""
    name = text_at(snippet, "authorDisplayName")
    channel = text_at(snippet, "authorChannelId", "value") or name
    if channel is None:
        raise fault("an author is expected", "/snippet/authorChannelId")
    return {"id": channel, "handle": name[:512] if name else None}


def _video(video: Any, seen: Seen) -> Result:
    video_id, snippet = need(video, str, "id"), need(video, dict, "snippet")
    if text_at(video, "status", "privacyStatus") == "private":
        return Ignored("not public")
    url = f"https://www.youtube.com/watch?v={video_id}"
    tongue = language(snippet.get("defaultLanguage")) or language(snippet.get("defaultAudioLanguage"))
    name = text_at(snippet, "channelTitle")
    return event(
        seen,
        {
            "event_id": f"{video_id}/{text_at(video, 'etag') or 'created'}",
            "platform": PLATFORM,
            "content_id": video_id,
            "url": url,
            "kind": "video",
            "author": {"id": need(video, str, "snippet", "channelId"), "handle": name[:512] if name else None},
            "texts": [
                *body(text_at(snippet, "title"), "title", tongue),
                *body(text_at(snippet, "description"), "caption", tongue),
            ],
            "media": [
                {"type": "video", "url": url, "duration_s": _seconds(member(video, "contentDetails", "duration"))}
            ],
            "engagement": {
                "views": count(video, "statistics", "viewCount"),
                "likes": count(video, "statistics", "likeCount"),
                "replies": count(video, "statistics", "commentCount"),
            },
            "published_at": moment(snippet.get("publishedAt"), "/snippet/publishedAt"),
            "tags": [tag[:200] for tag in items(snippet, "tags") if isinstance(tag, str)],
        },
    )


def _seconds(raw: Any) -> float | None:
    """An ISO 8601 duration in seconds; None for anything else, as for live streams."""
    try:
        length = _DURATION.validate_python(raw).total_seconds() if isinstance(raw, str) else 0.0
    except ValidationError:
        return None
    return length if length > 0 else None
