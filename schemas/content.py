"""Content events: what collectors publish (ContentReceived) and what ingest makes of it (ContentNormalised)."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from schemas.base import (
    Count,
    Country,
    Fact,
    Finite,
    Hex,
    HostName,
    HttpUrl,
    LanguageTag,
    Moment,
    Part,
    PlatformId,
    PlatformName,
)
from schemas.vocabulary import Change, ContentFlag, Kind, MediaType, TextFlag, TextRole

Handle = Annotated[str, StringConstraints(max_length=512)]


class Author(Part):
    """The poster as the platform names them; the id goes no further than ingest."""

    id: PlatformId
    handle: Handle | None = None
    followers: Count | None = None
    verified: bool | None = None


class Text(Part):
    """One text of the content and where it stands."""

    role: TextRole = TextRole.BODY
    text: Annotated[str, StringConstraints(min_length=1)]
    language: LanguageTag | None = None


class Media(Part):
    """One attached medium: an address and hashes that a collector computed; no service fetches it."""

    type: MediaType = MediaType.OTHER
    url: HttpUrl | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    pdq: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    tlsh: Annotated[str, StringConstraints(max_length=80)] | None = None
    duration_s: Annotated[Finite, Field(ge=0)] | None = None


class Reference(Part):
    """Other content that this content points to; it may be unknown to the hub. `instance` where it is not the content's own."""

    content_id: PlatformId
    author_id: PlatformId | None = None
    instance: HostName | None = None


class Mention(Part):
    """Somebody whom the content names; `instance` where it is not the content's own."""

    author_id: PlatformId
    instance: HostName | None = None


class Relation(Part):
    """How the content stands to other content and people."""

    in_reply_to: Reference | None = None
    quotes: Reference | None = None
    thread: Reference | None = None
    mentions: Annotated[tuple[Mention, ...], Field(max_length=1_000)] = ()


class Engagement(Part):
    """Counts at the time of observation; absent is unknown, not zero."""

    views: Count | None = None
    likes: Count | None = None
    shares: Count | None = None
    replies: Count | None = None


def _needs_unless_deleted(schema: dict[str, Any]) -> None:
    """Say in JSON Schema, too, what a deletion may leave out and nothing else."""
    schema["required"].remove("published_at")
    schema["anyOf"] = [
        {"properties": {"change": {"const": "deleted"}}, "required": ["change"]},
        {
            "properties": {"url": {"type": "string"}, "kind": {"type": "string"}, "author": {"type": "object"}},
            "required": ["url", "kind", "author", "published_at"],
            "anyOf": [
                {"properties": {"texts": {"minItems": 1}}, "required": ["texts"]},
                {"properties": {"media": {"minItems": 1}}, "required": ["media"]},
            ],
        },
    ]


class ContentReceived(Fact):
    """One observation of one public piece of content, as a collector publishes it."""

    TOPIC: ClassVar[str] = "content.received.v1"
    model_config = ConfigDict(json_schema_extra=_needs_unless_deleted)

    event_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    collector: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]
    platform: PlatformName
    instance: HostName | None = None
    content_id: PlatformId
    url: HttpUrl | None = None
    kind: Kind | None = None
    change: Change = Change.CREATED
    author: Author | None = None
    texts: Annotated[tuple[Text, ...], Field(max_length=64)] = ()
    media: Annotated[tuple[Media, ...], Field(max_length=64)] = ()
    relation: Relation | None = None
    engagement: Engagement | None = None
    published_at: Moment
    edited_at: Moment | None = None
    observed_at: Moment
    place: Annotated[str, StringConstraints(max_length=300)] | None = None
    audience_country: Country | None = None
    tags: Annotated[tuple[Annotated[str, StringConstraints(max_length=200)], ...], Field(max_length=100)] = ()
    test: bool = False

    @model_validator(mode="before")
    @classmethod
    def _deletion_without_a_publishing_time(cls, value: Any) -> Any:
        """Platforms often do not say when deleted content was published: then the time of observation stands in."""
        if isinstance(value, dict) and value.get("change") == "deleted" and value.get("published_at") is None:
            return {**value, "published_at": value.get("observed_at")}
        return value

    @model_validator(mode="after")
    def _complete_unless_deleted(self) -> Self:
        if self.change is Change.DELETED:
            return self
        missing = [name for name in ("url", "kind", "author") if getattr(self, name) is None]
        if missing:
            raise ValueError(f"missing unless change is deleted: {', '.join(missing)}")
        if not self.texts and not self.media:
            raise ValueError("at least one text or one medium is needed")
        return self


class AuthorFacts(Part):
    """What may be known of an author without knowing who it is."""

    followers: Count | None = None
    verified: bool | None = None


class NormalisedText(Part):
    """One text with its obfuscation undone, beside the original.

    `normalised` is in lower case; emoji stand in it as their names. `offsets` maps it back to `original`, in runs `(n, o, length)`
    ordered by position. `length` > 0: that many characters from `n` on came from one position each, from `o` on. `length` 0: the
    characters from `n` up to the next run's `n` stand together for the original characters from `o` up to the next run's `o`.
    The last run is always `(len(normalised), len(original), 0)`; original characters between two runs were dropped.
    """

    role: TextRole
    original: str
    normalised: str
    offsets: tuple[tuple[int, int, int], ...]
    language: LanguageTag | None = None
    flags: tuple[TextFlag, ...] = ()


class ContentNormalised(Fact):
    """One observation, validated, with pseudonymous keys and normalised texts; it holds no raw author id and no handle."""

    TOPIC: ClassVar[str] = "content.normalised.v1"

    event_id: str
    collector: str
    platform: PlatformName
    instance: HostName | None = None
    content_id: PlatformId
    url: HttpUrl | None = None
    kind: Kind | None = None
    change: Change
    content_key: Hex
    content_version: Hex
    observation_id: Hex
    event_time: Moment
    author_key: str | None = None
    previous_author_key: str | None = None
    author: AuthorFacts = AuthorFacts()
    pair_keys: tuple[str, ...] = ()
    thread_key: str | None = None
    similarity: str | None = None
    texts: tuple[NormalisedText, ...] = ()
    media: tuple[Media, ...] = ()
    in_reply_to_key: Hex | None = None
    quotes_key: Hex | None = None
    engagement: Engagement = Engagement()
    published_at: Moment
    edited_at: Moment | None = None
    observed_at: Moment
    place: str | None = None
    audience_country: Country | None = None
    tags: tuple[str, ...] = ()
    flags: tuple[ContentFlag, ...] = ()
    test: bool = False
