"""Promises of the referrer's decisions, for all values: identity, completeness, silence about people, closed lifecycles."""

import string
from dataclasses import replace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.content import ContentNormalised
from schemas.referral import TakedownRequested
from schemas.referral_parts import GoodFaith, LegalBasis
from schemas.referral_vocabulary import Profile, RequestedAction, RequestKind
from schemas.review import CaseState, Decision, ReasonCode
from schemas.scoring import Signal
from schemas.vocabulary import Exemption, Overtness, SignalKind, TextRole, ViolenceType
from services.referrer.agreement import cohens_kappa
from services.referrer.decision_reasons import REASONS
from services.referrer.exports.notice import html_notice, text_notice
from services.referrer.exports.statement import statement
from services.referrer.exports.xarf_report import xarf_report
from services.referrer.lifecycle import (
    CASE_START,
    REFERRAL_START,
    CaseEvent,
    Illegal,
    ReferralEvent,
    allowed_case_events,
    allowed_referral_events,
    move_case,
    move_referral,
)
from services.referrer.profiles import check, requirements
from services.referrer.request_identity import idempotency_key, referral_id
from services.referrer.request_inputs import Approval, Location
from services.referrer.requests import Unfit, build_request
from services.referrer.roles import Action, Role, may
from services.referrer.settling import Forbidden, Opinion, Settled, settle
from services.runtime.codec import decode, encode
from tests.builders import DESK, IRISH_DESK, NOON, TERMS, a_platform, a_text, approval, normalised, ranked, scored

uuids = st.uuids()
versions = st.text(alphabet="0123456789abcdef", min_size=16, max_size=32)
urls = st.text(alphabet=string.ascii_letters + string.digits + '"\\,[]', max_size=20).map(
    lambda tail: "https://social.example/" + tail
)
kinds = st.sampled_from(RequestKind)
subjects = st.tuples(uuids, versions, urls, kinds)


@given(subjects, subjects)
def test_referral_ids_are_equal_exactly_when_their_subjects_are(
    one: tuple[UUID, str, str, RequestKind], other: tuple[UUID, str, str, RequestKind]
) -> None:
    assert (referral_id(*one) == referral_id(*other)) == (one == other)
    assert (idempotency_key(*one) == idempotency_key(*other)) == (one == other)


@given(subjects, st.data())
def test_a_change_of_any_one_of_the_four_changes_the_id(
    subject: tuple[UUID, str, str, RequestKind], data: st.DataObject
) -> None:
    changed = list(subject)
    place = data.draw(st.integers(0, 3))
    changed[place] = data.draw([uuids, versions, urls, kinds][place].filter(lambda value: value != subject[place]))
    assert referral_id(*changed) != referral_id(*subject)  # type: ignore[arg-type]


words = st.text(alphabet=string.ascii_lowercase + string.digits + " @._-é😡", max_size=60)
maybe = st.none() | words
actions = st.sampled_from(RequestedAction)
laws = st.sampled_from(
    [
        LegalBasis(statute="Public Order Act 1986", provision="s.4", jurisdiction="GB"),
        LegalBasis(statute="Regulation (EU) 2021/784", provision="Art. 3", jurisdiction="EU"),
        LegalBasis(statute="Crime and Policing Act 2026", provision="s.21", jurisdiction="GB"),
    ]
)


@st.composite
def approvals(draw: st.DrawFn) -> Approval:
    """Approvals good and bad, complete and not."""
    return replace(
        approval(draw(st.sampled_from(Profile))),
        kind=draw(kinds),
        reviewers=tuple(draw(st.lists(st.sampled_from(["r-1", "r-2", ""]), max_size=3))),
        second_review=draw(st.booleans()),
        requested_action=draw(actions),
        reasons=draw(words),
        facts=draw(words),
        good_faith_accepted=draw(st.booleans()),
        legal_basis=tuple(draw(st.lists(laws, max_size=2))),
        tos_basis=draw(st.sampled_from([(), (TERMS,)])),
        violence_types=tuple(draw(st.lists(st.sampled_from(ViolenceType), max_size=3, unique=True))),
        necessity_note=draw(maybe),
        alternatives_rejected=tuple(draw(st.lists(actions, max_size=2))),
        minor_suspected=draw(st.booleans()),
    )


@given(approvals(), st.sampled_from([DESK, IRISH_DESK]), st.sampled_from([None, "https://social.example/p"]))
@settings(max_examples=150)
def test_a_built_request_passes_its_profile_and_every_other_one_names_why(
    chosen: Approval, desk: object, url: str | None
) -> None:
    location = Location(ranked(normalised("get him tonight", url=url)), NOON)
    assert desk is DESK or desk is IRISH_DESK
    built = build_request(chosen, location, a_platform(), DESK if desk is DESK else IRISH_DESK, NOON)
    if isinstance(built, TakedownRequested):
        assert check(built) == ()
        assert all(each.met(built) for each in requirements(built.profile, built.kind))
        assert decode(TakedownRequested, encode(built)) == built
    else:
        assert built.faults
        assert all(fault.field and fault.rule for fault in built.faults)


secret = st.text(alphabet=string.ascii_lowercase, min_size=12, max_size=24).map(lambda name: "zq" + name)


