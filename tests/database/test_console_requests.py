"""The console about requests, without a script: the notice and its grounds chosen by hand, a request taken back or corrected."""

import httpx
import pytest
import sqlalchemy as sa
import xarf
from selectolax.lexbor import LexborHTMLParser

from schemas.outcome import OutcomeAction, OutcomeStatus, RefusedReason
from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import Profile, ReferralStatus, RequestKind
from schemas.topics import TAKEDOWN_REQUESTED
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.tables import referrals
from services.referrer.records import Case, Referral
from services.referrer.roles import Role
from services.runtime.codec import decode, encode
from tests.builders import NOON
from tests.consoles import AConsole, Browser
from tests.database.test_console_desk import approve, words
from tests.desk import an_outcome

pytest_plugins = ["tests.database.console_fixture"]
DSA = {"profile": "dsa_art16", "ground": ["poa1986_s4", "oapa1861_s16"]}


def left(console: AConsole) -> list[TakedownRequested]:
    return [decode(TakedownRequested, out.value) for out in console.desk.outbox(TAKEDOWN_REQUESTED.name)]


async def holding(console: AConsole) -> tuple[Browser, Case]:
    """A reviewer who holds a case."""
    case, ada = console.desk.case(), await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    return ada, case


async def leading(console: AConsole) -> tuple[Browser, Referral]:
    """A lead before a request that left."""
    return await console.signed_in(Role.LEAD, "lea"), console.desk.approved()


def values(answer: httpx.Response, selector: str) -> list[str]:
    return [str(node.attributes.get("value")) for node in LexborHTMLParser(answer.text).css(selector)]


async def test_only_notices_that_desk_and_platform_allow_are_offered(console: AConsole) -> None:
    ada, case = await holding(console)
    page = await ada.get(f"/cases/{case.case_id}")
    assert values(page, "#profile option") == ["", "voluntary_referral", "dsa_art16", "uk_cpa2026_s21"]
    assert "only an authority that a Member State has designated gives the order" in words(page)


async def test_only_law_that_the_desk_can_name_is_offered(console: AConsole) -> None:
    ada, case = await holding(console)
    offered = values(await ada.get(f"/cases/{case.case_id}"), 'input[name="ground"]')
    assert {"poa1986_s4", "oapa1861_s16"} <= set(offered)
    assert not {"tco2021_784_art3", "cpa2026_s21", "dsa2022_2065_art16"} & set(offered)


async def test_the_notice_and_its_grounds_are_chosen_by_hand(console: AConsole) -> None:
    ada, case = await holding(console)
    assert (await approve(ada, case, **DSA)).status_code == 303
    (request,) = left(console)
    assert (request.profile, request.kind) == (Profile.DSA_ART16, RequestKind.ART16_NOTICE)
    assert {each.provision for each in request.legal_basis} == {"s.4", "s.16"}


async def test_the_preview_shows_what_will_leave_and_stores_nothing(console: AConsole) -> None:
    ada, case = await holding(console)
    fields = {
        "decision": "approve", "reason_code": "threat_to_life", "content_version": case.content_version,
        "location": case.content_key, "facts": "Seen on the bridge.", **DSA,
    }  # fmt: skip
    page = await ada.post(f"/cases/{case.case_id}/preview", fields)
    sheet = LexborHTMLParser(page.text).css_first("details.draft[open] .sheet")
    assert page.status_code == 200 and sheet is not None
    said = " ".join(sheet.text(separator=" ").split())
    for each in (
        "Notice under Article 16",
        "Public Order Act 1986, s.4",
        "Seen on the bridge.",
        "threatens a person's life",
    ):
        assert each in said
    assert left(console) == []
    assert console.desk.now(case.case_id).lease_holder == "ada"
    assert values(page, 'input[name="ground"][checked]') == ["oapa1861_s16", "poa1986_s4"]
    assert (
        await approve(ada, case, reason_code="threat_to_life", facts="Seen on the bridge.", **DSA)
    ).status_code == 303
    assert left(console)[0].facts == "Seen on the bridge."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"profile": "voluntary_referral", "ground": "poa1986_s4"}, "names the platform's own rules and no law"),
        ({"profile": "dsa_art16", "ground": "nothing"}, "'nothing' is no ground"),
        ({"profile": "dsa_art16", "ground": "tco2021_784_art3"}, "'tco2021_784_art3' is no ground"),
        ({"profile": "tco_annex1"}, "only an authority that a Member State has designated"),
    ],
)
async def test_what_cannot_be_chosen_is_refused_with_its_rule(
    console: AConsole, changes: dict[str, str], said: str
) -> None:
    ada, case = await holding(console)
    answer = await approve(ada, case, **changes)
    assert answer.status_code == 422
    assert said in words(answer)
    assert left(console) == []


