"""What a lead may still do with a request that left: take it back or correct it, under the same root, recorded like any decision."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.desk import CorrectionAsked, WithdrawalAsked
from schemas.outcome import OutcomeStatus, RefusedReason
from schemas.referral import ReferralState, TakedownRequested
from schemas.referral_vocabulary import Profile, ReferralStatus, RequestedAction, RequestKind
from schemas.review import Amendment, ReasonCode, ReviewDecided
from schemas.topics import REFERRAL_STATE, REVIEW_DECIDED, TAKEDOWN_REQUESTED
from schemas.vocabulary import Band, Change, Exemption
from services.referrer.adapters.database import SqlDatabase
from services.referrer.amending import Amended, DraftedCorrection
from services.referrer.case_file import opinions
from services.referrer.declined import Declined, Why
from services.referrer.exports.statement import statement
from services.referrer.records import Person, Referral
from services.referrer.reporting import Reporting
from services.referrer.requests import Unfit
from services.referrer.roles import Role
from services.runtime.codec import decode
from tests.builders import NOON, normalised, ranked, scored
from tests.desk import ADesk, an_outcome, declined


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


@pytest.fixture
def lead(desk: ADesk) -> Person:
    return desk.person("lead-1", Role.LEAD)


def withdrawal(**changes: Any) -> WithdrawalAsked:
    return WithdrawalAsked.model_validate({"reason_code": ReasonCode.QUOTATION_OR_COUNTER_SPEECH} | changes)


def correction(**changes: Any) -> CorrectionAsked:
    values = {"reason_code": ReasonCode.THREAT_OF_VIOLENCE, "good_faith": True}
    return CorrectionAsked.model_validate(values | changes)


def amended(found: Amended | Declined) -> Amended:
    assert isinstance(found, Amended), found
    return found


def stored(desk: ADesk, referral: Referral) -> Referral:
    found = desk.database.read(lambda books: books.referrals.locked(referral.referral_id))
    assert found is not None
    return found


def requests(desk: ADesk) -> list[TakedownRequested]:
    return [decode(TakedownRequested, out.value) for out in desk.outbox(TAKEDOWN_REQUESTED.name)]


def states(desk: ADesk) -> list[ReferralState]:
    return [decode(ReferralState, out.value) for out in desk.outbox(REFERRAL_STATE.name)]


def test_a_withdrawal_leaves_under_the_same_root_and_asks_for_nothing(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    made = amended(desk.amending.withdraw(lead, sent.referral_id, withdrawal()))
    first, back = requests(desk)
    assert back.kind is RequestKind.WITHDRAWAL
    assert (back.root_referral_id, back.relates_to.withdraws) == (first.root_referral_id, first.referral_id)
    assert (back.requested_action, back.due_at) == (RequestedAction.REVIEW_ONLY, None)
    assert back.review.reason_code is ReasonCode.QUOTATION_OR_COUNTER_SPEECH
    assert back.review.reviewers == ("lead-1",)
    assert made.record.body == desk.outbox(TAKEDOWN_REQUESTED.name)[1].value
    assert {out.key for out in desk.outbox(TAKEDOWN_REQUESTED.name)} == {str(first.root_referral_id).encode()}


def test_a_request_is_taken_back_also_after_the_day_until_which_it_was_to_be_kept(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    desk.outcome(an_outcome(sent))
    desk.clock.forward(days=500)
    made = amended(desk.amending.withdraw(lead, sent.referral_id, withdrawal()))
    back = decode(TakedownRequested, made.record.body)
    assert back.retention_until > desk.clock.now().date() > requests(desk)[0].retention_until


@pytest.mark.parametrize(
    "said",
    [[{"outcome": None, "refused_reason": RefusedReason.NOT_ILLEGAL}],
     [{}, {"outcome_id": "o-2", "outcome": None, "reinstated_at": NOON}],
     [{}, {"outcome_id": "o-2", "reinstated_at": NOON}]],
    ids=["refused", "put back", "removed and put back"],
)  # fmt: skip
def test_a_request_that_was_refused_or_undone_has_no_statement_of_reasons(
    desk: ADesk, lead: Person, said: list[dict[str, Any]]
) -> None:
    sent = desk.approved()
    for changes in said:
        desk.outcome(an_outcome(sent, **changes))
    seen = desk.amending.view(lead, sent.referral_id)
    assert not isinstance(seen, Declined)
    assert statement(seen.request, seen.outcome) is None


def test_after_a_withdrawal_the_last_state_of_the_chain_is_withdrawn(desk: ADesk, lead: Person) -> None:
    """The topic is compacted by root: whatever comes last there is what everybody else believes."""
    sent = desk.approved()
    amended(desk.amending.withdraw(lead, sent.referral_id, withdrawal()))
    assert stored(desk, sent).status is ReferralStatus.WITHDRAWN
    assert states(desk)[-1].status is ReferralStatus.WITHDRAWN


def test_after_a_correction_the_last_state_of_the_chain_is_that_of_the_new_notice(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    made = amended(desk.amending.correct(lead, sent.referral_id, correction()))
    assert stored(desk, sent).status is ReferralStatus.CORRECTED
    assert [state.status for state in states(desk)[-2:]] == [ReferralStatus.CORRECTED, ReferralStatus.ISSUED]
    assert states(desk)[-1].referral_id == made.record.referral_id


def test_a_correction_changes_what_is_asked_and_nothing_else(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    desk.clock.forward(hours=1)
    notice = {"requested_action": RequestedAction.AGE_RESTRICTED}
    amended(desk.amending.correct(lead, sent.referral_id, correction(notice=notice)))
    first, second = requests(desk)
    assert second.kind is RequestKind.CORRECTION
    assert (second.root_referral_id, second.relates_to.supersedes) == (first.root_referral_id, first.referral_id)
    changed = {name for name in type(first).model_fields if getattr(first, name) != getattr(second, name)}
    assert changed == {
        "referral_id", "idempotency_key", "decision_id", "kind", "issued_at", "requested_action", "review", "relates_to",
        *(("due_at",) if first.due_at else ()),
    }  # fmt: skip
    assert second.review.reviewers == ("r-1", "lead-1")


def test_a_correction_is_about_the_content_as_it_was_however_it_was_edited(desk: ADesk, lead: Person) -> None:
    first = normalised("gonna get you")
    sent = desk.approved(desk.case(ranked(first)))
    desk.take(ranked(normalised("gonna hug you", change=Change.EDITED, content_id=first.content_id,
                                observed_at=NOON + timedelta(minutes=1))))  # fmt: skip
    amended(desk.amending.correct(lead, sent.referral_id, correction(notice={"facts": "Seen at noon."})))
    before, after = requests(desk)
    assert (after.content_version, after.content.excerpt) == (before.content_version, before.content.excerpt)


def test_a_correction_is_about_the_content_as_it_was_before_somebody_saw_it_gone(desk: ADesk, lead: Person) -> None:
    first = normalised("gonna get you")
    sent = desk.approved(desk.case(ranked(first)))
    gone = normalised("gonna get you", change=Change.DELETED, content_id=first.content_id,
                      observed_at=NOON + timedelta(minutes=1))  # fmt: skip
    assert gone.content_version == first.content_version
    desk.take(ranked(gone, scored=scored(gone, 0.0, Band.NONE)))
    amended(desk.amending.correct(lead, sent.referral_id, correction(notice={"facts": "Seen at noon."})))
    before, after = requests(desk)
    assert (after.content.types, after.content.excerpt) == (before.content.types, before.content.excerpt)


def test_a_correction_can_be_corrected_and_then_withdrawn(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    one = amended(desk.amending.correct(lead, sent.referral_id, correction(notice={"facts": "One."})))
    two = amended(desk.amending.correct(lead, one.record.referral_id, correction(notice={"facts": "Two."})))
    amended(desk.amending.withdraw(lead, two.record.referral_id, withdrawal()))
    chain = requests(desk)
    assert {request.root_referral_id for request in chain} == {sent.referral_id}
    assert len({request.referral_id for request in chain}) == 4
    assert [r.status for r in _chain(desk, sent)] == [
        ReferralStatus.CORRECTED, ReferralStatus.CORRECTED, ReferralStatus.WITHDRAWN, ReferralStatus.WITHDRAWN,
    ]  # fmt: skip


def _chain(desk: ADesk, sent: Referral) -> list[Referral]:
    found = desk.database.read(lambda books: books.referrals.of_case(sent.case_id))
    order = [request.referral_id for request in requests(desk)]
    return sorted(found, key=lambda each: order.index(each.referral_id))


def test_twice_is_once(desk: ADesk, lead: Person) -> None:
    """A button pressed by two leads at the same moment makes one record, and tells the other."""
    sent = desk.approved()
    amended(desk.amending.withdraw(lead, sent.referral_id, withdrawal()))
    again = declined(desk.amending.withdraw(desk.person("lead-2", Role.LEAD), sent.referral_id, withdrawal()))
    assert (again.why, again.code) == (Why.CONFLICT, "state")
    assert len(requests(desk)) == 2


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.ADMIN])
def test_only_a_lead_takes_back_or_corrects(desk: ADesk, role: Role) -> None:
    sent, other = desk.approved(), desk.person("other", role)
    for found in (
        desk.amending.withdraw(other, sent.referral_id, withdrawal()),
        desk.amending.correct(other, sent.referral_id, correction()),
        desk.amending.draft(other, sent.referral_id, correction()),
    ):
        assert declined(found).allowed == ("lead",)
    assert stored(desk, sent).status is ReferralStatus.ISSUED


def test_a_reason_of_another_kind_is_refused_with_those_that_fit(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    wrong = declined(desk.amending.withdraw(lead, sent.referral_id, withdrawal(reason_code="threat_of_violence")))
    assert (wrong.why, "issued_in_error" in wrong.allowed) == (Why.INVALID, True)
    assert declined(desk.amending.correct(lead, sent.referral_id, correction(reason_code="news"))).why is Why.INVALID


def test_what_the_platform_did_already_is_withdrawn_but_no_longer_corrected(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    desk.outcome(an_outcome(sent))
    late = declined(desk.amending.correct(lead, sent.referral_id, correction()))
    assert (late.why, late.code) == (Why.CONFLICT, "state")
    amended(desk.amending.withdraw(lead, sent.referral_id, withdrawal()))


def test_nothing_is_corrected_without_good_faith_or_with_a_handle(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    for asked in (correction(good_faith=False), correction(notice={"reasons": "@somebody threatens."})):
        assert declined(desk.amending.correct(lead, sent.referral_id, asked)).code == "notice_unfit"
    assert (
        declined(desk.amending.withdraw(lead, sent.referral_id, withdrawal(reasons="@x was meant"))).why is Why.INVALID
    )
    assert len(requests(desk)) == 1


def test_one_lead_alone_corrects_nothing_that_two_must_agree_on(desk: ADesk, lead: Person) -> None:
    sent = desk.decide(lead, desk.case()).referrals[0]
    asked = correction(notice={"minor_suspected": True})
    assert "Two people" in declined(desk.amending.correct(lead, sent.referral_id, asked)).detail
    amended(desk.amending.correct(desk.person("lead-2", Role.LEAD), sent.referral_id, asked))


def test_content_that_reads_as_lyrics_keeps_its_two_reviewers(desk: ADesk, lead: Person) -> None:
    content = normalised("gonna get you")
    case = desk.case(ranked(content, scored=scored(content, exemptions={Exemption.ART_OR_LYRICS: 0.9})))
    desk.decide(desk.person("r-1"), case)
    sent = desk.decide(desk.person("r-2"), case).referrals[0]
    made = amended(desk.amending.correct(lead, sent.referral_id, correction()))
    assert decode(TakedownRequested, made.record.body).review.reviewers == ("r-1", "r-2", "lead-1")


def test_every_amendment_is_a_decision_on_the_topic_and_in_the_ledger(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    made = amended(desk.amending.withdraw(lead, sent.referral_id, withdrawal(note="found by the editor")))
    assert desk.ledger()[-2:] == ["decided", "requested"]
    fact = decode(ReviewDecided, desk.outbox(REVIEW_DECIDED.name)[-1].value)
    assert (fact.decision, fact.decision_id, fact.reviewer) == (
        Amendment.WITHDRAW, made.decision.decision_id, "lead-1",
    )  # fmt: skip
    rows = desk.database.read(lambda books: books.cases.decisions(sent.case_id))
    assert {row.decision: row.note for row in rows}[Amendment.WITHDRAW] == "found by the editor"


def test_a_report_of_a_period_with_amendments_agrees_with_the_ledger(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    made = amended(desk.amending.correct(lead, sent.referral_id, correction()))
    amended(desk.amending.withdraw(lead, made.record.referral_id, withdrawal()))
    end = NOON + timedelta(days=1)
    reporting = Reporting(desk.database)
    period = reporting.period(NOON - timedelta(days=1), end, end)
    assert reporting.differences(period) == []
    assert [each.kind for each in period.asked].count(RequestKind.WITHDRAWAL) == 1


def test_an_amendment_is_no_opinion_on_the_case(desk: ADesk, lead: Person) -> None:
    content = normalised("gonna get you")
    sent = desk.approved(desk.case(ranked(content)))
    edited = normalised("gonna get you tonight", change=Change.EDITED, content_id=content.content_id,
                        observed_at=NOON + timedelta(minutes=1))  # fmt: skip
    desk.take(ranked(edited))
    amended(desk.amending.withdraw(lead, sent.referral_id, withdrawal()))
    case = desk.now(sent.case_id)
    decisions = desk.database.read(lambda books: books.cases.decisions(case.case_id))
    assert opinions(case, decisions) == []


def test_the_platform_confirms_a_withdrawal_and_what_comes_back_reopens_nothing(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    amended(desk.amending.withdraw(lead, sent.referral_id, withdrawal()))
    desk.outcome(an_outcome(sent, status=OutcomeStatus.WITHDRAWN, outcome=None))
    before = desk.now(sent.case_id)
    desk.outcome(an_outcome(sent, outcome_id="o-2", reinstated_at=NOON))
    assert desk.now(sent.case_id) == before


def test_nobody_is_reminded_of_a_withdrawal(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    made = amended(desk.amending.withdraw(lead, sent.referral_id, withdrawal()))
    assert made.record.due_at is None
    assert made.record.status is ReferralStatus.WITHDRAWN


def test_a_draft_stores_nothing(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    before = (desk.ledger(), desk.outbox())
    drafted = desk.amending.draft(lead, sent.referral_id, correction(good_faith=False, notice={"facts": "Anew."}))
    assert isinstance(drafted, DraftedCorrection)
    assert not isinstance(drafted.built, Unfit)
    assert drafted.built.facts == "Anew."
    assert (desk.ledger(), desk.outbox()) == before


def test_a_ground_that_the_notice_cannot_name_is_refused(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    asked = correction(notice={"profile": Profile.DSA_ART16, "grounds": ["tco2021_784_art3"]})
    assert "tco2021_784_art3" in declined(desk.amending.correct(lead, sent.referral_id, asked)).detail
    named = correction(notice={"profile": Profile.DSA_ART16, "grounds": ["poa1986_s4"]})
    made = amended(desk.amending.correct(lead, sent.referral_id, named))
    basis = decode(TakedownRequested, made.record.body).legal_basis
    assert [(each.statute, each.provision) for each in basis] == [("Public Order Act 1986", "s.4")]


def test_what_a_request_shows_is_recorded_as_a_look(desk: ADesk, lead: Person) -> None:
    sent = desk.approved()
    seen = desk.amending.view(lead, sent.referral_id)
    assert not isinstance(seen, Declined)
    assert seen.may == (Amendment.WITHDRAW, Amendment.CORRECT)
    assert desk.ledger()[-1] == "viewed"
    assert declined(desk.amending.view(desk.person("root", Role.ADMIN), sent.referral_id)).why is Why.NOT_ALLOWED
