"""Which rules decided is in the ledger: the referrer's own and the scorer's, each digest once."""

from dataclasses import replace

import orjson
import structlog

from schemas.scoring import ContentRanked, Digests
from schemas.topics import RANKED
from services.referrer.adapters.database import SqlDatabase
from services.referrer.handlers import Handling
from services.referrer.ledger import LedgerKind, first_break
from services.referrer.review_rules import ReviewRules
from services.referrer.rules_in_force import RulesInForce, digest_of
from services.runtime.codec import encode
from services.runtime.envelope import Incoming, Source
from tests.builders import normalised, ranked
from tests.desk import ADesk
from tests.fakes import StillClock

OLD = {"referrer.context_policy": "a" * 16}
NEW = {"referrer.context_policy": "b" * 16}


def ledgered(database: SqlDatabase) -> list[tuple[str, str]]:
    entries = database.read(lambda books: books.ledger.entries())
    assert first_break(entries) is None
    bodies = [orjson.loads(each.body) for each in entries if each.kind == LedgerKind.POLICY_CHANGED.value]
    return [(body["rules"], body["digest"]) for body in bodies]


def started(database: SqlDatabase, own: dict[str, str]) -> RulesInForce:
    rules = RulesInForce(own, StillClock())
    database.write(rules.note_own)
    return rules


def scored_by(policy: str, number: int) -> ContentRanked:
    fact = ranked(normalised(f"gonna get you {number}", content_id=f"p-{number}", observation_id=f"{number:016x}"))
    digests = fact.scored.digests.model_copy(update={"policy": policy})
    return fact.model_copy(update={"scored": fact.scored.model_copy(update={"digests": digests})})


def taking(database: SqlDatabase, rules: RulesInForce) -> Handling:
    desk = ADesk(database)
    return Handling(database, desk.following, desk.reviewing, desk.clock, structlog.get_logger(), rules)


def take(handling: Handling, *facts: ContentRanked) -> None:
    handling([Incoming(Source(RANKED.name, 0, int(f.content.content_id[2:])), b"k", encode(f)) for f in facts])


def test_own_rules_are_ledgered_once_however_often_the_referrer_starts(database: SqlDatabase) -> None:
    for own in (OLD, OLD, NEW, NEW):
        started(database, own)
    assert ledgered(database) == [*OLD.items(), *NEW.items()]


def test_what_scored_a_record_is_ledgered_with_the_first_record_of_it(database: SqlDatabase) -> None:
    handling = taking(database, started(database, {}))
    take(handling, scored_by("c" * 16, 1), scored_by("c" * 16, 2))
    take(handling, scored_by("c" * 16, 3), scored_by("d" * 16, 4))
    take(handling, scored_by("c" * 16, 5), scored_by("d" * 16, 6))
    found = ledgered(database)
    assert [digest for name, digest in found if name == "scorer.policy"] == ["c" * 16, "d" * 16]
    assert sorted(name for name, _ in found if name != "scorer.policy") == sorted(
        f"scorer.{name}" for name in Digests.model_fields if name != "policy"
    )


def test_another_referrer_of_the_same_database_adds_nothing_to_what_is_known(database: SqlDatabase) -> None:
    for first in (1, 3):
        take(taking(database, started(database, OLD)), scored_by("c" * 16, first), scored_by("c" * 16, first + 1))
    names = [name for name, _ in ledgered(database)]
    assert len(names) == len(set(names))


def test_another_setting_of_the_desk_is_another_digest() -> None:
    assert digest_of(ReviewRules()) == digest_of(ReviewRules())
    assert digest_of(ReviewRules()) != digest_of(replace(ReviewRules(), p1_minutes=10))