async def test_a_preview_says_what_is_missing(console: AConsole) -> None:
    ada, case = await holding(console)
    page = await ada.post(f"/cases/{case.case_id}/preview", {"decision": "approve", "content_version": "0" * 16})
    assert page.status_code == 422
    assert "Choose a reason." in words(page)


async def test_a_request_is_reached_from_its_case(console: AConsole) -> None:
    lea, sent = await leading(console)
    page = await lea.get(f"/cases/{sent.case_id}")
    assert f'href="/referrals/{sent.referral_id}"' in page.text
    request = await lea.get(f"/referrals/{sent.referral_id}")
    assert sent.url in words(request)
    assert values(request, "#withdraw-code option")[:2] == ["", "issued_in_error"]


async def test_a_lead_withdraws_a_request(console: AConsole) -> None:
    lea, sent = await leading(console)
    fields = {"reason_code": "quotation_or_counter_speech", "reasons": "It quotes to condemn.", "note": "told by ada"}
    done = await lea.post(f"/referrals/{sent.referral_id}/withdraw", fields)
    assert done.status_code == 303
    page = await lea.get(done.headers["location"])
    assert "Withdrawn; the platform is told" in words(page)
    assert "Nothing can be done with it any more." in words(page)
    assert [request.kind for request in left(console)] == [RequestKind.REFERRAL, RequestKind.WITHDRAWAL]
    assert left(console)[1].reasons == "It quotes to condemn."
    assert "withdraw: quotation or counter speech" in words(await lea.get(f"/cases/{sent.case_id}"))


async def test_a_withdrawal_needs_a_reason(console: AConsole) -> None:
    lea, sent = await leading(console)
    answer = await lea.post(f"/referrals/{sent.referral_id}/withdraw", {"what": "withdraw", "reasons": "So."})
    assert (answer.status_code, "Choose a reason." in words(answer)) == (422, True)
    assert LexborHTMLParser(answer.text).css_first("#withdraw-reasons").text() == "So."  # type: ignore[union-attr]
    assert len(left(console)) == 1


async def test_a_correction_starts_from_what_was_sent(console: AConsole) -> None:
    ada, case = await holding(console)
    await approve(ada, case, **DSA)
    lea = await console.signed_in(Role.LEAD, "lea")
    (request,) = left(console)
    page = await lea.get(f"/referrals/{request.referral_id}")
    assert values(page, "#profile option[selected]") == ["dsa_art16"]
    assert values(page, 'input[name="ground"][checked]') == ["oapa1861_s16", "poa1986_s4"]
    facts = LexborHTMLParser(page.text).css_first("#facts")
    assert facts is not None and facts.text() == request.facts


async def test_a_lead_looks_at_a_correction_and_sends_it(console: AConsole) -> None:
    lea, sent = await leading(console)
    fields = {
        "what": "correct", "reason_code": "threat_of_violence", "facts": "Seen at the bridge.", **DSA,
    }  # fmt: skip
    page = await lea.post(f"/referrals/{sent.referral_id}/preview", fields)
    assert "Correction of an earlier request" in words(page)
    assert "Seen at the bridge." in words(page)
    assert len(left(console)) == 1
    done = await lea.post(f"/referrals/{sent.referral_id}/correct", fields | {"good_faith": "yes"})
    assert done.status_code == 303
    corrected = left(console)[1]
    assert (corrected.kind, corrected.profile, corrected.facts) == (
        RequestKind.CORRECTION, Profile.DSA_ART16, "Seen at the bridge.",
    )  # fmt: skip
    assert corrected.root_referral_id == sent.referral_id
    page = await lea.get(f"/referrals/{sent.referral_id}")
    assert ReferralStatus.CORRECTED.value in words(page)


