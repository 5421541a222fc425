"""The console without a script: a shift by links and forms alone, and what a person is told when something may not be."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from selectolax.lexbor import LexborHTMLParser

from schemas.content import Media
from schemas.review import CaseState, Decision
from schemas.scoring import ContentRanked
from schemas.vocabulary import Band, Exemption, MediaType
from services.referrer.adapters.database import SqlDatabase
from services.referrer.adapters.tables import decisions
from services.referrer.console.queue_page import TRIES
from services.referrer.decision_reasons import REASONS
from services.referrer.practice import Practice
from services.referrer.records import Case
from services.referrer.roles import Role
from tests.builders import NOON, key_of, normalised, ranked, scored
from tests.consoles import AConsole, Browser
from tests.practice import GOLDEN_ONLY, a_desk, a_golden, with_golden

LATER = NOON + timedelta(minutes=5)
CLIP = (Media(type=MediaType.VIDEO, url="https://cdn.example/v.mp4", sha256="ab" * 32),)
pytest_plugins = ["tests.database.console_fixture"]


def words(answer: httpx.Response) -> str:
    """What a reader sees."""
    tree = LexborHTMLParser(answer.text)
    return " ".join(tree.body.text(separator=" ").split()) if tree.body else ""


def boxes(answer: httpx.Response) -> dict[str, bool]:
    """The addresses to tick, and which are ticked."""
    found = LexborHTMLParser(answer.text).css('input[name="location"]')
    return {str(box.attributes["value"]): "checked" in box.attributes for box in found}


async def approve(browser: Browser, case: Case, **changes: Any) -> httpx.Response:
    fields = {
        "decision": "approve", "reason_code": "threat_of_violence", "content_version": case.content_version,
        "good_faith": "yes", "location": case.content_key,
    }  # fmt: skip
    return await browser.post(f"/cases/{case.case_id}/decide", fields | changes)


async def test_a_shift_by_links_and_forms(console: AConsole) -> None:
    case = console.desk.case(ranked(normalised("gonna get you")))
    ada = await console.signed_in(Role.REVIEWER, "ada")
    queue = await ada.get("/queue")
    assert f"/cases/{case.case_id}" in queue.text
    taken = await ada.post("/queue/next")
    assert (taken.status_code, taken.headers["location"]) == (303, f"/cases/{case.case_id}")
    page = await ada.get(taken.headers["location"])
    assert "You hold this case" in words(page)
    done = await approve(ada, case)
    assert done.headers["location"] == "/queue?done=approved"
    after = await ada.get(done.headers["location"])
    assert "Approved." in words(after)
    assert console.desk.now(case.case_id).state is CaseState.APPROVED
    assert "issued" in words(await ada.get(f"/cases/{case.case_id}"))


async def test_every_reason_of_every_decision_is_offered(console: AConsole) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    tree = LexborHTMLParser((await ada.get(f"/cases/{case.case_id}")).text)
    for decision in Decision:
        offered = tree.css(f'details.decision.{decision.value} input[name="reason_code"]')
        assert [radio.attributes["value"] for radio in offered] == [code.value for code in REASONS[decision]]


@pytest.mark.parametrize(
    ("decision", "code", "state"),
    [("refuse", "news", CaseState.REFUSED), ("escalate", "needs_senior", CaseState.ESCALATED),
     ("defer", "needs_more_context", CaseState.DEFERRED)],
)  # fmt: skip
async def test_refuse_escalate_defer(console: AConsole, decision: str, code: str, state: CaseState) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    fields = {"decision": decision, "reason_code": code, "content_version": case.content_version, "note": "as agreed"}
    done = await ada.post(f"/cases/{case.case_id}/decide", fields)
    assert done.headers["location"] == f"/queue?done={state.value}"
    assert console.desk.now(case.case_id).state is state
    assert console.desk.outbox("takedown.requested.v1") == []
    assert "as agreed" in words(await ada.get(f"/cases/{case.case_id}"))


async def test_the_reviewer_ticks_which_reuploads_go_along(console: AConsole) -> None:
    said = "gonna get you outside the shop on friday"
    console.desk.take(*(ranked(normalised(said, content_id=f"p-{n}", similarity="0" * 16)) for n in (1, 2, 3)))
    (case,) = console.desk.queue()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    offered = boxes(await ada.get(f"/cases/{case.case_id}"))
    assert len(offered) == 3
    assert [key for key, ticked in offered.items() if ticked] == [case.content_key]
    assert all(boxes(await ada.get(f"/cases/{case.case_id}?tick=live")).values())
    chosen = [case.content_key, next(key for key in offered if key != case.content_key)]
    done = await approve(ada, case, location=chosen)
    assert done.headers["location"] == "/queue?done=approved"
    assert len(console.desk.outbox("takedown.requested.v1")) == 2


async def test_of_very_many_reuploads_no_more_are_ticked_together_than_one_decision_names(console: AConsole) -> None:
    case = console.desk.case()
    (own,) = console.desk.database.read(lambda books: books.cases.locations(case.case_id))
    copies = [replace(own, content_key=key_of("copy", str(n))) for n in range(520)]
    console.desk.database.write(lambda books: books.cases.put_locations(copies))
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    page = await ada.get(f"/cases/{case.case_id}?tick=live")
    ticked = [key for key, is_ticked in boxes(page).items() if is_ticked]
    assert (len(ticked), case.content_key in ticked, "At most 500 go together" in words(page)) == (500, True, True)
    assert page.text.count('data-live="yes"') == 500


async def test_an_address_whose_request_waits_is_not_ticked_with_the_others(console: AConsole) -> None:
    said = "gonna get you outside the shop on friday"
    copies = [ranked(normalised(said, content_id=f"p-{n}", similarity="0" * 16)) for n in (1, 2, 3)]
    console.desk.take(*copies[:2])
    (case,) = console.desk.queue()
    asked_about = [key_of("bluesky", f"p-{n}") for n in (1, 2)]
    console.desk.decide(console.desk.person(), case, locations=asked_about)
    console.desk.take(copies[2])
    assert console.desk.now(case.case_id).state is CaseState.OPEN
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    page = await ada.get(f"/cases/{case.case_id}?tick=live")
    ticked = {key for key, is_ticked in boxes(page).items() if is_ticked}
    assert ticked == {case.content_key, key_of("bluesky", "p-3")}
    assert "Of 1 a request waits for its answer" in words(page)


async def test_a_copy_that_was_edited_behind_the_page_is_not_asked_about(console: AConsole) -> None:
    """The page says which versions it showed; a form that was sent from it can ask about no other."""
    said = "gonna get you outside the shop on friday"
    times = (NOON, NOON + timedelta(minutes=1))
    copies = [
        normalised(said, content_id=f"p-{n}", similarity="0" * 16, event_time=at) for n, at in enumerate(times, start=1)
    ]
    console.desk.take(*map(ranked, copies))
    (case,) = console.desk.queue()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    page = await ada.get(f"/cases/{case.case_id}")
    field = LexborHTMLParser(page.text).css_first('input[name="seen"]')
    assert field is not None
    shown = str(field.attributes["value"])
    assert set(shown.split()) == {copy.content_version for copy in copies}
    other = normalised(said + "!", content_id="p-2", similarity="0" * 16, change="edited", event_time=LATER)
    console.desk.take(ranked(other))
    both = [key_of("bluesky", f"p-{n}") for n in (1, 2)]
    answer = await approve(ada, case, location=both, seen=shown)
    assert (answer.status_code, "was edited since the case was looked at" in words(answer)) == (409, True)
    assert console.desk.outbox("takedown.requested.v1") == []


async def test_the_page_says_which_copies_need_two_people(console: AConsole) -> None:
    said = "gonna get you outside the shop on friday"
    news = normalised(said, content_id="p-2", similarity="0" * 16, event_time=LATER)
    exemptions = {Exemption.NEWS: 0.9, Exemption.NONE: 0.1}
    console.desk.take(
        ranked(normalised(said, similarity="0" * 16)), ranked(news, scored=scored(news, exemptions=exemptions))
    )
    (case,) = console.desk.queue()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    page = words(await ada.get(f"/cases/{case.case_id}"))
    assert "before anything leaves about the copies that say so: news" in page
    assert page.count("needs two people: news") == 1


def lyrics(content_id: str, text: str, **changes: Any) -> ContentRanked:
    """What two people have to agree on."""
    content = normalised(text, content_id=content_id, **changes)
    return ranked(content, 0.9, scored=scored(content, exemptions={Exemption.ART_OR_LYRICS: 0.9}))


async def test_the_next_case_is_found_behind_any_number_that_wait_for_somebody_else(console: AConsole) -> None:
    ada = await console.signed_in(Role.REVIEWER, "ada")
    person = console.desk.person("ada")
    for number in range(TRIES + 1):
        console.desk.decide(person, console.desk.case(lyrics(f"p-{number}", f"a song of {number} feuds", tags=())))
    mild = console.desk.case(ranked(normalised("words that nobody else has said so far", content_id="mild"), 0.3))
    await ada.get("/queue")
    taken = await ada.post("/queue/next")
    assert taken.headers["location"] == f"/cases/{mild.case_id}"


async def test_an_approval_of_what_was_edited_since_is_in_no_line_of_the_queue(console: AConsole) -> None:
    case = console.desk.case(lyrics("song", "a song about a feud that everybody knows"))
    console.desk.decide(console.desk.person("cy"), case)
    ada = await console.signed_in(Role.REVIEWER, "ada")
    assert "second look" in words(await ada.get("/queue"))
    edited = lyrics("song", "a song about another feud", change="edited", content_version="e" * 64, event_time=LATER)
    console.desk.take(edited)
    assert console.desk.now(case.case_id).content_version == "e" * 64
    assert "second look" not in words(await ada.get("/queue"))


async def test_without_a_tick_or_a_word_nothing_leaves(console: AConsole) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    for changes in ({"location": None}, {"good_faith": None}, {"reason_code": None}, {"reason_code": "news"}):
        answer = await approve(ada, case, **changes)
        assert answer.status_code == 422
        assert "This cannot be done." in words(answer)
    assert console.desk.outbox("takedown.requested.v1") == []


async def test_what_was_entered_is_still_there_after_a_refusal(console: AConsole) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    answer = await approve(ada, case, good_faith=None, note="seen at the station", reasons="My own words.")
    tree = LexborHTMLParser(answer.text)
    note, reasons = tree.css_first("#note-approve"), tree.css_first("#reasons")
    assert note is not None and reasons is not None
    assert (note.text(), reasons.text()) == ("seen at the station", "My own words.")
    assert tree.css_first('input[value="threat_of_violence"][checked]') is not None


async def test_whoever_is_slower_is_told_so(console: AConsole) -> None:
    case = console.desk.case()
    ada, cleo = [await console.signed_in(Role.REVIEWER, name) for name in ("ada", "cleo")]
    assert (await ada.post(f"/cases/{case.case_id}/lease")).status_code == 303
    answer = await cleo.post(f"/cases/{case.case_id}/lease")
    assert answer.status_code == 409
    assert "Somebody was faster" in words(answer)
    assert "ada holds this case until" in words(answer)


async def test_an_edit_in_between_is_told_before_anything_leaves(console: AConsole) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    answer = await approve(ada, case, content_version=key_of("another version"))
    assert answer.status_code == 409
    assert "edited since it was looked at" in words(answer)
    assert console.desk.outbox("takedown.requested.v1") == []


async def test_the_next_case_is_the_one_after_what_others_hold(console: AConsole) -> None:
    console.desk.take(*(ranked(normalised(f"threat {n}", content_id=f"p-{n}"), 0.9 - n / 10) for n in range(3)))
    ada, cleo = [await console.signed_in(Role.REVIEWER, name) for name in ("ada", "cleo")]
    places = [(await who.post("/queue/next")).headers["location"] for who in (ada, cleo)]
    assert places == [f"/cases/{case.case_id}" for case in console.desk.queue()[:2]]
    skipped = {"skip": places[0].rpartition("/")[2]}
    assert (await ada.post("/queue/next", skipped)).headers["location"] not in places
    assert (await cleo.post("/queue/next")).headers["location"] == "/queue?done=nothing_left"


async def two_who_approved_different_copies(console: AConsole) -> tuple[Browser, Browser, Case]:
    """A case of two copies that each need two people; each of two approved another one."""
    console.desk.take(*(lyrics(f"p-{n}", f"gonna get you {n}", media=CLIP) for n in (1, 2)))
    (case,) = console.desk.queue()
    both = [await console.signed_in(Role.REVIEWER, name) for name in ("ada", "cleo")]
    for number, who in enumerate(both, start=1):
        assert (await who.post("/queue/next")).headers["location"] == f"/cases/{case.case_id}"
        shown = LexborHTMLParser((await who.get(f"/cases/{case.case_id}")).text).css_first('input[name="seen"]')
        seen = str(shown.attributes["value"]) if shown is not None else ""
        done = await approve(who, case, location=key_of("bluesky", f"p-{number}"), seen=seen)
        assert done.headers["location"] == "/queue?done=proposed"
    return both[0], both[1], case


async def test_whoever_may_complete_what_another_person_began_is_offered_the_case(console: AConsole) -> None:
    """Each of the two approved something else: a case that neither is offered waits for a third who may not be there."""
    ada, cleo, case = await two_who_approved_different_copies(console)
    for who in (ada, cleo):
        taken = await who.post("/queue/next")
        assert taken.headers["location"] == f"/cases/{case.case_id}"
        assert "needs a different person" not in words(await who.get(taken.headers["location"]))
        await who.post(f"/cases/{case.case_id}/release")


async def test_a_case_whose_approvals_have_to_be_given_again_is_offered_to_whoever_gave_them(console: AConsole) -> None:
    """Approvals from before the desk kept what they named count for nothing: two people can complete it all the same."""
    ada, cleo, case = await two_who_approved_different_copies(console)
    assert isinstance(console.desk.database, SqlDatabase)
    with console.desk.database.engine.begin() as connection:
        connection.execute(sa.update(decisions).values(agreed=None))
    for who, ending in ((ada, "proposed"), (cleo, "approved")):
        taken = await who.post("/queue/next")
        assert taken.headers["location"] == f"/cases/{case.case_id}"
        assert "needs a different person" not in words(await who.get(taken.headers["location"]))
        assert (await approve(who, case)).headers["location"] == f"/queue?done={ending}"


async def test_a_second_different_person_has_to_agree(console: AConsole) -> None:
    content = normalised("gonna get you")
    fact = ranked(content).model_copy(
        update={"scored": scored(content, exemptions={Exemption.ART_OR_LYRICS: 0.9, Exemption.NONE: 0.1})}
    )
    case = console.desk.case(fact)
    ada, cleo = [await console.signed_in(Role.REVIEWER, name) for name in ("ada", "cleo")]
    await ada.post(f"/cases/{case.case_id}/lease")
    assert "Two people have to agree before anything leaves: art or lyrics." in words(
        await ada.get(f"/cases/{case.case_id}")
    )
    assert (await approve(ada, case)).headers["location"] == "/queue?done=proposed"
    assert "second look" in words(await ada.get("/queue"))
    assert (await ada.post("/queue/next")).headers["location"] == "/queue?done=nothing_left"
    again = await ada.post(f"/cases/{case.case_id}/lease")
    assert "The second review needs a different person." in words(await ada.get(again.headers["location"]))
    assert (await approve(ada, case)).status_code == 422
    assert (await ada.post(f"/cases/{case.case_id}/release")).headers["location"] == "/queue?done=released"
    await cleo.post(f"/cases/{case.case_id}/lease")
    assert "ada has approved this" in words(await cleo.get(f"/cases/{case.case_id}"))
    assert (await approve(cleo, case)).headers["location"] == "/queue?done=approved"


async def test_a_case_to_learn_from_looks_like_any_other(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    console = AConsole(a_desk(database, GOLDEN_ONLY))
    Practice(database, GOLDEN_ONLY, console.desk.clock).add([a_golden()], "operator")
    ada = await console.signed_in(Role.REVIEWER, "ada")
    person = database.read(lambda books: books.people.by_pseudonym("ada"))
    assert person is not None
    exercise = with_golden(console.desk, person)
    rows = LexborHTMLParser((await ada.get("/queue")).text).css("tbody tr")
    assert len(rows) == 2
    # Band, what it may be, platform: all that a line says beside state and time.
    assert len({tuple(row.css("td")[n].text(strip=True) for n in (0, 2, 3)) for row in rows}) == 1
    assert not any("golden" in row.text() for row in rows)
    await ada.post(f"/cases/{exercise.case_id}/lease")
    page = await ada.get(f"/cases/{exercise.case_id}?show=1")
    assert (page.status_code, "You hold this case" in words(page)) == (200, True)
    done = await approve(ada, exercise)
    assert done.headers["location"] == "/queue?done=approved"
    assert console.desk.outbox("takedown.requested.v1") == []
    database.close()


async def test_a_case_is_handed_over_to_somebody_who_may_decide(console: AConsole) -> None:
    case = console.desk.case()
    for name, role in (("dara", Role.AUDITOR), ("cleo", Role.REVIEWER)):
        console.hire(name, role)
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    offered = LexborHTMLParser((await ada.get(f"/cases/{case.case_id}")).text).css("#to option")
    assert [option.attributes["value"] for option in offered] == ["cleo"]
    assert (await ada.post(f"/cases/{case.case_id}/hand-over", {"to": "dara"})).status_code == 422
    assert (await ada.post(f"/cases/{case.case_id}/hand-over", {"to": "cleo"})).status_code == 303
    assert console.desk.now(case.case_id).lease_holder == "cleo"


async def test_content_is_covered_until_it_is_asked_for(console: AConsole) -> None:
    case = console.desk.case(ranked(normalised("gonna get you")))
    ada = await console.signed_in(Role.REVIEWER, "ada")
    covered = LexborHTMLParser((await ada.get(f"/cases/{case.case_id}")).text)
    shown = LexborHTMLParser((await ada.get(f"/cases/{case.case_id}?show=1")).text)
    assert {veil.attributes.get("aria-hidden") for veil in covered.css(".veil")} == {"true"}
    assert covered.css_first(".text").parent.attributes["class"] == "veil covered"  # type: ignore[union-attr]
    assert {veil.attributes.get("aria-hidden") for veil in shown.css(".veil")} == {None}


async def test_every_look_is_recorded(console: AConsole) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    before = console.desk.ledger().count("viewed")
    await ada.get(f"/cases/{case.case_id}")
    await ada.get("/queue")
    assert console.desk.ledger().count("viewed") == before + 1


async def test_the_notice_stands_there_as_it_will_leave_or_with_what_it_lacks(console: AConsole) -> None:
    case = console.desk.case(ranked(normalised("gonna get you")))
    ada = await console.signed_in(Role.REVIEWER, "ada")
    page = await ada.get(f"/cases/{case.case_id}?show=1")
    assert "Bluesky Social, PBC" in words(page)
    bare = console.desk.case(ranked(normalised("gonna get you too", content_id="p-2", url=None)))
    page = await ada.get(f"/cases/{bare.case_id}?show=1")
    faults = [item.text() for item in LexborHTMLParser(page.text).css(".faults li")]
    assert faults and all(re.match(r"[a-z_.\[\]]+ \S", fault) for fault in faults)


async def test_filters_and_pages(console: AConsole) -> None:
    console.desk.take(
        *(ranked(normalised(f"threat number {n}", content_id=f"p-{n}"), 0.5 + n / 1_000) for n in range(45)),
        ranked(normalised("worse", content_id="q", platform="reddit", url="https://reddit.com/q"), 0.95, Band.P2),
    )
    ada = await console.signed_in(Role.REVIEWER, "ada")
    first = LexborHTMLParser((await ada.get("/queue")).text)
    following = first.css_first('a[rel="next"]')
    assert following is not None
    second = LexborHTMLParser((await ada.get(str(following.attributes["href"]))).text)
    seen = [row.attributes["href"] for page in (first, second) for row in page.css("a.line")]
    assert (len(seen), len(set(seen))) == (46, 46)
    alone = LexborHTMLParser((await ada.get("/queue?band=P2&platform=reddit&state=open&state=nonsense")).text)
    assert len(alone.css("a.line")) == 1
    assert (await ada.get("/queue?after=nonsense&band=P9")).status_code == 200


async def test_search_by_words_address_and_id(console: AConsole) -> None:
    case = console.desk.case(ranked(normalised("bring the rambo to harrow lane", content_id="p-77")))
    console.desk.case(ranked(normalised("something else", content_id="p-78")))
    ada = await console.signed_in(Role.REVIEWER, "ada")
    for question in ("Harrow RAMBO", "https://bsky.app/profile/a/post/p-77", str(case.case_id), f"  {case.case_id}"):
        found = LexborHTMLParser((await ada.http.get("/queue", params={"q": question})).text).css("a.line")
        assert [row.attributes["href"] for row in found] == [f"/cases/{case.case_id}"], question
    nothing = await ada.http.get("/queue", params={"q": "nobody says this"})
    assert "No case has all of these words." in words(nothing)


async def test_the_team_page_shows_load_and_exposure(console: AConsole) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    for _ in range(3):
        await ada.get(f"/cases/{case.case_id}")
    lead = await console.signed_in(Role.LEAD, "ben")
    tree = LexborHTMLParser((await lead.get("/team")).text)
    row = next(row for row in tree.css("tbody tr") if row.css_first("th").text() == "ada")  # type: ignore[union-attr]
    assert [cell.text(strip=True) for cell in row.css("td")][:3] == ["reviewer", "0", "3"]


async def test_the_platform_page_counts_what_platforms_said(console: AConsole) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    await approve(ada, case)
    page = await ada.get("/platforms")
    row = next(r for r in LexborHTMLParser(page.text).css("tbody tr") if "bluesky" in r.text())
    assert next(cell.text(strip=True) for cell in row.css("td")) == "1"
    assert "1 issued" in row.text()


async def test_the_audit_page_shows_the_ledger_and_that_it_holds(console: AConsole) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.get(f"/cases/{case.case_id}")
    auditor = await console.signed_in(Role.AUDITOR, "dara")
    page = words(await auditor.get("/audit"))
    assert "hold together" in page
    viewed = LexborHTMLParser((await auditor.get("/audit?kind=viewed&actor=ada")).text).css("tbody tr")
    assert len(viewed) == 1
    assert str(case.case_id) in viewed[0].text()


async def test_the_audit_page_says_where_the_ledger_was_changed(console: AConsole) -> None:
    case = console.desk.case()
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.get(f"/cases/{case.case_id}")
    auditor = await console.signed_in(Role.AUDITOR, "dara")
    database: Any = console.desk.database
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger SET actor = 'nobody' WHERE seq = 2")
    assert "The ledger does not hold at entry 2: its content does not have its hash." in words(
        await auditor.get("/audit")
    )


async def test_the_board_shows_the_riskiest_of_a_window_and_covers_what_quotes(console: AConsole) -> None:
    for n in range(3):
        console.desk.case(ranked(normalised(f"threat {n}", content_id=f"p-{n}"), 0.5 + n / 10))
    reddit = normalised("elsewhere", content_id="r", platform="reddit", url="https://reddit.com/r")
    console.desk.case(ranked(reddit, 0.9))
    ada = await console.signed_in(Role.REVIEWER, "ada")
    rows = LexborHTMLParser((await ada.get("/boards?window=24h")).text).css("tbody tr")
    assert [row.css("td")[2].text(strip=True) for row in rows] == ["0.90", "0.70", "0.60", "0.50"]
    assert {veil.attributes["class"] for row in rows for veil in row.css(".veil")} == {"veil covered"}
    alone = LexborHTMLParser((await ada.get("/boards?window=1h&scope=reddit&show=1")).text)
    assert len(alone.css("tbody tr")) == 1
    assert {veil.attributes["class"] for veil in alone.css(".veil")} == {"veil"}


async def test_a_case_with_more_live_copies_than_are_listed_says_so(console: AConsole) -> None:
    case = console.desk.case(ranked(normalised("gonna get you")))
    ada = await console.signed_in(Role.REVIEWER, "ada")
    await ada.post(f"/cases/{case.case_id}/lease")
    assert "addresses are listed" not in words(await ada.get(f"/cases/{case.case_id}"))
    flood = replace(console.desk.now(case.case_id), live=701)
    console.desk.database.write(lambda books: books.cases.put([flood]))
    assert "Only the first 1 addresses are listed; 700 more are still there." in words(
        await ada.get(f"/cases/{case.case_id}")
    )
    assert "+ 700 copies" in words(await ada.get("/queue?state=leased"))
