"""A number of cases comes in; what a desk of twenty people leaves in its database after a year of work on them goes out, in bulk.

Cases with a request reach 405 days back and all others 183, as the packaged retention leaves them, with a few days that are
overdue for removal. The texts are words of a made-up language, spread like those of any other; the records around them are
those of the invented evening.
"""

import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from schemas.outcome import OutcomeAction, OutcomeStatus, TakedownOutcome
from schemas.referral import TakedownRequested
from schemas.review import CaseState
from schemas.scoring import ContentRanked
from services.referrer.adapters.console_tables import case_words
from services.referrer.adapters.oversight_tables import answerable, deadlines
from services.referrer.adapters.tables import (
    EPOCH,
    cases,
    decision_locations,
    decisions,
    inbox,
    ledger,
    locations,
    outbox,
    outcomes,
    referrals,
    sightings,
)
from services.referrer.ledger import GENESIS, Happened, LedgerKind, chained
from services.referrer.memory_ports import Kept
from services.referrer.remembered import micros
from services.referrer.wording import words_in
from services.runtime.codec import encode
from tests.bench.context import remembered
from tests.builders import NOON, a_request, a_text, normalised
from tests.evening import ranked_evening

CHUNK = 5_000
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
NEWEST_SHARE, SHORT, LONG = 0.73, 183 * DAY, 405 * DAY
PLATFORMS = ("tiktok", "instagram", "facebook", "youtube", "x", "snapchat", "telegram", "discord", "reddit", "bluesky")
PEOPLE = tuple(f"r-{number}" for number in range(1, 21))
BANDS = (("P1", 0.005), ("P2", 0.05), ("P3", 0.3), ("P4", 1.0))
# fmt: off
COMMON = (
    "the", "you", "to", "and", "a", "i", "in", "is", "it", "of", "that", "on", "my", "me", "for", "we", "be",
    "with", "what", "at", "this", "have", "so", "all", "out", "up", "not", "your", "if", "they",
)
SYLLABLES = (
    "ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "wu", "da", "fe", "gi", "ho", "ju", "la", "me", "ni",
    "po", "ru", "sha", "the", "cha", "kra",
)
# fmt: on
WORDS, POOL = 30_000, 1_000_000
Row = tuple[Any, ...]
Rows = Mapping[sa.Table, list[Row]]

# What differs between one record and the next, as it stands in the pattern; the rest is copied.
MARKS: Mapping[str, str] = {
    "key": "c0" * 16, "version": "c1" * 16, "observation": "c2" * 16, "author": "k1:" + "c3" * 16, "thread": "c4" * 16,
    "id": "zzcontentzz", "url": "https://zz.example/zz", "platform": "zzplatformzz", "text": "zztextzz", "at": "2001-02-03T04:05:06Z",
    "referral": "00000000-0000-4000-8000-0000000000c5", "decision": "00000000-0000-4000-8000-0000000000c6",
    "case": "00000000-0000-4000-8000-0000000000c7", "until": "2001-02-03", "length": "987654321",
}  # fmt: skip
_MARK = re.compile("|".join(f"(?P<{name}>{re.escape(value)})" for name, value in MARKS.items()).encode())


class Pattern:
    """A record with gaps."""

    def __init__(self, raw: bytes) -> None:
        self._pieces: list[tuple[bytes, str]] = []
        start = 0
        for found in _MARK.finditer(raw):
            self._pieces.append((raw[start : found.start()], str(found.lastgroup)))
            start = found.end()
        self._end = raw[start:]

    def filled(self, values: Mapping[str, bytes]) -> bytes:
        """The record with these values."""
        return b"".join([part for before, name in self._pieces for part in (before, values[name])] + [self._end])


def ranked_patterns() -> list[Pattern]:
    """Every post of the invented evening, with other words."""
    return [Pattern(encode(_marked(each))) for each in ranked_evening(NOON)]


