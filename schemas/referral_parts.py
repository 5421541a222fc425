"""The parts of a notice to a platform: who asks whom, about which content, on which grounds, and who decided."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.base import Country, HostName, HttpUrl, LanguageTag, Moment, Part, PlatformId, Probability
from schemas.referral_vocabulary import ContentType, HashAlgorithm, SubjectRole
from schemas.review import ReasonCode
from schemas.scoring import Contribution
from schemas.vocabulary import Band, TextRole

GOOD_FAITH_STATEMENT = (
    "The issuing authority believes in good faith that the information and allegations in this notice "
    "are accurate and complete."
)


class Issuer(Part):
    """The authority that asks."""

    authority: str
    unit: str
    jurisdiction: Country
    contact_name: str
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)] | None = None
    phone: str | None = None


class Addressee(Part):
    """The platform's contact point, from the platform directory."""

    provider: str
    contact_point: str
    language: LanguageTag
    channel: str


class LocatorExtra(Part):
    """What helps the platform to find the content; no handle, no raw author id."""

    content_id: PlatformId | None = None
    instance: HostName | None = None
    media_time_s: Annotated[float, Field(ge=0)] | None = None


class Locator(Part):
    """Exactly one address."""

    url: HttpUrl
    extra: LocatorExtra = LocatorExtra()


class ContentHash(Part):
    """A hash of the content."""

    algo: HashAlgorithm
    value: str


class RequestContent(Part):
    """What the content is."""

    types: Annotated[tuple[ContentType, ...], Field(min_length=1)]
    language: LanguageTag | None = None
    posted_at: Moment
    first_seen_at: Moment
    verified_live_at: Moment | None = None
    hashes: Annotated[tuple[ContentHash, ...], Field(min_length=1)]
    excerpt: Annotated[str, StringConstraints(max_length=500)] = ""


class RequestSpan(Part):
    """A span of the original text that carried the decision."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    term: str
    gloss: str | None = None
    lexicon_version: str
    role: TextRole | None = None


class GangRelation(Part):
    """Whether the content belongs to a conflict of street groups, and the evidence in the text."""

    related: bool
    evidence: tuple[str, ...] = ()


class LegalBasis(Part):
    """A statute that the notice names."""

    statute: str
    provision: str
    jurisdiction: Country
    priority_offence: bool = False


class TermsBasis(Part):
    """A platform's own rule that the notice names."""

    provider: str
    rule: str
    url: HttpUrl


class NonDisclosure(Part):
    """Whether the poster may be told."""

    flag: bool = False
    reason: str | None = None
    until: Moment | None = None


class Redress(Part):
    """Ways to object."""

    provider_route: str
    author_route: str


class GoodFaith(Part):
    """The fixed statement and that it was accepted."""

    text: str = GOOD_FAITH_STATEMENT
    accepted: bool


class RequestRisk(Part):
    """The machine's part, so that it can be checked."""

    score: Probability
    calibrated_p: Probability
    band: Band
    components: tuple[Contribution, ...]
    model_digest: str
    policy_version: str
    lexicon_version: str


class RequestReview(Part):
    """The people's part: pseudonyms, time and reason."""

    reviewers: Annotated[tuple[str, ...], Field(min_length=1)]
    decided_at: Moment
    reason_code: ReasonCode
    second_review: bool = False


class Subject(Part):
    """The poster, as far as the notice may say."""

    author_key: str | None = None
    minor_suspected: bool = False
    role: SubjectRole = SubjectRole.UNKNOWN


class Relations(Part):
    """Other referrals that this one follows."""

    supersedes: UUID | None = None
    reupload_of: UUID | None = None
    withdraws: UUID | None = None