async def test_a_correction_without_good_faith_is_refused_and_nothing_is_lost(console: AConsole) -> None:
    lea, sent = await leading(console)
    fields = {"what": "correct", "reason_code": "threat_of_violence", "facts": "Seen at the bridge."}
    answer = await lea.post(f"/referrals/{sent.referral_id}/correct", fields)
    assert (answer.status_code, "good faith" in words(answer)) == (422, True)
    assert LexborHTMLParser(answer.text).css_first("#facts").text() == "Seen at the bridge."  # type: ignore[union-attr]
    assert len(left(console)) == 1


async def test_a_reviewer_sees_a_request_and_no_form(console: AConsole) -> None:
    sent = console.desk.approved()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    page = await ada.get(f"/referrals/{sent.referral_id}")
    assert "A lead withdraws and corrects requests." in words(page)
    assert LexborHTMLParser(page.text).css('form[action^="/referrals"]') == []


async def test_a_second_lead_is_told_that_it_is_done(console: AConsole) -> None:
    lea, sent = await leading(console)
    max_ = await console.signed_in(Role.LEAD, "max")
    await lea.post(f"/referrals/{sent.referral_id}/withdraw", {"reason_code": "issued_in_error"})
    answer = await max_.post(f"/referrals/{sent.referral_id}/correct", {
        "reason_code": "threat_of_violence", "good_faith": "yes",
    })  # fmt: skip
    assert (answer.status_code, "correct cannot follow withdrawn" in words(answer)) == (409, True)


@pytest.mark.parametrize("referral_id", ["x", "..%2f..", "00000000-0000-4000-8000-000000000000"])
async def test_a_request_that_is_none_is_not_found(console: AConsole, referral_id: str) -> None:
    lea = await console.signed_in(Role.LEAD, "lea")
    assert (await lea.get(f"/referrals/{referral_id}")).status_code == 404