def _marked(ranked: ContentRanked) -> ContentRanked:
    at = datetime.fromisoformat(MARKS["at"])
    named = {
        "content_key": MARKS["key"], "content_version": MARKS["version"], "observation_id": MARKS["observation"],
        "platform": MARKS["platform"],
    }  # fmt: skip
    text = a_text(MARKS["text"]).model_copy(
        update={"offsets": ((0, 0, int(MARKS["length"])), (int(MARKS["length"]), int(MARKS["length"]), 0))}
    )
    content = {
        "content_id": MARKS["id"], "url": MARKS["url"], "author_key": MARKS["author"], "thread_key": MARKS["thread"],
        "event_time": at, "published_at": at, "observed_at": at, "texts": (text,), "test": False, "pair_keys": (),
    }  # fmt: skip
    scored = {"event_time": at, "scored_at": at, "signals": (), "test": False}
    return ranked.model_copy(
        update={
            "content": ranked.content.model_copy(update=named | content),
            "scored": ranked.scored.model_copy(update=named | scored),
        }
    )


def request_pattern() -> Pattern:
    """A request as it left."""
    request = a_request(content=normalised(MARKS["text"], url=MARKS["url"], content_id=MARKS["id"]))
    at = datetime.fromisoformat(MARKS["at"])
    ids = {"referral_id": UUID(MARKS["referral"]), "root_referral_id": UUID(MARKS["referral"])}
    made = {"case_id": UUID(MARKS["case"]), "decision_id": UUID(MARKS["decision"]), "content_key": MARKS["key"]}
    subject = request.subject.model_copy(update={"author_key": MARKS["author"]})
    until = {"issued_at": at, "due_at": at, "retention_until": at.date(), "subject": subject}
    return Pattern(encode(TakedownRequested.model_copy(request, update=ids | made | until)))


def an_answer() -> bytes:
    """What a platform says of a request."""
    asked = UUID(MARKS["referral"])
    values = {"outcome_id": "o-1", "referral_id": asked, "root_referral_id": asked, "platform": "bluesky"}
    done = {"status": OutcomeStatus.COMPLETED, "outcome": OutcomeAction.REMOVED, "reported_at": NOON}
    return encode(TakedownOutcome.model_validate(values | done))


@dataclass(frozen=True)
class Content:
    """One content that was seen, and the bytes of what was said of it."""

    key: str
    at: int
    platform: str
    url: str
    author: str
    values: Mapping[str, bytes]


