"""A memory over any database, taken in as the referrer does, and what it must come to by looking at everything."""

import json
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from schemas.scoring import ContentRanked
from schemas.vocabulary import Change
from services.referrer.adapters.memory_store import MemoryBook
from services.referrer.context import weigh
from services.referrer.groups import load_groups
from services.referrer.memory_ports import Kept
from services.referrer.policy import ContextPolicy
from services.referrer.recall import Recall, heard
from services.referrer.records import Sighting
from services.referrer.relations import author_of, pick, reach_back
from services.referrer.remembered import Remembered, context_links
from services.referrer.standing import standing
from tests.builders import NOON, a_text, key_of, normalised, ranked

WORDS = ("watch your back when you leave tonight", "we are outside yours and we are not alone", "who asked")


def stored(fact: ContentRanked) -> Sighting:
    content = fact.content
    return Sighting(
        observation_id=content.observation_id,
        content_key=content.content_key,
        content_version=content.content_version,
        platform=content.platform,
        status=fact.status,
        event_time=content.event_time,
        observed_at=content.observed_at,
        content_risk=fact.scored.content_risk,
        band=fact.scored.band,
        degraded=False,
        counted=False,
        url=content.url,
        test=content.test,
    )


# Of so few rows a choice is made, and so few authors are a burst, that a small world has both; the work list is needed at once.
BOUNDS = {"chosen": 2, "recompute": 1}


def tight(policy: ContextPolicy) -> ContextPolicy:
    bounds, burst = policy.bounds.model_copy(update=BOUNDS), policy.burst.model_copy(update={"authors": 2})
    return policy.model_copy(update={"bounds": bounds, "burst": burst})


def a_fact(random: Random) -> ContentRanked:
    """One observation in a small world: few authors, one thread and place, near-copies, edits, deletions and tests.

    Much of it is said once within one evening about the place and is otherwise nobody's context: what hangs together in one way
    only shows whether that way is followed.
    """
    risk = random.choice([0.01, 0.1, 0.3, 0.3, 0.8])
    if random.random() < 0.6:
        name, author, minutes = str(random.randrange(10, 60)), random.choice("abcdefgh"), random.randrange(540)
        return post(name, author, minutes, risk, place="Harrow Lane", observation_id=key_of(name, author, str(minutes)))
    number, hours = random.randrange(10), random.randrange(300)
    author, text = random.choice("abc"), random.choice(WORDS)
    change = random.choice([Change.CREATED, Change.CREATED, Change.CREATED, Change.EDITED, Change.DELETED])
    return post(
        str(number), author, hours * 60, risk, text, change=change, published_at=NOON,
        observation_id=key_of(str(number), str(hours), author, change.value, text),
        pair_keys=random.choice([(), ("ab",)]), thread_key=random.choice([None, "ab" * 16]),
        texts=() if change is Change.DELETED else (a_text(text),), place=random.choice([None, "Harrow Lane"]),
    )  # fmt: skip


def some_facts(random: Random, count: int) -> list[ContentRanked]:
    """Observations of a small world, some of them also as a test that says the same at the same moment."""
    facts = [a_fact(random) for _ in range(count)]
    twins = [twin(fact) for fact in facts if random.random() < 0.2]
    return list({fact.content.observation_id: fact for fact in (*facts, *twins)}.values())


def twin(fact: ContentRanked) -> ContentRanked:
    content = fact.content
    told = {"test": not content.test, "observation_id": key_of("twin", content.observation_id)}
    return fact.model_copy(update={"content": content.model_copy(update=told)})


def post(name: str, author: str, minutes: float, risk: float, text: str = "", **changes: Any) -> ContentRanked:
    """Something said so long after noon; without words, it says what nobody else says."""
    moment = NOON + timedelta(minutes=minutes)
    similarity = f"{WORDS.index(text):016x}" if text in WORDS[:2] else None
    text = text or f"nothing that anybody else says, {name}"
    values: dict[str, Any] = {
        "content_id": f"p-{name}", "observation_id": key_of("post", name), "event_time": moment, "observed_at": moment,
        "published_at": moment, "author_key": author, "pair_keys": (), "thread_key": None, "similarity": similarity,
        "texts": (a_text(text),),
    }  # fmt: skip
    return ranked(normalised(text, **(values | changes)), risk=risk)


class World:
    """A memory with everything that was taken in, as the referrer keeps it."""

    def __init__(self, connection: sa.Connection, policy: ContextPolicy) -> None:
        self.memory = MemoryBook(connection, policy)
        self.recall = Recall(policy, load_groups())
        self.facts: dict[str, ContentRanked] = {}
        self.sightings: dict[str, dict[str, Sighting]] = {}

    def ranked(self, observation_id: str) -> ContentRanked:
        return self.facts[observation_id]

    def take(self, batch: Sequence[ContentRanked]) -> None:
        self.facts |= {fact.content.observation_id: fact for fact in batch}
        for fact in batch:
            self.sightings.setdefault(fact.content.content_key, {})[fact.content.observation_id] = stored(fact)
        said = []
        for key in dict.fromkeys(fact.content.content_key for fact in batch):
            sightings = list(self.sightings[key].values())
            if (stands := standing(sightings)) is not None:
                said.append(heard(stands))
        self.recall.take(self.memory, self, said)

    def rest(self) -> None:
        while self.recall.catch_up(self.memory) is not None:
            pass

    def links_of(self, kept: Kept) -> list[int]:
        return [number for number, *_ in reach_back(kept.this, self.recall.policy)]

    def kept(self) -> dict[str, Kept]:
        return dict(sorted(self.memory.kept([fact.content.content_key for fact in self.facts.values()]).items()))


def by_definition(kept: dict[str, Kept], policy: ContextPolicy) -> dict[str, Kept]:
    """Every content weighed among everything, the choice per link and window made by looking at all of it."""
    found = {}
    for key, one in kept.items():
        related: dict[str, Remembered] = {}
        for link, length, by in reach_back(one.this, policy):
            rows = [
                k.this
                for k in kept.values()
                if link in context_links(k.this)
                and not k.this.withdrawn
                and k.this.authors
                and k.this.at >= one.this.at - length
                and k.this.moment < one.this.moment
            ]
            best = sorted(rows, key=lambda row: row.choice, reverse=True)
            found_here, _ = pick([(r, author_of(r), r.at) for r in best], by, author_of(one.this), policy.bounds.chosen)
            related |= {row.key: row for row in found_here}
        weighed = weigh(one.this, one.evidence, related.values(), (), policy)
        found[key] = Kept(one.this, one.evidence, one.observation_id, weighed)
    return found


def lines(kept: dict[str, Kept]) -> str:
    return json.dumps({key: repr(one) for key, one in kept.items()}, indent=0)
