"""A name and a password come in; a session of the console, or a refusal that says nothing of either, goes out.

A session is a random value that only the browser holds; the database holds its hash. It is made anew at every sign-in, so
that a value which somebody planted before is worth nothing after.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from services.referrer.accounts import new_person
from services.referrer.books import Books, Database
from services.referrer.declined import Declined, Why
from services.referrer.ledger import Happened, LedgerKind
from services.referrer.oidc import Identified
from services.referrer.records import Person, SessionRow, SignInFailures
from services.runtime.clock import Clock

MINIMUM_PASSWORD, MAXIMUM_PASSWORD, MAXIMUM_NAME = 12, 256, 63
FREE_FAILURES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
FORGET_FAILURES = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=1)

WRONG = Declined(Why.NOT_ALLOWED, "sign_in", "Name and password do not fit together.")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that runs: its secret value, whose it is, and when it ends at the latest."""

    value: str
    person: Person
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SessionLength:
    """How long a session lasts altogether, and how long without a request."""

    whole: timedelta
    idle: timedelta


def new_value() -> str:
    """A value that nobody guesses: 256 random bits."""
    return secrets.token_urlsafe(32)


def stored(value: str) -> str:
    """What the database keeps of it; a secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()


def form_token(value: str) -> str:
    """The token that every form of a session carries: whoever cannot read the cookie cannot make it."""
    return hmac.new(value.encode("utf-8", "replace"), b"form", hashlib.sha256).hexdigest()


def same_token(value: str, given: str) -> bool:
    """Whether a form came from a page of this session."""
    return hmac.compare_digest(form_token(value).encode(), given.encode("utf-8", "replace"))


def wait_after(failures: int) -> timedelta:
    """How long a name has to wait after so many failures in a row; each further one doubles it."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    return min(FIRST_WAIT * (1 << min(failures - FREE_FAILURES, 10)), LONGEST_WAIT)


def password_fault(password: str) -> str | None:
    """Why a password cannot be taken; length is what protects it, so nothing else is asked for."""
    if not MINIMUM_PASSWORD <= len(password) <= MAXIMUM_PASSWORD:
        return f"A password has {MINIMUM_PASSWORD} to {MAXIMUM_PASSWORD} characters."
    return None


