"""The desk does what its description says, whatever is sent to it: the whole interface over a database, thousands of requests."""

from collections.abc import Iterator

import pytest
import schemathesis
import structlog

from services.referrer.adapters.database import SqlDatabase
from services.referrer.api import DeskApi
from services.referrer.roles import Role
from services.referrer.settings import ReferrerSettings
from tests.builders import normalised, ranked
from tests.desk import ADesk
from tests.http_contract import configured, explore

CHECKS = {
    # What JSON Schema cannot say refuses a request as well: a reason that is none for this decision, a page that was never given.
    "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "403", "404", "409", "422"]},
}


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[ADesk]:
    database = SqlDatabase(sqlite_url)
    yield ADesk(database)
    database.close()


@pytest.mark.no_cover
@pytest.mark.timeout(300)
def test_the_desk_answers_as_it_is_described(desk: ADesk) -> None:
    token, lead = desk.tokened("lead-1", Role.LEAD)
    connector, _ = desk.connector()
    case = desk.held(lead, desk.case())
    referral = desk.approved(desk.case(ranked(normalised("we know where you live", content_id="other"))))
    api = DeskApi(
        ReferrerSettings(), desk.desk, desk.deciding, desk.amending, desk.following, desk.boards,
        structlog.get_logger(), lambda: None,
    )  # fmt: skip
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json",
        api.app(),
        config=configured(
            20,
            {"Authorization": f"Bearer {token}"},
            checks=CHECKS,
            parameters={"case_id": str(case.case_id), "referral_id": str(referral.referral_id)},
            operations=[
                {"include-path": "/v1/outcomes", "headers": {"Authorization": f"Bearer {connector}"}},
            ],
        ),
    )
    found = explore(schema)
    assert found.faults == []
    assert found.cases >= 1_500
    assert found.statuses[200] >= 200
