"""An answer to a request comes in; whoever proposed it is judged by all answers of late, and suspended where too many speak against it."""

from collections.abc import Sequence
from datetime import datetime

from schemas.scoring import ContentRanked
from services.referrer.books import Books
from services.referrer.description import scored_types
from services.referrer.ledger import Happened, LedgerKind
from services.referrer.outcomes import Verdict
from services.referrer.records import Person
from services.referrer.roles import Action, may
from services.referrer.suspension import Scope, ScopeKind, SuspensionRules, counts_from, judge
from services.referrer.suspension_ports import SuspensionRow
from services.runtime.errors import Fatal

ACTOR = "suspension"
SPEAKS_AGAINST = frozenset({Verdict.REFUSED, Verdict.REVERSED})


def judged(
    books: Books, scopes: Sequence[Scope], verdict: Verdict, rules: SuspensionRules, now: datetime
) -> list[Happened]:
    """Suspend what deserves it after this answer; gives what happened, for the ledger. The caller appends it last."""
    if verdict not in SPEAKS_AGAINST:
        return []
    happened: list[Happened] = []
    for scope in scopes:
        row = books.suspensions.get(scope)
        if row is not None and row.lifted_at is None:
            continue
        since = counts_from(now, rules.of(scope.kind), row.lifted_at if row else None)
        found = judge(scope, books.suspensions.tally(scope, since), rules)
        if found is not None:
            books.suspensions.put(SuspensionRow(scope, found.why, now))
            body = {"kind": scope.kind.value, "name": scope.name, "why": found.why, "version": rules.version}
            happened.append(Happened(now, LedgerKind.SUSPENDED, ACTOR, body))
    return happened


def in_force(books: Books, scopes: Sequence[Scope]) -> list[SuspensionRow]:
    """The suspensions of these scopes that hold: none of them may propose by itself."""
    rows = (books.suspensions.get(scope) for scope in scopes)
    return [row for row in rows if row is not None and row.lifted_at is None]


def proposers(contents: Sequence[ContentRanked]) -> list[Scope]:
    """Who would have to answer for a request about these contents."""
    found: dict[Scope, None] = {}
    for ranked in contents:
        found |= {Scope(ScopeKind.RULE, kind.value): None for kind in scored_types(ranked)}
        found[Scope(ScopeKind.COLLECTOR, ranked.content.collector)] = None
        found[Scope(ScopeKind.PLATFORM, ranked.content.platform)] = None
    return list(found)


def lift(books: Books, scope: Scope, lead: Person, reason: str, now: datetime) -> SuspensionRow:
    """Let a scope propose again; answers of before count no more. Raises Fatal where there is nothing to lift, or nobody may."""
    if lead.revoked_at is not None or not may(lead.role, Action.LIFT_SUSPENSION):
        raise Fatal(f"{lead.pseudonym} may not lift a suspension: a lead does")
    row = books.suspensions.get(scope)
    if row is None or row.lifted_at is not None:
        raise Fatal(f"{scope} is not suspended")
    lifted = SuspensionRow(scope, row.why, row.suspended_at, now, lead.pseudonym)
    books.suspensions.put(lifted)
    body = {"kind": scope.kind.value, "name": scope.name, "reason": reason}
    books.ledger.append([Happened(now, LedgerKind.SUSPENSION_LIFTED, lead.pseudonym, body)])
    return lifted