stretches = st.lists(st.sampled_from(["αβγ", "δεζηθ", "ικ", "λμνξοπ", "ρστυ"]), min_size=4, max_size=9).map(
    lambda parts: "".join(parts * (400 // len("".join(parts))))
)


@st.composite
def posts(draw: st.DrawFn) -> tuple[ContentNormalised, tuple[Signal, ...], str, str]:
    """A long post that mentions somebody, its signals anywhere, the raw author id and the handle."""
    author, handle = draw(secret), draw(secret)
    # Letters that stand nowhere else in a notice, so that any stretch of them is a stretch of the post.
    lead, tail = draw(stretches), draw(stretches)
    text = f"{lead} @{handle} {tail}"
    content = normalised(
        content_id=f"at://did:plc:{author}/app.bsky.feed.post/3k2",
        url="https://social.example/post/3k2",
        texts=(a_text(text, TextRole.CAPTION),),
        place=f"near {handle}",
        tags=(handle,),
    )
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    signals = tuple(
        Signal(kind=draw(st.sampled_from([SignalKind.INFLUENTIAL_WORDS, SignalKind.STRONGEST_WINDOW])), text=0,
               start=start, end=end, weight=draw(st.floats(0, 1)), role=TextRole.CAPTION)
        for start, end in draw(st.lists(ends, max_size=8))
    )  # fmt: skip
    return content, signals, author, handle


def leaked(said: str, text: str, length: int) -> bool:
    """Whether any stretch of that many characters of a Greek word of the text stands in what was said."""
    return any(
        word[start : start + length] in said
        for word in text.split()
        if word[0] > "\u0370"
        for start in range(len(word) - length + 1)
    )


@given(posts(), st.integers(0, 500))
@settings(max_examples=40)
def test_nothing_of_author_handle_or_uncapped_text_leaves(
    post: tuple[ContentNormalised, tuple[Signal, ...], str, str], limit: int
) -> None:
    content, signals, author, handle = post
    observed = ranked(content, scored=scored(content, signals=signals))
    desk = replace(DESK, excerpt_chars=limit)
    built = build_request(approval(), Location(observed, NOON), a_platform(), desk, NOON)
    assert isinstance(built, TakedownRequested), built
    left = [
        encode(built).decode(),
        html_notice(built),
        text_notice(built),
        str(statement(built)),
        str(xarf_report(built)),
    ]
    for said in left:
        assert author not in said
        assert handle not in said
        assert not leaked(said, content.texts[0].original, limit + 1)
    assert len(built.content.excerpt) <= limit
    assert sum(len(span.term) for span in built.spans) <= limit


@given(st.lists(st.sampled_from(CaseEvent), max_size=60))
def test_a_case_stays_within_its_states_whatever_happens(events: list[CaseEvent]) -> None:
    state = CASE_START
    for event in events:
        after = move_case(state, event)
        if isinstance(after, Illegal):
            assert event not in allowed_case_events(state)
            assert after.allowed == tuple(each.value for each in allowed_case_events(state))
        else:
            assert event in allowed_case_events(state)
            state = after
        assert state in set(CaseState)
        assert allowed_case_events(state), "a case can always go on"


@given(st.lists(st.sampled_from(ReferralEvent), max_size=60))
def test_a_referral_that_was_withdrawn_or_corrected_is_never_waited_for_again(events: list[ReferralEvent]) -> None:
    status, over = REFERRAL_START, False
    for event in events:
        after = move_referral(status, event)
        if isinstance(after, Illegal):
            assert event not in allowed_referral_events(status)
            continue
        status = after
        over = over or status.value in ("withdrawn", "corrected")
        assert not (over and status.value in ("issued", "received", "processing"))


opinions = st.builds(
    Opinion,
    decision_id=uuids,
    reviewer=st.sampled_from(["p-1", "p-2", "p-3"]),
    role=st.sampled_from(Role),
    decision=st.sampled_from(Decision),
    reason_code=st.sampled_from(ReasonCode),
    decided_at=st.just(NOON),
)


@given(st.lists(opinions, max_size=8), st.booleans())
def test_nothing_is_approved_by_fewer_people_than_the_rules_demand(said: list[Opinion], two_needed: bool) -> None:
    """A walk through opinions in any order: those that may not stand leave no trace."""
    standing: list[Opinion] = []
    for opinion in said:
        settled = settle(standing, opinion, ("news",) if two_needed else ())
        if isinstance(settled, Forbidden):
            assert settled.rule
            continue
        assert isinstance(settled, Settled)
        assert may(opinion.role, Action.DECIDE)
        assert opinion.reason_code in REASONS[opinion.decision]
        standing.append(opinion)
        if settled.event is CaseEvent.APPROVE:
            assert opinion.decision is Decision.APPROVE
            assert len(set(settled.reviewers)) == len(settled.reviewers) >= (2 if two_needed else 1)
            assert set(settled.reviewers) <= {each.reviewer for each in standing if each.decision is Decision.APPROVE}
            return
        if settled.event is CaseEvent.REFUSE:
            return


pairs = st.lists(st.tuples(st.sampled_from(Decision), st.sampled_from(Decision)), max_size=50)


@given(pairs)
def test_kappa_lies_between_minus_one_and_one_and_is_symmetric(listed: list[tuple[Decision, Decision]]) -> None:
    one, other = cohens_kappa(listed), cohens_kappa([(b, a) for a, b in listed])
    assert one == other
    assert one.kappa is None or -1.0 <= one.kappa <= 1.0
    assert one.kappa is None or (one.kappa == 1.0) == (one.observed == 1.0)


@given(st.sampled_from(Profile), st.sampled_from(Exemption), st.sampled_from(Overtness))
def test_good_faith_is_never_assumed(profile: Profile, exemption: Exemption, overtness: Overtness) -> None:
    chosen = approval(profile, good_faith_accepted=False, exemptions_considered=(exemption,), overtness=overtness)
    desk = IRISH_DESK if profile is Profile.TCO_ANNEX1 else DESK
    built = build_request(chosen, Location(ranked(), NOON), a_platform(), desk, NOON)
    assert isinstance(built, Unfit)
    assert "good_faith_statement.accepted" in {fault.field for fault in built.faults}
    assert not GoodFaith(accepted=False).accepted
