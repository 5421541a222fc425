"""Exports: what others read is valid by their own schema, says what the request says, and never becomes markup."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
import xarf
from syrupy.assertion import SnapshotAssertion

from schemas.outcome import Appeal, DecisionGround, GroundKind, OutcomeAction, OutcomeStatus, TakedownOutcome
from schemas.referral import TakedownRequested
from schemas.referral_vocabulary import Automation, Category, ContentType, Profile, RequestedAction, RequestKind
from schemas.scoring import Signal
from schemas.vocabulary import SignalKind, ViolenceType
from services.referrer.exports.notice import html_notice, text_notice
from services.referrer.exports.sections import TEST_BANNER, TITLES, paper
from services.referrer.exports.statement import statement
from services.referrer.exports.xarf_report import SPECIFICATION, xarf_report
from services.referrer.request_inputs import Location
from services.referrer.request_successors import withdraw
from services.referrer.requests import Unfit, build_request
from services.runtime.codec import encode
from tests.builders import DECISION, DESK, NOON, a_platform, a_request, approval, normalised, ranked, scored

CODED = Signal(kind=SignalKind.CODED_TERM, text=0, start=6, end=12, term="splash", gloss="to stab somebody", weight=0.9)


def rich() -> TakedownRequested:
    """A request with something in every part."""
    content = normalised("gonna splash him tonight")
    observed = ranked(content, scored=scored(content, signals=(CODED,)))
    chosen = approval(
        Profile.UK_CPA2026_S21,
        preserve_months=6,
        reviewers=("r-1", "r-2"),
        second_review=True,
        non_disclosure={"flag": True, "reason": "An investigation runs.", "until": NOON},
        territorial_scope=("GB", "IE"),
    )
    built = build_request(chosen, Location(observed, NOON, NOON), a_platform(), DESK, NOON)
    assert isinstance(built, TakedownRequested), built
    return built


def report(request: TakedownRequested) -> dict[str, Any]:
    """The XARF report of a request that has one."""
    made = xarf_report(request)
    assert isinstance(made, dict), made
    return made


def done(action: OutcomeAction | None, **changes: Any) -> TakedownOutcome:
    """What the platform did."""
    request = a_request()
    values: dict[str, Any] = {
        "outcome_id": "o-1",
        "referral_id": request.referral_id,
        "root_referral_id": request.root_referral_id,
        "platform": "bluesky",
        "status": OutcomeStatus.COMPLETED,
        "outcome": action,
        "reported_at": NOON,
    }
    return TakedownOutcome.model_validate(values | changes)


@pytest.mark.parametrize("profile", list(Profile))
def test_every_profile_gives_a_report_that_the_published_xarf_schema_accepts(profile: Profile) -> None:
    made = report(a_request(profile))
    assert xarf.SchemaValidator().validate(made) == []
    assert xarf.parse(made).errors == []


def test_the_version_said_is_the_version_of_the_schema_that_checks_it() -> None:
    assert xarf.SPEC_VERSION.lstrip("v") == SPECIFICATION


def test_a_report_carries_the_request_as_evidence_with_its_hash() -> None:
    request = a_request()
    evidence = report(request)["evidence"][0]
    body = base64.b64decode(evidence["payload"])
    assert body == encode(request)
    assert evidence["hash"] == f"sha256:{hashlib.sha256(body).hexdigest()}"
    assert evidence["size"] == len(body)


def test_a_repeat_is_the_same_report() -> None:
    assert report(a_request()) == report(a_request())


def test_a_report_of_test_content_says_so() -> None:
    assert "test:true" in report(a_request(content=normalised(test=True)))["tags"]


def test_tags_stay_within_their_number() -> None:
    assert len(report(a_request(violence_types=tuple(ViolenceType)))["tags"]) <= 20


def test_long_reasons_are_cut_to_what_xarf_takes() -> None:
    assert len(report(a_request(reasons="x" * 2_000))["description"]) == 1_000


def test_without_an_address_of_the_reporter_there_is_no_report() -> None:
    request = a_request()
    made = xarf_report(request.model_copy(update={"issuer": request.issuer.model_copy(update={"email": None})}))
    assert isinstance(made, Unfit)
    assert made.faults[0].field == "issuer.email"


def test_xarf_as_it_leaves(snapshot: SnapshotAssertion) -> None:
    assert {name: value for name, value in report(rich()).items() if name != "evidence"} == snapshot


# The closed lists of the DSA Transparency Database, as its API documents them.
VISIBILITY = {
    f"DECISION_VISIBILITY_{each}"
    for each in (
        "CONTENT_REMOVED", "CONTENT_DISABLED", "CONTENT_DEMOTED", "CONTENT_AGE_RESTRICTED",
        "CONTENT_INTERACTION_RESTRICTED", "CONTENT_LABELLED", "OTHER",
    )
}  # fmt: skip
DATABASE = {
    "decision_account": {"DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"},
    "decision_ground": {"DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"},
    "category": {
        "STATEMENT_CATEGORY_VIOLENCE", "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
        "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY", "STATEMENT_CATEGORY_CYBER_VIOLENCE",
        "STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
    },
    "source_type": {
        "SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY",
    },
    "automated_detection": {"Yes", "No"},
    "automated_decision": {
        "AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY", "AUTOMATED_DECISION_NOT_AUTOMATED",
    },
}  # fmt: skip
CONTENT_TYPES = {
    f"CONTENT_TYPE_{each}" for each in ("APP", "AUDIO", "IMAGE", "PRODUCT", "SYNTHETIC_MEDIA", "TEXT", "VIDEO", "OTHER")
}
KEYWORDS = {
    "KEYWORD_COORDINATED_HARM", "KEYWORD_INCITEMENT_VIOLENCE_HATRED", "KEYWORD_CYBER_INCITEMENT", "KEYWORD_OTHER",
}  # fmt: skip
LIMITS = {"illegal_content_legal_ground": 500, "illegal_content_explanation": 2_000, "decision_facts": 5_000}


def accepted(made: dict[str, Any]) -> None:
    """The statement holds only words of the database, within its limits, and what it makes mandatory."""
    for member, allowed in DATABASE.items():
        assert member not in made or made[member] in allowed, (member, made[member])
    assert set(made.get("decision_visibility", [])) <= VISIBILITY
    assert ("decision_visibility" in made) != ("decision_account" in made)
    assert ("DECISION_VISIBILITY_OTHER" in made.get("decision_visibility", [])) == ("decision_visibility_other" in made)
    assert set(made["content_type"]) <= CONTENT_TYPES
    assert made["content_type"]
    assert set(made.get("category_specification", [])) <= KEYWORDS
    assert ("KEYWORD_OTHER" in made.get("category_specification", [])) == ("category_specification_other" in made)
    ground = "illegal" if made["decision_ground"].endswith("ILLEGAL_CONTENT") else "incompatible"
    assert made[f"{ground}_content_explanation"]
    assert re.fullmatch(r"[a-zA-Z0-9-_]{1,500}", made["puid"])
    for member, limit in LIMITS.items():
        assert len(made.get(member, "")) <= limit


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize("action", list(RequestedAction))
def test_a_statement_speaks_the_words_of_the_database(profile: Profile, action: RequestedAction) -> None:
    made = statement(a_request().model_copy(update={"profile": profile, "requested_action": action}))
    assert made is not None
    accepted(made)


@pytest.mark.parametrize("automation", list(Automation))
def test_how_much_a_machine_decided_is_said_in_its_words(automation: Automation) -> None:
    made = statement(a_request(automation=automation))
    assert made is not None
    assert made["automated_decision"] == f"AUTOMATED_DECISION_{automation.name}"


def test_all_content_types_and_categories_have_a_word() -> None:
    for category in Category:
        request = a_request()
        content = request.content.model_copy(update={"types": tuple(ContentType)})
        made = statement(request.model_copy(update={"category": category, "content": content}))
        assert made is not None
        accepted(made)
        assert made["content_type_other"]


STATED = {
    OutcomeAction.REMOVED, OutcomeAction.ACCESS_DISABLED_ALL, OutcomeAction.ACCESS_DISABLED_SCOPE, OutcomeAction.DEMOTED,
    OutcomeAction.AGE_RESTRICTED, OutcomeAction.LABELLED, OutcomeAction.ACCOUNT_SUSPENDED, OutcomeAction.PARTIAL,
}  # fmt: skip


@pytest.mark.parametrize("action", [*OutcomeAction, None])
def test_only_a_restriction_makes_a_statement(action: OutcomeAction | None) -> None:
    made = statement(a_request(), done(action))
    assert (made is not None) == (action in STATED)
    if made is not None:
        accepted(made)
        assert made["application_date"] == "2026-06-01"


@pytest.mark.parametrize("undone", [{"reinstated_at": NOON}, {"appeal": Appeal.OVERTURNED}])
@pytest.mark.parametrize("action", [OutcomeAction.REMOVED, None])
def test_what_was_put_back_makes_no_statement(action: OutcomeAction | None, undone: dict[str, Any]) -> None:
    assert statement(a_request(), done(action, **undone)) is None


def test_the_platforms_own_ground_comes_before_what_the_request_named() -> None:
    ground = DecisionGround(kind=GroundKind.INCOMPATIBLE_CONTENT, text="Rule 7", url="https://social.example/7")
    made = statement(a_request(Profile.DSA_ART16), done(OutcomeAction.REMOVED, decision_ground=ground))
    assert made is not None
    assert made["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    assert made["incompatible_content_explanation"] == "Rule 7"
    assert made["decision_ground_reference_url"] == "https://social.example/7"
    assert made["incompatible_content_illegal"] == "Yes"


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        (RequestKind.ART16_NOTICE, "SOURCE_ARTICLE_16"),
        (RequestKind.TRUSTED_FLAGGER_NOTICE, "SOURCE_TRUSTED_FLAGGER"),
        (RequestKind.REFERRAL, "SOURCE_TYPE_OTHER_NOTIFICATION"),
        (RequestKind.REMOVAL_ORDER, "SOURCE_TYPE_OTHER_NOTIFICATION"),
    ],
)
def test_the_source_follows_from_the_kind_of_notice(kind: RequestKind, source: str) -> None:
    made = statement(a_request().model_copy(update={"kind": kind}))
    assert made is not None
    assert made["source_type"] == source


@pytest.mark.parametrize(("tag", "language"), [("en-GB", "EN"), ("pt_BR", "PT"), ("gsw", None), (None, None)])
def test_a_language_is_said_only_where_the_database_has_it(tag: str | None, language: str | None) -> None:
    request = a_request()
    content = request.content.model_copy(update={"language": tag})
    made = statement(request.model_copy(update={"content": content}))
    assert made is not None
    assert made.get("content_language") == language


def test_only_countries_that_the_database_knows_are_named() -> None:
    made = statement(a_request(territorial_scope=("GB", "IE", "FR")))
    assert made is not None
    assert made["territorial_scope"] == ["FR", "IE"]


def test_a_statement_holds_nothing_of_the_person_and_no_text_of_theirs() -> None:
    request = rich()
    said = str(statement(request))
    for private in (request.locator.url, request.content.excerpt, str(request.subject.author_key)):
        assert private not in said


def test_statement_as_it_leaves(snapshot: SnapshotAssertion) -> None:
    assert statement(rich()) == snapshot


class Page(HTMLParser):
    """Counts elements and collects what a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: dict[str, int] = {}
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] = self.elements.get(tag, 0) + 1
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Page:
    """A page as a browser reads it."""
    page = Page()
    page.feed(html)
    page.close()
    return page


