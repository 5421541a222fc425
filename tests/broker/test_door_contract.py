"""The door does what its description says, whatever is sent to it: a real process on a real broker, and thousands of requests."""

import pytest
import schemathesis

from tests.broker.conftest import RunningDoor
from tests.http_contract import configured, explore

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

CHECKS = {
    # What JSON Schema cannot say refuses an event as well: times from the future, addresses that no platform would understand,
    # code points that no JSON text may hold; and a body of 500 large events is larger than a body may be.
    "positive_data_acceptance": {"expected-statuses": ["2xx", "413", "422"]},
    # Events of an array are judged one by one: 207 says of each bad one why it was not taken.
    "negative_data_rejection": {"expected-statuses": ["207", "400", "401", "405", "413", "415", "422"]},
}


def test_the_door_answers_as_it_is_described(running_door: RunningDoor) -> None:
    headers = {"Authorization": f"Bearer {running_door.key}"}
    # The body is described in the hub's own shape; the shapes of platforms have tests of their own.
    config = configured(60, headers, checks=CHECKS, parameters={"format": "hub"})
    schema = schemathesis.openapi.from_url(f"{running_door.url}/openapi.json", config=config)
    found = explore(schema)
    assert found.faults == []
    assert found.cases >= 700
    assert found.statuses[202] >= 200
