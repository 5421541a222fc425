"""A running stack comes in; what it holds, whether it is at rest, and the check of a whole run go out."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar

from deploy.demo.people import DeskClient, Plan, outcomes_for, review
from deploy.demo.stack import Stack
from deploy.demo.verdict import Sent, Totals, audit_faults, duplicates_of, gate_faults
from schemas.base import Fact
from schemas.desk import DecisionAnswer
from schemas.door import Verdict
from schemas.outcome import TakedownOutcome
from schemas.referral import TakedownRequested
from schemas.review import CaseState, ReviewDecided
from schemas.topics import DEAD_LETTERS, FACTS, NORMALISED, RANKED, RECEIVED, SCORED, TAKEDOWN_OUTCOME, Topic
from services.commands.audit import inbox_of
from services.commands.auditing import Audit, Groups
from services.runtime.codec import decode, encode
from services.runtime.conservation import StageAudit
from services.runtime.envelope import Outgoing, envelope
from services.runtime.errors import Fatal
from services.runtime.kafka import Producer
from services.runtime.reading import Reader

F = TypeVar("F", bound=Fact)
TOPIC_OF: Mapping[type[Fact], str] = {topic.fact: topic.name for topic in FACTS if topic.fact is not None}
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.5
SETTLE_SECONDS = 10.0


def topic_counts(stack: Stack) -> dict[str, int]:
    """Records per topic now, in the order of the flow; dead letters together."""

    async def look() -> dict[str, int]:
        async with Reader(stack.kafka) as reader:
            found = {topic.name: await held(reader, topic) for topic in FACTS}
            return found | {"dead letters": sum([await held(reader, topic) for topic in DEAD_LETTERS])}

    return asyncio.run(look())


async def held(reader: Reader, topic: Topic) -> int:
    """Records on a topic now."""
    return sum(end - begin for begin, end in (await reader.bounds(topic.name)).values())


def told_of(stack: Stack, topic: Topic) -> int:
    """Records of the stage before that a topic tells of: a result that was scored again counts once."""

    async def look() -> int:
        async with Reader(stack.kafka) as reader:
            return len({record.header("hub_source") async for record in reader.records([topic.name])})

    return asyncio.run(look())


def facts(stack: Stack, fact: type[F]) -> list[F]:
    """Every fact that its topic holds."""

    async def look() -> list[F]:
        async with Reader(stack.kafka) as reader:
            return [decode(fact, record.value) async for record in reader.records([TOPIC_OF[fact]])]

    return asyncio.run(look())


def audited(stack: Stack) -> list[StageAudit]:
    """What became of every record."""
    return asyncio.run(Audit(stack.kafka, Groups(), inbox_of(stack.database_url)).run())


def require_running(stack: Stack) -> None:
    """Raises Fatal with the end of its log where a service has ended."""
    for service in stack.services:
        if service.exit_code is not None:
            raise Fatal(f"{service.name} ended with {service.exit_code}:\n{service.tail()}")


def scored_in_haste(stack: Stack) -> float:
    """Degraded results that wait to be scored again."""
    return sum(service.told("hub_degraded_waiting") for service in stack.services)


def await_rest(stack: Stack, arrived: Callable[[dict[str, int]], bool] = lambda _: True) -> list[StageAudit]:
    """Return the audit once no record waits and `arrived` says that all is there. Raises Fatal after a while."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    settled = time.monotonic() + SETTLE_SECONDS
    while True:
        require_running(stack)
        # Before and after: what is scored again in between lies on its topic when the audit is over, and not when it begins.
        hasty = scored_in_haste(stack)
        stages = audited(stack)
        hasty += scored_in_haste(stack)
        if not hasty and not any(stage.waiting for stage in stages) and arrived(topic_counts(stack)):
            # The referrer publishes its dead letters a moment after it has committed them.
            if not any(stage.gap for stage in stages) or time.monotonic() > settled:
                return stages
        else:
            settled = time.monotonic() + SETTLE_SECONDS
        if time.monotonic() > deadline:
            left = ", ".join(f"{stage.topic}: {stage.waiting}" for stage in stages if stage.waiting)
            left = left or ("results to be scored again" if hasty else "records of the referrer")
            raise Fatal(f"not at rest after {PATIENCE_SECONDS:g} s; still waiting: {left}")
        time.sleep(LOOK_SECONDS)


def report_outcomes(stack: Stack, answers: Sequence[DecisionAnswer]) -> int:
    """Platforms answer every request, over their topic; gives how many reports there were."""
    referrals = [referral for answer in answers for referral in answer.referrals]
    outcomes = [outcome for number, referral in enumerate(referrals) for outcome in outcomes_for(number, referral)]
    asyncio.run(_send([_record(outcome) for outcome in outcomes], stack))
    return len(outcomes)


def _record(outcome: TakedownOutcome) -> Outgoing:
    headers = envelope(TAKEDOWN_OUTCOME, id=outcome.outcome_id, stage="platform", time=outcome.reported_at)
    return Outgoing(TAKEDOWN_OUTCOME.name, str(outcome.root_referral_id).encode(), encode(outcome), headers)


async def _send(records: Sequence[Outgoing], stack: Stack) -> None:
    producer = Producer(stack.kafka, "hub-demo")
    await producer.start()
    try:
        await producer.send_all(records)
    finally:
        await producer.stop()


@dataclass(frozen=True, slots=True)
class Checked:
    """The end of a check: its totals and everything that was promised and not kept."""

    totals: Totals
    faults: tuple[str, ...]


def check(
    stack: Stack, published: Mapping[Verdict, int], plan: Plan, say: Callable[[str], None], begun: float
) -> Checked:
    """Wait for the queue, review it, let the platforms answer, and hold the run to its promises."""
    accepted = published.get(Verdict.ACCEPTED, 0)
    say("waiting for the queue")
    await_rest(stack, lambda counts: counts[RECEIVED.name] >= accepted)
    say("reviewing")
    with ExitStack() as held_open:
        first, second = (held_open.enter_context(DeskClient(stack.desk, token)) for token in stack.reviewer_tokens)
        answers = review(first, second, plan)
        cases = sum(1 for _ in first.cases(tuple(CaseState)))
    requests = sum(len(answer.referrals) for answer in answers)
    say("platforms answer")
    outcomes = report_outcomes(stack, answers)
    stages = await_rest(
        stack,
        lambda counts: counts[TakedownRequested.TOPIC] >= requests and counts[ReviewDecided.TOPIC] >= len(answers),
    )
    requested = facts(stack, TakedownRequested)
    counts = topic_counts(stack)
    faults = [*audit_faults(stages), *gate_faults(facts(stack, ReviewDecided), map(Sent.of, requested))]
    totals = Totals(
        accepted=accepted,
        normalised=counts[NORMALISED.name],
        scored=told_of(stack, SCORED),
        ranked=told_of(stack, RANKED),
        cases=cases,
        takedowns=len(requested),
        outcomes=outcomes,
        ignored=published.get(Verdict.IGNORED, 0),
        dead_lettered=counts["dead letters"],
        duplicates=duplicates_of(stages) + published.get(Verdict.DUPLICATE, 0),
        gap=sum(stage.gap for stage in stages),
        seconds=time.monotonic() - begun,
    )
    if not accepted:
        faults.append("the door accepted nothing")
    if not requests:
        faults.append("nothing was approved, so no request could be checked")
    return Checked(totals, tuple(faults))
