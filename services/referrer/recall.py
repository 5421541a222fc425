"""What is now known of some contents comes in; the memory is brought up to it, and every risk that this moves goes out.

All in the caller's transaction. At rest the memory and the risks are a function of the set of observations taken in: of each
content what stands now is remembered, and whatever has it as context is weighed again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.scoring import ContentRanked
from services.referrer.context import Weighed, weigh
from services.referrer.gathering import Gathering
from services.referrer.groups import Groups
from services.referrer.memory_ports import Heard, Kept, Memory, Records, Span
from services.referrer.policy import ContextPolicy
from services.referrer.relations import author_of, reach_ahead
from services.referrer.remembered import Remembered, micros, remembered
from services.referrer.standing import Standing

# Spans of the work list for each content that is weighed again at once: many lead to the same content, which is weighed once
# for all that are looked at together. What there was no room for goes back to the list.
SPANS_PER_CONTENT = 20


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a change moved: contents weighed again, those no longer remembered, and the anchors whose cases have other members."""

    kept: Mapping[str, Kept]
    forgotten: Collection[str]
    anchors: Collection[str]


class Recall:
    """Keeps memory and risks in step."""

    def __init__(self, policy: ContextPolicy, groups: Groups) -> None:
        self.policy = policy
        self.groups = groups

    def take(self, memory: Memory, records: Records, heard: Iterable[Heard]) -> Recalled:
        """Bring the memory to what was heard, one entry per content."""
        stands = {one.key: one for one in heard}
        stored = memory.kept(stands)
        fresh = {key: self._entry(one, stored.get(key), records) for key, one in stands.items()}
        below = [k for k, entry in fresh.items() if entry.this.risk < self.policy.floors.context]
        for key in below:
            # What says so little neither has context nor is any; a silent edit of a threat leaves as if it had never been.
            del fresh[key]
        return self._changed(memory, stored, fresh)

    def erase(self, memory: Memory, keys: Collection[str]) -> Recalled:
        """Forget contents as if they had never been; whatever had them as context is weighed again."""
        return self._changed(memory, memory.kept(keys), {})

    def catch_up(self, memory: Memory) -> Recalled | None:
        """One stretch of the work list: what was too much for the transaction that changed it. None where nothing is left."""
        spans = memory.deferred(SPANS_PER_CONTENT * self.policy.bounds.recompute)
        return self._weigh(memory, {}, spans, (), ()) if spans else None

    def _entry(self, heard: Heard, stored: Kept | None, records: Records) -> Kept:
        # What was just taken in may be the same observation with a full score in place of a degraded one.
        if stored is not None and stored.observation_id == heard.observation_id and heard.ranked is None:
            this, evidence, weighed, anchor = stored.this, stored.evidence, stored.weighed, stored.this.anchor
        else:
            ranked = heard.ranked or records.ranked(heard.observation_id)
            this, evidence = remembered(ranked, self.policy, self.groups)
            weighed = stored.weighed if stored else Weighed(this.risk, evidence.band, (), ())
            anchor = stored.this.anchor if stored else this.key
        this = this._replace(at=heard.at, seen=heard.seen, withdrawn=not heard.live, anchor=anchor)
        return Kept(this, evidence, heard.observation_id, weighed)

    def _changed(self, memory: Memory, stored: Mapping[str, Kept], fresh: Mapping[str, Kept]) -> Recalled:
        gone = [kept.this for key, kept in stored.items() if key not in fresh]
        moved = {k for k, kept in fresh.items() if k not in stored or _copy_traits(kept) != _copy_traits(stored[k])}
        settled = Gathering(memory, self.policy).settle(
            [*gone, *(stored[key].this for key in moved if key in stored)], [fresh[key].this for key in moved]
        )
        touched = dict(fresh) | memory.kept([key for key in settled if key not in fresh])
        before = {key: kept.this for key, kept in touched.items() if key not in fresh}
        before |= {key: kept.this for key, kept in stored.items() if key in fresh}
        touched |= {key: _at(touched[key], entry.anchor) for key, entry in settled.items()}
        memory.forget(gone)
        memory.relink(before, [kept.this for kept in touched.values()])
        spans = list(self._spans([*gone, *before.values()], touched))
        anchors = {entry.anchor for entry in (*gone, *before.values())}
        anchors |= {kept.this.anchor for kept in touched.values()}
        return self._weigh(memory, touched, spans, [entry.key for entry in gone], anchors)

    def _spans(self, before: Iterable[Remembered], after: Mapping[str, Kept]) -> Iterable[Span]:
        """Where later content had or will have the changed entries as context."""
        old = {entry.key: entry for entry in before}
        for key in sorted({*old, *after}):
            was, now = old.get(key), after[key].this if key in after else None
            if was is not None and now is not None and _as_context(was) == _as_context(now):
                continue
            for entry in (was, now):
                if entry is not None:
                    author = author_of(entry)
                    for number, (length, by, home) in reach_ahead(entry, self.policy).items():
                        yield Span(number, entry.at, key, entry.at + length, entry.choice, by, author, home)

    def _weigh(
        self,
        memory: Memory,
        touched: Mapping[str, Kept],
        spans: Sequence[Span],
        forgotten: Collection[str],
        anchors: Collection[str],
    ) -> Recalled:
        later, left = memory.later(spans, self.policy.bounds.recompute)
        memory.defer(left)
        kept = dict(touched) | memory.kept(later - set(touched))
        entries = [one.this for one in kept.values()]
        related, counts = memory.related(entries), memory.counts(kept)
        again = {}
        for key, one in kept.items():
            found = weigh(one.this, one.evidence, related.get(key, ()), counts.get(key, ()), self.policy)
            again[key] = replace(one, weighed=found)
        memory.put([one for key, one in again.items() if key in touched or one.weighed != kept[key].weighed])
        return Recalled(again, forgotten, {*anchors, *(one.this.anchor for one in again.values())})


def _at(kept: Kept, anchor: str) -> Kept:
    return replace(kept, this=kept.this._replace(anchor=anchor))


def _copy_traits(kept: Kept) -> tuple[object, ...]:
    """What decides of which content this is a copy."""
    this = kept.this
    return (this.seen, this.similarity, this.bands, this.short, this.media, this.test)


def _as_context(this: Remembered) -> tuple[object, ...]:
    """What others see of an entry when it is their context."""
    return (
        this.at, this.risk, this.withdrawn, this.authors, this.pairs, this.talk, this.subjects, this.media, this.anchor,
        this.platform, this.seen, this.similarity, this.bands, this.short, this.test,
    )  # fmt: skip


def heard(stands: Standing, ranked: ContentRanked | None = None) -> Heard:
    """How a content stands, as the memory takes it; `ranked` is its current observation if the caller has it."""
    return Heard(
        key=stands.current.content_key,
        observation_id=stands.current.observation_id,
        at=micros(stands.said_at),
        seen=micros(stands.first_seen_at),
        live=stands.live,
        ranked=ranked,
    )
