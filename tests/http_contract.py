"""A described HTTP interface comes in; what schemathesis sent to it and what it found wrong with the answers goes out."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

SEED = 20_260_601


@dataclass
class Found:
    """Requests that were sent, how often each status came, and one line for every fault."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def take(self, event: Any) -> None:
        """Count what one event of the run says."""
        if isinstance(event, events.ScenarioFinished):
            self._scenario(event.recorder)
        elif isinstance(event, events.NonFatalError):
            self.faults.append(f"{event.label}: {event.info}")
        elif isinstance(event, events.FatalError):
            self.faults.append(f"the run broke off: {event.exception}")

    def _scenario(self, recorder: Any) -> None:
        self.cases += len(recorder.cases)
        answers = {of: seen.response for of, seen in recorder.interactions.items() if seen.response is not None}
        self.statuses.update(answer.status_code for answer in answers.values())
        for of, checks in recorder.checks.items():
            for check in checks:
                if check.status is Status.FAILURE:
                    said = f"{check.name}: {check.failure_info.failure}" if check.failure_info else check.name
                    curl = recorder.cases[of].value.as_curl_command() if of in recorder.cases else ""
                    self.faults.append(f"{recorder.label}: {answers[of].status_code}: {said}\n{curl[:2_000]}")


def configured(examples: int, headers: dict[str, str], **project: Any) -> SchemathesisConfig:
    """All phases and all checks with a fixed seed; `project` as in schemathesis.toml."""
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            # Generating an array of whole events is slow at times, which says nothing of the interface.
            "suppress-health-check": ["all"],
            "headers": headers,
            "continue-on-failure": True,
            "generation": {"max-examples": examples, "database": "none"},
            **project,
        }
    )


def explore(schema: schemathesis.BaseSchema) -> Found:
    """Send everything, and judge every answer."""
    found = Found()
    for event in from_schema(schema).execute():
        found.take(event)
    return found