@dataclass
class Months:
    """Makes rows in the order of time; the columns of a row are those of its table, in the table's order."""

    count: int
    waiting: int
    seed: int = 1
    now: int = micros(NOON)
    memory: list[Kept] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        rare = {"".join(self.random.choices(SYLLABLES, k=self.random.randint(2, 5))) for _ in range(WORDS)}
        self.words = [*COMMON, *sorted(rare - {*COMMON})]
        weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.words))))
        self._pool = self.random.choices(self.words, cum_weights=weights, k=POOL)
        self._request, self._outcome = request_pattern(), an_answer()
        self.authors = max(10, self.count // 8)
        self._seq, self._hash, self._offset, self._number = 0, GENESIS, 0, 0
        self._happened: list[Happened] = []
        self._rows: dict[sa.Table, list[Row]] = defaultdict(list)

    @cached_property
    def _ranked(self) -> list[Pattern]:
        """Scored when rows are wanted, not where only the words of them are."""
        return ranked_patterns()

    def chunks(self) -> Iterator[Rows]:
        """Some thousand cases at a time."""
        for number in range(self.count):
            self._case(number)
            if number % CHUNK == CHUNK - 1 or number == self.count - 1:
                self._chain()
                yield self._rows
                self._rows = defaultdict(list)
                self.memory = []

    def _chain(self) -> None:
        for entry in chained(self._happened, self._seq, self._hash):
            at = micros(entry.at)
            self._rows[ledger].append(
                (entry.seq, at, entry.kind, entry.actor, entry.body, entry.previous_hash, entry.hash)
            )
            self._seq, self._hash = entry.seq, entry.hash
        self._happened = []

    def author(self) -> str:
        """Few people say much."""
        return self.author_named(int(self.authors * self.random.random() ** 2))

    @staticmethod
    def author_named(number: int) -> str:
        """The key of an author; of the lowest numbers is the most."""
        return f"k1:{number:032x}"

    def said(self) -> str:
        """A text of eight to forty words."""
        start = self.random.randrange(POOL - 40)
        return " ".join(self._pool[start : start + self.random.randint(8, 40)])

    def _uuid(self) -> str:
        # What the class UUID makes of it, at a tenth of its cost.
        drawn = self._key()
        return f"{drawn[:12]}4{drawn[13:16]}8{drawn[17:]}"

    def _key(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    def _content(self, at: int, platform: str, text: str) -> Content:
        """Somebody says something; it is seen some minutes later."""
        author, key, content_id = self.author(), self._key(), f"p{self.random.getrandbits(48):x}"
        url = f"https://{platform}.example/u{author[-8:]}/{content_id}"
        values = {
            "key": key, "version": self._key(), "observation": self._key(), "author": author, "thread": key, "id": content_id,
            "url": url, "platform": platform, "text": text, "at": _iso(at), "length": str(len(text)),
        }  # fmt: skip
        return Content(key, at, platform, url, author, {name: value.encode() for name, value in values.items()})

    def _seen(self, content: Content, risk: float, band: str) -> None:
        """An observation that was taken in, and the words by which it is found."""
        record = self.random.choice(self._ranked).filled(content.values)
        version, observation = content.values["version"].decode(), content.values["observation"].decode()
        self._rows[sightings].append(
            (
                observation, content.key, version, content.platform, "new", content.at, content.at + MINUTE, risk, band, False,
                True, content.url, False, None, content.at + MINUTE, content.author, None, record,
            )
        )  # fmt: skip
        if content.at > self.now - 40 * DAY:
            self._offset += 1
            self._rows[inbox].append(
                ("content.ranked.v1", 0, self._offset, "recorded", observation, content.at + MINUTE)
            )

    def _found_by(self, content: Content) -> None:
        text = b" ".join((content.values["url"], content.values["id"], content.values["text"])).decode()
        seen = -(content.at + MINUTE)
        self._rows[case_words] += [(word, seen, content.key) for word in words_in(text)]

    def _case(self, number: int) -> None:
        random, old = self.random, number < self.count * (1 - NEWEST_SHARE)
        at = self._moment(number, old)
        platform, band, risk = random.choice(PLATFORMS), _band(random.random()), random.random() ** 0.5
        state = CaseState.APPROVED if old else self._state(number)
        case_id, first = self._uuid(), self._content(at, platform, self.said())
        copies = random.randint(1, 8) if random.random() < 0.06 else 0
        # Copies say the same, of other people at other addresses.
        text = first.values["text"].decode()
        everywhere = [first, *(self._content(at + each * MINUTE, platform, text) for each in range(copies))]
        for each in everywhere:
            self._seen(each, risk, band)
            self._found_by(each)
            self._remember(each, first, risk)
        # Of what comes of nothing is more than of cases; here enough to be walked past.
        if random.random() < 0.1:
            self._seen(self._content(max(at, self.now - 50 * DAY), platform, self.said()), 0.1, "none")
        decided = at + random.randint(2, 60) * MINUTE
        final = state in (CaseState.APPROVED, CaseState.REFUSED)
        decision_id, leased = self._uuid(), state is CaseState.LEASED
        version, observation = first.values["version"].decode(), first.values["observation"].decode()
        self._rows[cases].append(
            (
                case_id, state.value, "new", 1, 3 if final else 1, platform, first.key, version, observation, band, risk, -risk,
                at, at + MINUTE, at + MINUTE, at + MINUTE, decided if final else at + MINUTE,
                random.choice(PEOPLE) if leased else None, self.now + HOUR if leased else None,
                decision_id if final else None, version if final else None, decided if final else None, None, False,
            )
        )  # fmt: skip
        self._rows[locations] += [
            (c.key, case_id, platform, c.url, c.values["version"].decode(), c.values["observation"].decode(), True, c.at + MINUTE)
            for c in everywhere
        ]  # fmt: skip
        who = random.choice(PEOPLE)
        self._happens(at + 2 * MINUTE, LedgerKind.VIEWED, who, case_id, content_version=version)
        if final:
            self._decided(state, case_id, decision_id, who, decided, everywhere)

    def _moment(self, number: int, old: bool) -> int:
        edge = self.count * (1 - NEWEST_SHARE)
        if old:
            return self.now - LONG + int((LONG - SHORT) * number / edge)
        return self.now - SHORT + int((SHORT - 5 * MINUTE) * (number - edge) / (self.count - edge))

    def _state(self, number: int) -> CaseState:
        if number < self.count - self.waiting:
            return (CaseState.APPROVED, CaseState.REFUSED, CaseState.MOOT)[bisect((0.3, 0.88), self.random.random())]
        states = (CaseState.OPEN, CaseState.LEASED, CaseState.ESCALATED, CaseState.DEFERRED)
        return states[bisect((0.95, 0.96, 0.98), self.random.random())]

    def _remember(self, content: Content, anchor: Content, risk: float) -> None:
        if content.at <= self.now - 30 * DAY:
            return
        self._number += 1
        kept = remembered(self.random, self._number, self.authors)
        talk = tuple(sorted({content.key, kept.this.talk[0]}))
        this = kept.this._replace(
            key=content.key, at=content.at, seen=content.at + MINUTE, risk=risk, platform=content.platform,
            authors=(content.author,), talk=talk, anchor=anchor.key,
        )  # fmt: skip
        self.memory.append(Kept(this, kept.evidence, content.values["observation"].decode(), kept.weighed))

    def _happens(self, at: int, kind: LedgerKind, actor: str, case_id: str, **more: Any) -> None:
        moment = EPOCH + timedelta(microseconds=at)
        self._happened.append(Happened(moment, kind, actor, {"case_id": _dashed(case_id), **more}))

    def _decided(
        self, state: CaseState, case_id: str, decision_id: str, who: str, at: int, everywhere: list[Content]
    ) -> None:
        said = "approve" if state is CaseState.APPROVED else "refuse"
        reason = "threat_of_violence" if said == "approve" else "not_violent"
        version = everywhere[0].values["version"].decode()
        self._rows[decisions].append(
            (decision_id, case_id, 1, version, said, reason, "", who, "reviewer", at, state.value, False)
        )
        first = everywhere[0].at + 2 * MINUTE
        self._happens(first, LedgerKind.LEASED, who, case_id, until=_iso(at + HOUR))
        self._happens(first, LedgerKind.DECIDED, who, case_id, decision_id=_dashed(decision_id), decision=said)
        if said == "approve":
            for content in everywhere:
                self._asked(case_id, decision_id, at, content)

    def _asked(self, case_id: str, decision_id: str, at: int, content: Content) -> None:
        random, referral_id = self.random, self._uuid()
        values = {
            **content.values, "at": _iso(at).encode(), "until": _iso(at + 400 * DAY)[:10].encode(),
            "referral": _dashed(referral_id).encode(), "decision": _dashed(decision_id).encode(),
            "case": _dashed(case_id).encode(),
        }  # fmt: skip
        body = self._request.filled(values)
        fresh = at > self.now - DAY
        status = (
            "issued" if fresh else ("actioned", "refused_by_platform", "expired")[bisect((0.8, 0.95), random.random())]
        )
        answered = status in ("actioned", "refused_by_platform")
        acted = at + random.randint(10, 3_000) * MINUTE
        outcome_id = f"o-{referral_id[:12]}" if answered else None
        self._rows[decision_locations].append((decision_id, content.key, content.url))
        self._rows[referrals].append(
            (
                referral_id, referral_id, case_id, decision_id, content.key, content.platform, content.url, "referral", status,
                at, acted if answered else at, at + DAY, outcome_id, body, None, False,
            )
        )  # fmt: skip
        self._rows[deadlines].append((referral_id, at + DAY if fresh else None, ""))
        scopes = (("rule", "direct_threat"), ("collector", "demo"), ("platform", content.platform))
        self._rows[answerable] += [(kind, name, referral_id) for kind, name in scopes]
        self._happens(content.at + 2 * MINUTE, LedgerKind.REQUESTED, "desk", case_id, referral_id=_dashed(referral_id))
        if at > self.now - 9 * DAY:
            self._sent(at, body)
        if answered:
            self._answered(referral_id, str(outcome_id), content, status, acted)

    def _sent(self, at: int, body: bytes) -> None:
        self._number += 1
        self._rows[outbox].append((self._number, "takedown.requested.v1", b"key", body, b"[]", at + MINUTE))

    def _answered(self, referral_id: str, outcome_id: str, content: Content, status: str, at: int) -> None:
        done = status == "actioned"
        verdict = "refused" if not done else "reversed" if self.random.random() < 0.01 else "accepted"
        self._rows[outcomes].append(
            (
                content.platform, outcome_id, referral_id, referral_id, "action" if done else "refuse", "completed",
                "removed" if done else "no_action", verdict, False, False, at if done else None, at, at,
                self._outcome.replace(b'"o-1"', f'"{outcome_id}"'.encode()),
            )
        )  # fmt: skip


def _dashed(name: str) -> str:
    return f"{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:]}"


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at // 1_000_000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _band(drawn: float) -> str:
    return next(band for band, until in BANDS if drawn <= until)