def test_the_page_shows_every_row() -> None:
    page = read(html_notice(rich()))
    for section in paper(rich()).sections:
        assert section.title in page.text
        for name, text in section.rows:
            assert name in page.text
            assert text in page.text


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}{% if %}&lt;'


def test_nothing_that_a_poster_controls_becomes_markup() -> None:
    """Text, address, identifier and term of a hostile post: the page has the same elements as that of a harmless one."""
    plain = read(html_notice(rich()))
    request = rich()
    hostile = request.model_copy(
        update={
            "locator": request.locator.model_copy(
                update={
                    "url": f"https://social.example/{HOSTILE}",
                    "extra": request.locator.extra.model_copy(update={"content_id": HOSTILE}),
                }
            ),
            "content": request.content.model_copy(update={"excerpt": HOSTILE}),
            "spans": tuple(span.model_copy(update={"term": HOSTILE, "gloss": HOSTILE}) for span in request.spans),
            "reasons": HOSTILE,
            "facts": HOSTILE,
        }
    )
    page = read(html_notice(hostile))
    assert (page.elements, page.attributes) == (plain.elements, plain.attributes)
    assert page.text.count(HOSTILE) == 7


def test_characters_that_turn_or_hide_text_are_made_visible() -> None:
    request = a_request(content=normalised("a\u202ebc\x00\u200bd\ne"))
    assert "a\ufffdbc\ufffd\ufffdd" in text_notice(request)
    assert not {"\u202e", "\x00", "\u200b"} & set(html_notice(request))


