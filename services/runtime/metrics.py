"""Every metric of the hub, each with the question it answers; services count with these and define none themselves."""

import collections
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from services.runtime.envelope import Incoming, accepted_at

REGISTRY = CollectorRegistry()
OTHER = "other"
# Cut at the objectives: 1 s door to ranked, 5 s ranked to reviewer; minutes and hours for people and platforms.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
AGES = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0, 86_400.0)
DURATIONS = (60.0, 300.0, 900.0, 3600.0, 4 * 3600.0, 12 * 3600.0, 86_400.0, 2 * 86_400.0, 7 * 86_400.0)
SHARES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


def _counter(name: str, question: str, labels: Iterable[str] = ()) -> Counter:
    return Counter(name, question, labels, registry=REGISTRY)


def _gauge(name: str, question: str, labels: Iterable[str] = ()) -> Gauge:
    return Gauge(name, question, labels, registry=REGISTRY)


def _histogram(name: str, question: str, labels: Iterable[str], buckets: tuple[float, ...]) -> Histogram:
    return Histogram(name, question, labels, registry=REGISTRY, buckets=buckets)


events = _counter("hub_events_total", "How many records ended how, in which stage?", ("stage", "outcome"))
dead_letters = _counter("hub_dead_letters_total", "What could not be used, and why?", ("stage", "reason"))
stage_seconds = _histogram("hub_stage_seconds", "How long does a stage work on a record or batch?", ("stage",), SECONDS)
event_age = _histogram("hub_event_age_seconds", "How old is an event when a stage has finished it?", ("stage",), AGES)
lag = _gauge("hub_consumer_lag_records", "How far is a consumer behind?", ("topic", "partition"))
since_progress = _gauge("hub_seconds_since_progress", "How long ago did a stage finish its last record?", ("stage",))
score = _histogram("hub_score", "How are scores distributed, and do they drift?", ("violence_type",), SHARES)
model_info = _gauge("hub_model_info", "Which model and content policy decide, by digest?", ("digest", "version"))
risk_band = _counter("hub_risk_band_total", "How much content falls into which band?", ("band",))
degraded = _counter(
    "hub_degraded_total", "What became of degraded results that waited to be scored again?", ("outcome",)
)
degraded_waiting = _gauge("hub_degraded_waiting", "How many degraded results wait to be scored again?")
queue_depth = _gauge("hub_review_queue_depth", "How many cases wait for a person: open, taken or escalated?", ("band",))
queue_oldest = _gauge("hub_review_oldest_seconds", "How long is the oldest of them undecided?", ("band",))
agreement = _gauge("hub_reviewer_agreement_kappa", "Do reviewers agree (Cohen's kappa)?")
# Whoever does not measure it says so: 0 would be no agreement beyond chance, and every process has this gauge.
agreement.set(math.nan)
takedowns = _counter("hub_takedowns_total", "How many requests left, to whom, of what kind?", ("platform", "kind"))
deliveries = _counter(
    "hub_deliveries_total", "How do attempts to hand requests over beside Kafka end?", ("platform", "channel", "state")
)
outcomes = _counter("hub_outcomes_total", "What did platforms do?", ("platform", "outcome"))
time_to_referral = _histogram("hub_time_to_referral_seconds", "How long from first seen to requested?", (), DURATIONS)
time_to_outcome = _histogram(
    "hub_time_to_outcome_seconds", "How long from requested to acted on?", ("platform",), DURATIONS
)
deadline_remaining = _gauge("hub_deadline_seconds_remaining", "When does the next deadline run out?", ("platform",))
deadline_breaches = _counter("hub_deadline_breaches_total", "How many deadlines passed unanswered?", ("platform",))
reinstatements = _counter("hub_reinstatements_total", "How much came back after an appeal?", ("platform",))
conservation_gap = _gauge(
    "hub_conservation_gap", "How many accepted records have no ending, or two, or were removed unread?"
)
# As above: 0 would be said by all that never look, and would stand for an audit that is away.
conservation_gap.set(math.nan)
build_info = _gauge("hub_build_info", "Which build runs?", ("version",))


def count_batch(
    stage: str, outcomes: Iterable[StrEnum], sources: Sequence[Incoming], seconds: float, now: datetime
) -> None:
    """One batch of a stage: how its records ended, how old they were by then, and how long it took.

    A series is found by its labels once a batch: that costs three times what counting does.
    """
    stage_seconds.labels(stage).observe(seconds)
    for outcome, number in collections.Counter(outcomes).items():
        events.labels(stage, outcome.value).inc(number)
    age = event_age.labels(stage)
    for source in sources:
        if (accepted := accepted_at(source)) is not None:
            age.observe(max(0.0, (now - accepted).total_seconds()))


def tell_lags(behind: Mapping[tuple[str, int], int]) -> None:
    """How far this process's consumer is behind, per topic and partition; of a partition that moved away it tells no longer."""
    told = {(each.labels["topic"], each.labels["partition"]) for metric in lag.collect() for each in metric.samples}
    # Whoever has the partition now tells its lag; what is told here would stay as it was.
    for topic, number in told - {(topic, str(partition)) for topic, partition in behind}:
        lag.remove(topic, number)
    for (topic, partition), records in behind.items():
        lag.labels(topic, str(partition)).set(records)


def at_zero(counter: Counter, *labels: Iterable[str]) -> None:
    """Have a series there for each combination of these values: one that begins with its first event shows no increase."""
    for values in itertools.product(*labels):
        counter.labels(*values)


def platform_labels(directory: frozenset[str]) -> frozenset[str]:
    """Every label that `platform_label` gives."""
    return directory | {OTHER}


def platform_label(platform: str, directory: frozenset[str]) -> str:
    """A platform as a label: names outside the directory read `other`, so that posters cannot grow the label set."""
    return platform if platform in directory else OTHER
