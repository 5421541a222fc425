"""A whole desk over a test's database: intake, people, leases, decisions, outcomes, with a clock that stands still."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import structlog

from schemas.desk import DecisionAsked
from schemas.outcome import OutcomeAction, OutcomeStatus, TakedownOutcome
from schemas.review import Decision, ReasonCode
from schemas.scoring import ContentRanked
from schemas.topics import RANKED, TAKEDOWN_OUTCOME
from services.referrer.accounts import new_connector, new_person
from services.referrer.amending import Amending
from services.referrer.board_keeper import BoardKeeper
from services.referrer.books import Database
from services.referrer.deciding import Deciding, Made
from services.referrer.declined import Declined
from services.referrer.desk import Desk
from services.referrer.directory import load_directory
from services.referrer.following import Following
from services.referrer.groups import load_groups
from services.referrer.handlers import Ending, Handling
from services.referrer.notices import platform_names
from services.referrer.policy import load_policy
from services.referrer.recall import Recall
from services.referrer.records import Case, Connector, Person, QueueFilter, Referral
from services.referrer.reviewing import Reviewing
from services.referrer.roles import Role
from services.referrer.settings import ReferrerSettings
from services.runtime.codec import encode
from services.runtime.envelope import Incoming, Outgoing, Source
from tests.builders import NOON, normalised, ranked
from tests.fakes import StillClock

SETTINGS = ReferrerSettings()
# Read once, not for every test.
DIRECTORY = load_directory()


@dataclass
class ADesk:
    """Everything the referrer does but Kafka and HTTP."""

    database: Database
    clock: StillClock = field(default_factory=StillClock)
    offset: int = 0

    def __post_init__(self) -> None:
        self.following = Following(self.database, self.clock, platform_names(DIRECTORY))
        self.reviewing = Reviewing(Recall(load_policy(), load_groups()), self.clock, uuid4)
        self.boards = BoardKeeper(self.database, self.clock)
        self.handling = Handling(self.database, self.following, self.reviewing, self.clock, structlog.get_logger())
        self.desk = Desk(self.database, self.clock, SETTINGS.lease())
        identity, rules = SETTINGS.identity(), SETTINGS.rules()
        self.deciding = Deciding(self.database, DIRECTORY, identity, rules, self.clock)
        self.amending = Amending(self.database, DIRECTORY, identity, rules, self.clock)

    def person(self, pseudonym: str = "r-1", role: Role = Role.REVIEWER) -> Person:
        return self.tokened(pseudonym, role)[1]

    def tokened(self, pseudonym: str, role: Role) -> tuple[str, Person]:
        token, person = new_person(pseudonym, pseudonym, role, NOON)
        self.database.write(lambda books: books.people.put(person))
        return token, person

    def connector(self, platform: str = "bluesky") -> tuple[str, Connector]:
        token, connector = new_connector(f"{platform}-1", platform, NOON)
        self.database.write(lambda books: books.people.put_connector(connector))
        return token, connector

    def take(self, *values: Any, topic: str = RANKED.name) -> list[Ending]:
        """Facts or bytes, each as a record of its own."""
        records = []
        for value in values:
            raw = value if isinstance(value, bytes) or value is None else encode(value)
            records.append(Incoming(Source(topic, 0, self.offset), b"key", raw))
            self.offset += 1
        return self.handling(records)

    def outcome(self, *values: Any) -> list[Ending]:
        return self.take(*values, topic=TAKEDOWN_OUTCOME.name)

    def queue(self, person: Person | None = None, **wanted: Any) -> list[Case]:
        found = self.desk.queue(person or self.person("looker"), QueueFilter(**wanted), None, 200)
        assert not isinstance(found, Declined)
        return found

    def case(self, content: ContentRanked | None = None) -> Case:
        """A case that waits, of this content."""
        content = content or ranked(normalised("gonna get you"))
        self.take(content)
        case = self.database.read(lambda b: b.cases.by_content([content.content.content_key]))
        return case[content.content.content_key]

    def now(self, case_id: UUID) -> Case:
        """The case as it is stored."""
        case = self.database.read(lambda books: books.cases.get(case_id))
        assert case is not None
        return case

    def held(self, person: Person, case: Case) -> Case:
        """The same case, held by that person."""
        leased = self.desk.lease(person, case.case_id)
        assert isinstance(leased, Case), leased
        return leased

    def decide(self, person: Person, case: Case, decision: Decision = Decision.APPROVE, **changes: Any) -> Made:
        """Hold and decide, with everything in the case before one's eyes."""
        seen = self.database.read(lambda b: [each.content_version for each in b.cases.locations(case.case_id)])
        values = {"seen": seen} | changes if decision is Decision.APPROVE else changes
        return made(self.deciding.decide(person, case.case_id, asked(self.held(person, case), decision, **values)))

    def approved(self, case: Case | None = None) -> Referral:
        """The referral of an approved case."""
        return self.decide(self.person(), case or self.case()).referrals[0]

    def outbox(self, topic: str | None = None) -> list[Outgoing]:
        """What waits to be published."""
        waiting = self.database.read(lambda books: books.outbox.waiting(10_000))
        return [record for _, record in waiting if topic in (None, record.topic)]

    def ledger(self) -> Sequence[str]:
        """What kinds of things the ledger holds, in order."""
        return [entry.kind for entry in self.database.read(lambda books: books.ledger.entries())]


REASONS = {
    Decision.APPROVE: ReasonCode.THREAT_OF_VIOLENCE,
    Decision.REFUSE: ReasonCode.NOT_VIOLENT,
    Decision.ESCALATE: ReasonCode.NEEDS_SENIOR,
    Decision.DEFER: ReasonCode.NEEDS_MORE_CONTEXT,
}


def asked(case: Case, decision: Decision = Decision.APPROVE, **changes: Any) -> DecisionAsked:
    """A decision on what stands there now."""
    values: dict[str, Any] = {
        "decision": decision,
        "reason_code": REASONS[decision],
        "content_version": case.content_version,
        "good_faith": decision is Decision.APPROVE,
    }
    return DecisionAsked.model_validate(values | changes)


def made(found: Made | Declined) -> Made:
    """The decision that was made."""
    assert isinstance(found, Made), found
    return found


def declined(found: object) -> Declined:
    """The refusal."""
    assert isinstance(found, Declined), found
    return found


def an_outcome(referral: Referral, **changes: Any) -> TakedownOutcome:
    """The platform removed the content."""
    values: dict[str, Any] = {
        "outcome_id": "o-1",
        "referral_id": referral.referral_id,
        "root_referral_id": referral.root_referral_id,
        "platform": referral.platform,
        "status": OutcomeStatus.COMPLETED,
        "outcome": OutcomeAction.REMOVED,
        "reported_at": NOON,
    }
    return TakedownOutcome.model_validate(values | changes)
