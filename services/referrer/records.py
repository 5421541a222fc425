"""What the referrer's database holds, as plain frozen values in this service's words; ports speak of them, adapters store them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from schemas.outcome import OutcomeAction
from schemas.referral_vocabulary import ReferralStatus, RequestKind
from schemas.review import Amendment, CaseState, Decision, Opening, ReasonCode
from schemas.vocabulary import Band, ContentStatus
from services.referrer.lifecycle import ReferralEvent
from services.referrer.outcomes import Verdict
from services.referrer.roles import Role
from services.runtime.envelope import Source


class Ended(StrEnum):
    """How one consumed record ended in this stage."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    DEAD_LETTERED = "dead_lettered"


@dataclass(frozen=True, slots=True)
class InboxMark:
    """One consumed record and its ending; `item` is its observation or outcome id where it has one."""

    source: Source
    ended: Ended
    item: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Sighting:
    """The facts of one ranked observation that decide how a case stands; its whole record lies beside it as bytes."""

    observation_id: str
    content_key: str
    content_version: str
    platform: str
    status: ContentStatus
    event_time: datetime
    observed_at: datetime
    content_risk: float
    band: Band
    degraded: bool
    counted: bool
    url: str | None
    test: bool
    traceparent: str | None = None
    accepted_at: datetime | None = None
    author_key: str | None = None
    previous_author_key: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One piece of content with its current version, as it waits for or had its decision.

    `round` counts how often it was opened: opinions of an earlier round no longer count. `revision` grows with every change.
    `waiting_since` is when the world showed what has to be decided, `opened_at` when this desk had it: the first orders the
    queue, because it does not depend on when records arrived; the second is what clocks count from. `newest_at` is when the
    latest of its live contents was first seen or edited: how old a content claims to be is the poster's to say. `live` counts them.
    """

    case_id: UUID
    state: CaseState
    opening: Opening
    round: int
    revision: int
    platform: str
    content_key: str
    content_version: str
    observation_id: str
    band: Band
    risk: float
    event_time: datetime
    first_seen_at: datetime
    waiting_since: datetime
    opened_at: datetime
    changed_at: datetime
    lease_holder: str | None = None
    lease_until: datetime | None = None
    decision_id: UUID | None = None
    decided_version: str | None = None
    decided_at: datetime | None = None
    traceparent: str | None = None
    test: bool = False
    newest_at: datetime | None = None
    live: int = 1


@dataclass(frozen=True, slots=True)
class Location:
    """One address at which the content of a case was seen."""

    content_key: str
    case_id: UUID
    platform: str
    url: str | None
    content_version: str
    observation_id: str
    live: bool
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What one person decided of one version of a case, or of a request that left.

    `agreed` holds, of the first of two approvals, what it asks for: the digests of its notices' substance, with blanks between.
    """

    decision_id: UUID
    case_id: UUID
    round: int
    content_version: str
    decision: Decision | Amendment
    reason_code: ReasonCode
    note: str
    reviewer: str
    role: Role
    decided_at: datetime
    case_state: CaseState
    awaits_second_review: bool
    agreed: str | None = None


@dataclass(frozen=True, slots=True)
class Referral:
    """One request that left or is about to leave, and where it stands; `body` holds the request's bytes as they leave."""

    referral_id: UUID
    root_referral_id: UUID
    case_id: UUID
    decision_id: UUID
    content_key: str
    platform: str
    url: str
    kind: RequestKind
    status: ReferralStatus
    issued_at: datetime
    changed_at: datetime
    due_at: datetime | None
    outcome_id: str | None
    body: bytes
    traceparent: str | None = None
    test: bool = False


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One report about one referral; `(platform, outcome_id)` makes repeats harmless."""

    platform: str
    outcome_id: str
    referral_id: UUID
    root_referral_id: UUID
    event: ReferralEvent
    status: ReferralStatus
    outcome: OutcomeAction | None
    verdict: Verdict
    late: bool
    still_up: bool
    acted_at: datetime | None
    reported_at: datetime
    recorded_at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the desk; `pseudonym` is what every record and request says, `name` stays in this database."""

    pseudonym: str
    name: str
    role: Role
    token_id: str
    token_sha256: str
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Connector:
    """A platform's own system that reports outcomes, bound to that platform."""

    connector_id: str
    platform: str
    token_id: str
    token_sha256: str
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WordsOf:
    """The words by which one content is found."""

    content_key: str
    seen_at: datetime
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Cases that have all the words, the newest first; `more` says that not every candidate was looked at."""

    cases: tuple[Case, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session of the console; of its secret value only the hash."""

    session_sha256: str
    pseudonym: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SignInFailures:
    """How often a name failed to sign in since it last succeeded."""

    name: str
    failures: int
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class QueueKey:
    """A place in the queue: band, risk, age, id; the page after it begins with the next one."""

    band: Band
    risk: float
    waiting_since: datetime
    case_id: UUID


# What waits for a person; escalated and deferred cases wait for something else.
IN_QUEUE = (CaseState.OPEN, CaseState.LEASED)


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which cases are asked for."""

    states: tuple[CaseState, ...] = IN_QUEUE
    bands: tuple[Band, ...] = ()
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits in one band, and since when."""

    band: Band
    cases: int
    oldest: datetime