async def test_the_notice_is_there_to_print_and_as_a_pdf(console: AConsole) -> None:
    lea, sent = await leading(console)
    page = await lea.get(f"/referrals/{sent.referral_id}")
    for name in ("notice.html", "notice.pdf", "xarf.json", "statement.json"):
        assert f'href="/referrals/{sent.referral_id}/{name}"' in page.text
    printable = await lea.get(f"/referrals/{sent.referral_id}/notice.html")
    assert sent.url in words(printable)
    policy = printable.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "style-src 'sha256-" in policy and "unsafe" not in policy
    pdf = await lea.get(f"/referrals/{sent.referral_id}/notice.pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["content-disposition"] == f'attachment; filename="{sent.referral_id}.pdf"'
    assert console.desk.ledger().count("viewed") >= 3


async def test_a_request_is_there_as_a_report_that_the_published_schema_accepts(console: AConsole) -> None:
    lea, sent = await leading(console)
    answer = await lea.get(f"/referrals/{sent.referral_id}/xarf.json")
    assert (answer.status_code, xarf.SchemaValidator().validate(answer.json())) == (200, [])
    assert answer.headers["content-disposition"] == f'attachment; filename="{sent.referral_id}.xarf.json"'
    assert answer.json()["report_id"] == str(sent.referral_id)


async def test_a_report_that_lacks_something_is_no_file_and_says_what(console: AConsole) -> None:
    lea, sent = await leading(console)
    request = decode(TakedownRequested, sent.body)
    nameless = request.model_copy(update={"issuer": request.issuer.model_copy(update={"email": None})})
    database = console.desk.database
    assert isinstance(database, SqlDatabase)
    with database.engine.begin() as connection:
        connection.execute(sa.update(referrals).values(body=encode(nameless)))
    answer = await lea.get(f"/referrals/{sent.referral_id}/xarf.json")
    assert answer.status_code == 422
    assert "issuer.email: XARF 4 needs the contact address of the reporter" in words(answer)


@pytest.mark.parametrize("said", [None, OutcomeStatus.PROCESSING])
async def test_until_the_platform_did_something_the_statement_is_as_asked_for(
    console: AConsole, said: OutcomeStatus | None
) -> None:
    lea, sent = await leading(console)
    if said is not None:
        console.desk.outcome(an_outcome(sent, status=said, outcome=None))
    answer = await lea.get(f"/referrals/{sent.referral_id}/statement.json")
    assert answer.headers["content-disposition"] == f'attachment; filename="{sent.referral_id}.statement.json"'
    assert answer.json()["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert "application_date" not in answer.json()


async def test_once_the_platform_did_something_the_statement_is_as_done(console: AConsole) -> None:
    lea, sent = await leading(console)
    console.desk.outcome(an_outcome(sent, outcome=OutcomeAction.DEMOTED))
    drafted = (await lea.get(f"/referrals/{sent.referral_id}/statement.json")).json()
    assert drafted["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_DEMOTED"]
    assert drafted["application_date"] == NOON.date().isoformat()


async def test_where_the_platform_did_nothing_there_is_no_statement(console: AConsole) -> None:
    lea, sent = await leading(console)
    console.desk.outcome(an_outcome(sent, outcome=OutcomeAction.NO_ACTION))
    answer = await lea.get(f"/referrals/{sent.referral_id}/statement.json")
    assert (answer.status_code, "there was no restriction" in words(answer)) == (409, True)


async def test_a_statement_that_there_cannot_be_any_more_says_why(console: AConsole) -> None:
    lea, sent = await leading(console)
    address = f"/referrals/{sent.referral_id}/statement.json"
    console.desk.outcome(an_outcome(sent, outcome=None, refused_reason=RefusedReason.NOT_ILLEGAL))
    refused = await lea.get(address)
    assert (refused.status_code, "there was no restriction" in words(refused)) == (409, True)
    console.desk.outcome(an_outcome(sent, outcome_id="o-2"))
    console.desk.outcome(an_outcome(sent, outcome_id="o-3", outcome=None, reinstated_at=NOON))
    undone = await lea.get(address)
    assert (undone.status_code, "put the content back" in words(undone)) == (409, True)


async def test_of_a_request_that_was_corrected_the_page_says_that_the_content_was_put_back(console: AConsole) -> None:
    lea, sent = await leading(console)
    fields = {"what": "correct", "reason_code": "threat_of_violence", "facts": "Seen at the bridge.", **DSA}
    await lea.post(f"/referrals/{sent.referral_id}/correct", fields | {"good_faith": "yes"})
    console.desk.outcome(an_outcome(sent))
    console.desk.outcome(an_outcome(sent, outcome_id="o-2", outcome=None, reinstated_at=NOON))
    (now,) = [
        each
        for each in console.desk.database.read(lambda books: books.referrals.of_case(sent.case_id))
        if each.referral_id == sent.referral_id
    ]
    assert now.status is ReferralStatus.CORRECTED
    answer = await lea.get(f"/referrals/{sent.referral_id}/statement.json")
    assert (answer.status_code, "put the content back" in words(answer)) == (409, True)


async def test_a_request_that_was_taken_back_and_its_withdrawal_have_no_statement(console: AConsole) -> None:
    lea, sent = await leading(console)
    await lea.post(f"/referrals/{sent.referral_id}/withdraw", {"reason_code": "issued_in_error"})
    for each in console.desk.database.read(lambda books: books.referrals.of_case(sent.case_id)):
        answer = await lea.get(f"/referrals/{each.referral_id}/statement.json")
        assert (answer.status_code, "took this request back" in words(answer)) == (409, True)