def test_a_line_of_content_cannot_pose_as_a_row_of_the_notice() -> None:
    said = text_notice(a_request(content=normalised("x\nReference: 0\x85Due: never\u2028Contact: me")))
    assert [line for line in said.splitlines() if line.startswith(("Reference: 0", "Due: never", "Contact: me"))] == []


def test_a_page_fetches_nothing_and_runs_nothing() -> None:
    page = read(html_notice(rich()))
    assert {"script", "img", "iframe", "object", "link", "a", "form"}.isdisjoint(page.elements)
    assert {"src", "href", "action"}.isdisjoint(page.attributes)
    assert "url(" not in html_notice(rich())


@pytest.mark.parametrize("kind", list(RequestKind))
def test_every_kind_of_notice_has_its_title(kind: RequestKind) -> None:
    assert TITLES[kind] in read(html_notice(a_request().model_copy(update={"kind": kind}))).text


def test_a_test_request_says_so_at_the_top_of_every_form() -> None:
    request = a_request(content=normalised(test=True))
    assert text_notice(request).startswith(TEST_BANNER)
    assert TEST_BANNER in read(html_notice(request)).text
    assert TEST_BANNER not in html_notice(a_request())


def test_a_withdrawal_says_what_it_takes_back() -> None:
    request = a_request()
    back = withdraw(request, DECISION, "lead-1", "A quotation.", NOON)
    assert isinstance(back, TakedownRequested)
    said = text_notice(back)
    assert f"Takes back: {request.referral_id}" in said
    assert "Reasons: A quotation." in said
    assert "Action: none: nothing is asked any more" in said


def test_a_withdrawal_is_no_report_and_gives_no_reasons_for_a_restriction() -> None:
    back = withdraw(a_request(), DECISION, "lead-1", "A quotation.", NOON)
    assert isinstance(back, TakedownRequested)
    assert statement(back) is None
    refused = xarf_report(back)
    assert isinstance(refused, Unfit)
    assert [fault.field for fault in refused.faults] == ["kind"]


def test_lines_of_plain_text_are_short_where_words_allow() -> None:
    said = text_notice(a_request(reasons="word " * 300, facts=("A line.\n\n" * 20).strip()))
    assert all(len(line) <= 76 for line in said.splitlines() if " " in line.strip())


def test_plain_text_as_it_leaves(snapshot: SnapshotAssertion) -> None:
    assert text_notice(rich()) == snapshot


def test_page_as_it_leaves(snapshot: SnapshotAssertion) -> None:
    assert html_notice(rich()) == snapshot