class SignIn:
    """Signs people in and out. Blocking, and slow on purpose: asynchronous callers use a thread."""

    def __init__(
        self, database: Database, clock: Clock, length: SessionLength, hasher: PasswordHasher | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._length = length
        self._hasher = hasher or PasswordHasher()
        # Somebody who is not there takes as long to refuse as somebody who is.
        self._nobody = self._hasher.hash(new_value())

    def sign_in(self, name: str, password: str) -> SignedIn | Declined:
        """A fresh session for a person who knows the password."""
        now = self._clock.now()
        failed, person, known = self._database.read(lambda books: _found(books, name))
        if failed is not None and (until := failed.failed_at + wait_after(failed.failures)) > now:
            detail = f"Too many failed sign-ins. Try again after {until:%H:%M:%S} UTC."
            return Declined(Why.CONFLICT, "too_many_sign_ins", detail)
        # The slow part stands outside of any transaction, or one person who signs in would hold up the whole desk.
        right = self._verified(known or self._nobody, password)
        if not right or known is None or person is None or person.revoked_at is not None:
            self._database.write(lambda books: _fail(books, name, now))
            return WRONG

        def begin(books: Books) -> SignedIn | Declined:
            # A password that was changed while it was checked is the right one no longer.
            return self._begun(books, person, now) if books.sessions.password(name) == known else WRONG

        return self._database.write(begin)

    def sign_in_as(self, somebody: Identified) -> SignedIn | Declined:
        """A fresh session for a person whom the provider vouches for; known or new, with the role that the provider says."""
        now = self._clock.now()

        def run(books: Books) -> SignedIn | Declined:
            person = _vouched(books, somebody, now)
            return person if isinstance(person, Declined) else self._begun(books, person, now)

        return self._database.write(run)

    def _begun(self, books: Books, person: Person, now: datetime) -> SignedIn:
        """A fresh session; its value is known to the browser alone."""
        value = new_value()
        row = SessionRow(stored(value), person.pseudonym, now, now, now + self._length.whole)
        _begin(books, row, now)
        return SignedIn(value, person, row.ends_at)

    def _verified(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, password)
        except (Argon2Error, InvalidHashError):
            return False

    def who(self, value: str) -> Person | None:
        """Whose session this is; None for one that ended, never was, or whose person was revoked."""
        now, digest = self._clock.now(), stored(value)
        row = self._database.read(lambda books: books.sessions.get(digest))
        if row is None or row.ends_at <= now or row.seen_at + self._length.idle <= now:
            return None
        person = self._database.read(lambda books: books.people.by_pseudonym(row.pseudonym))
        if person is None or person.revoked_at is not None:
            return None
        if row.seen_at + SEEN_EVERY <= now:
            self._database.write(lambda books: books.sessions.seen(digest, now))
        return person

    def sign_out(self, value: str) -> None:
        """End a session."""
        self._database.write(lambda books: books.sessions.end(stored(value)))

    def set_password(self, pseudonym: str, password: str, actor: str) -> Declined | None:
        """Give a person a password; whoever is signed in with the old one is no longer."""
        if (fault := password_fault(password)) is not None:
            return Declined(Why.INVALID, "password", fault)
        digest, now = self._hasher.hash(password), self._clock.now()

        def run(books: Books) -> Declined | None:
            if books.people.by_pseudonym(pseudonym) is None:
                return Declined(Why.NOT_FOUND, "unknown_person", f"Nobody is called {pseudonym}.")
            books.sessions.put_password(pseudonym, digest, now)
            books.sessions.end_all(pseudonym)
            books.sessions.forget_failures(pseudonym)
            body = {"pseudonym": pseudonym, "password": "changed"}
            books.ledger.append([Happened(now, LedgerKind.PERSON_CHANGED, actor, body)])
            return None

        return self._database.write(run)


def _vouched(books: Books, somebody: Identified, now: datetime) -> Person | Declined:
    """The person of an account elsewhere; of a name that is taken here by a password, nobody."""
    digest = hashlib.sha256(f"{somebody.issuer}\n{somebody.subject}".encode()).hexdigest()
    linked = books.sessions.linked(digest)
    pseudonym = linked or somebody.pseudonym
    person = books.people.by_pseudonym(pseudonym)
    if person is not None and person.revoked_at is not None:
        return Declined(Why.NOT_ALLOWED, "sign_in", "This account is closed at this desk.")
    taken = books.sessions.is_linked(pseudonym) or books.sessions.password(pseudonym) is not None
    if linked is None and person is not None and taken:
        detail = f"The name {pseudonym} belongs to somebody else at this desk. Ask whoever manages accounts."
        return Declined(Why.NOT_ALLOWED, "sign_in", detail)
    changed = person is None or person.role is not somebody.role or person.name != somebody.name
    if person is None:
        # The token stays unknown to everybody; `hub people` gives another one to whoever needs one.
        person = new_person(pseudonym, somebody.name, somebody.role, now)[1]
    person = replace(person, role=somebody.role, name=somebody.name)
    if changed:
        books.people.put(person)
    if linked is None:
        books.sessions.link(digest, pseudonym, now)
    if changed or linked is None:
        body = {"pseudonym": pseudonym, "role": somebody.role.value, "linked": digest[:16]}
        books.ledger.append([Happened(now, LedgerKind.PERSON_CHANGED, "oidc", body)])
    return person


def _could_be(name: str) -> bool:
    """Whether anybody could be called so; nothing else reaches the database."""
    return 0 < len(name) <= MAXIMUM_NAME and name.isprintable()


def _found(books: Books, name: str) -> tuple[SignInFailures | None, Person | None, str | None]:
    if not _could_be(name):
        return None, None, None
    return books.sessions.failures(name), books.people.by_pseudonym(name), books.sessions.password(name)


def _fail(books: Books, name: str, now: datetime) -> None:
    """Count a failure against the name, whether anybody has it or not: the answer must not tell."""
    if not _could_be(name):
        return
    books.sessions.count_failure(name, now, now - FORGET_FAILURES)
    books.sessions.forget_failures_before(now - FORGET_FAILURES)


def _begin(books: Books, row: SessionRow, now: datetime) -> None:
    books.sessions.forget_failures(row.pseudonym)
    books.sessions.end_before(now)
    books.sessions.begin(row)
