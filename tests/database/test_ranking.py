"""Context in the desk: related cases move, copies are one case, deletions take their context back, boards follow; in any order."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from schemas.content import Engagement
from schemas.ranking import BoardEntry, RankingBoard
from schemas.review import CaseState, Decision, Opening, ReviewRequested
from schemas.scoring import ContentRanked
from schemas.topics import BOARD, REVIEW_REQUESTED
from schemas.vocabulary import Band, Change, Window
from services.referrer.adapters.all_tables import metadata
from services.referrer.adapters.database import SqlDatabase
from services.referrer.board_keeper import BoardKeeper
from services.referrer.case_file import File
from services.referrer.explaining import explained
from services.referrer.groups import load_groups
from services.referrer.policy import load_policy
from services.referrer.recall import Recall
from services.referrer.records import Case, Person
from services.runtime.codec import decode
from tests.builders import NOON, key_of, logit, normalised, ranked
from tests.desk import ADesk

FEUD = "k1:feud"
COPY = "we are outside yours and you are not leaving"


@pytest.fixture
def desk(database: SqlDatabase) -> ADesk:
    return ADesk(database)


def said(name: str, risk: float = 0.3, hours: float = 0, band: Band = Band.P4, **changes: Any) -> ContentRanked:
    """A post of its own author, `hours` before noon."""
    moment = NOON - timedelta(hours=hours)
    values: dict[str, Any] = {
        "event_time": moment,
        "observed_at": moment,
        "published_at": moment,
        "author_key": f"k1:{name}",
    } | changes
    observation = key_of(name, str(values["observed_at"]), str(changes.get("change")), str(risk))
    return ranked(normalised(content_id=name, observation_id=observation, **values), risk, band)


def copy(name: str, hours: float = 0, risk: float = 0.3) -> ContentRanked:
    return said(name, risk, hours, text=COPY, similarity="0" * 16)


def gone(name: str) -> ContentRanked:
    return said(name, 0.0, -1, Band.NONE, change=Change.DELETED)


def risk_of(desk: ADesk, name: str) -> float:
    return next(case.risk for case in desk.queue() if case.content_key == key_of("bluesky", name))


def shown(case: Case) -> tuple[object, ...]:
    """A case without what depends on when this desk heard of it."""
    return (
        case.content_key,
        case.content_version,
        case.band,
        case.risk,
        case.event_time,
        case.first_seen_at,
        case.state,
    )


def rest(desk: ADesk) -> None:
    while desk.database.write(desk.reviewing.catch_up) is not None:
        pass


def test_what_was_said_before_raises_what_comes_after(desk: ADesk) -> None:
    desk.take(said("before", 0.8, 5, Band.P3, author_key=FEUD), said("after", author_key=FEUD))
    assert risk_of(desk, "after") > 0.3
    assert risk_of(desk, "before") == 0.8


def test_a_late_arrival_moves_the_open_case_that_it_concerns_in_the_same_transaction(desk: ADesk) -> None:
    desk.take(said("after", author_key=FEUD))
    desk.take(said("before", 0.8, 5, Band.P3, author_key=FEUD))
    assert risk_of(desk, "after") > 0.3


def test_content_below_the_watch_floor_becomes_a_case_when_its_context_becomes_known(desk: ADesk) -> None:
    desk.take(said("after", 0.2, band=Band.NONE, author_key=FEUD))
    assert desk.queue() == []
    desk.take(*(said(f"b{n}", 0.9, n + 1, Band.P3, author_key=FEUD) for n in range(4)))
    assert risk_of(desk, "after") > 0.25


def test_a_deletion_takes_its_context_back(desk: ADesk) -> None:
    desk.take(said("before", 0.8, 5, Band.P3, author_key=FEUD), said("after", author_key=FEUD))
    desk.take(gone("before"))
    assert [(case.content_key, case.risk) for case in desk.queue()] == [(key_of("bluesky", "after"), 0.3)]


def test_an_edit_to_something_harmless_takes_its_context_back(desk: ADesk) -> None:
    desk.take(said("before", 0.8, 5, Band.P3, author_key=FEUD), said("after", author_key=FEUD))
    harmless = said("before", 0.01, 4, Band.NONE, author_key=FEUD, change=Change.EDITED, text="have a nice day all")
    desk.take(harmless)
    assert risk_of(desk, "after") == 0.3


def test_erased_content_leaves_no_trace_in_the_risk_of_others(desk: ADesk) -> None:
    desk.take(said("before", 0.8, 5, Band.P3, author_key=FEUD), said("after", author_key=FEUD))
    key = key_of("bluesky", "before")
    desk.database.write(lambda books: desk.reviewing.forget(books, [key]))
    assert risk_of(desk, "after") == 0.3


def test_copies_are_one_case_that_shows_what_was_said_first(desk: ADesk) -> None:
    desk.take(*(copy(f"c{n}", hours=5 - n) for n in range(5)))
    (case,) = desk.queue()
    assert case.content_key == key_of("bluesky", "c0")
    assert len(desk.database.read(lambda books: books.cases.locations(case.case_id))) == 5


def test_a_flood_of_copies_does_not_bury_a_threat(desk: ADesk) -> None:
    desk.take(*(copy(f"c{n}", hours=n / 100) for n in range(300)), said("threat", 0.9, band=Band.P2))
    queue = desk.queue()
    assert len(queue) == 2
    assert queue[0].content_key == key_of("bluesky", "threat")


def test_two_cases_become_one_when_what_both_are_copies_of_arrives_late(desk: ADesk) -> None:
    far = {"c1": "0" * 16, "c2": "0" * 12 + "ffff", "first": "0" * 14 + "ff"}
    posts = {name: said(name, hours=5 if name == "first" else 1, text=COPY, similarity=s) for name, s in far.items()}
    desk.take(posts["c1"], posts["c2"])
    assert len(desk.queue()) == 2
    desk.take(posts["first"])
    (case,) = desk.queue()
    assert case.content_key == key_of("bluesky", "first")
    assert len(desk.database.read(lambda books: books.cases.locations(case.case_id))) == 3


def test_an_edited_copy_leaves_the_case_and_is_no_address_of_it_any_more(desk: ADesk) -> None:
    desk.take(copy("c0", 5), copy("c1", 4))
    desk.take(said("c1", 0.01, 1, Band.NONE, change=Change.EDITED, text="have a nice day all", similarity="f" * 16))
    (case,) = desk.queue()
    places = desk.database.read(lambda books: books.cases.locations(case.case_id))
    assert [place.content_key for place in places] == [key_of("bluesky", "c0")]


def test_when_the_first_copy_is_deleted_the_next_one_is_shown(desk: ADesk) -> None:
    desk.take(copy("c0", 5), copy("c1", 4), gone("c0"))
    (case,) = desk.queue()
    assert case.content_key == key_of("bluesky", "c1")


def test_a_new_copy_of_what_was_approved_opens_the_case_again_and_one_of_what_was_refused_does_not(desk: ADesk) -> None:
    for decision, state, like in (
        (Decision.APPROVE, CaseState.OPEN, "0" * 16), (Decision.REFUSE, CaseState.REFUSED, "f" * 16),
    ):  # fmt: skip
        name = decision.value
        desk.take(said(name, text=f"{name} is what they will say of it", similarity=like, hours=5))
        (case,) = [c for c in desk.queue() if c.content_key == key_of("bluesky", name)]
        desk.decide(desk.person(f"r-{name}"), case, decision)
        desk.take(said(f"{name}-again", text=f"{name} is what they will say of it", similarity=like))
        after = desk.now(case.case_id)
        assert after.state is state
        assert (after.opening is Opening.REUPLOADED) is (decision is Decision.APPROVE)


def test_the_announcement_names_the_context(desk: ADesk) -> None:
    desk.take(said("before", 0.8, 5, Band.P3, author_key=FEUD), said("after", author_key=FEUD))
    asked = [decode(ReviewRequested, record.value) for record in desk.outbox(REVIEW_REQUESTED.name)]
    after = next(each for each in asked if each.content_key == key_of("bluesky", "after"))
    assert any("The author has 1 earlier item of concern in 7 days" in reason for reason in after.reasons)


def test_parts_of_a_case_with_context_are_kept(desk: ADesk) -> None:
    desk.take(said("before", 0.8, 5, Band.P3, author_key=FEUD), said("after", author_key=FEUD))
    case = next(case for case in desk.queue() if case.content_key == key_of("bluesky", "after"))
    why = desk.database.read(lambda books: explained(books, case.content_key, case.observation_id))
    assert {part.name for part in why.context} == {"author.7d", "author.30d"}


def world(random: Random) -> list[ContentRanked]:
    """A day of few people: posts, copies, edits, newer counts, deletions."""
    facts = []
    for number in range(40):
        name, hours = f"p{random.randrange(14)}", random.randrange(1, 200)
        change = random.choice([Change.CREATED, Change.CREATED, Change.EDITED, Change.RECOUNTED, Change.DELETED])
        fact = said(
            name,
            random.choice([0.01, 0.1, 0.3, 0.8]) if change is not Change.DELETED else 0.0,
            hours,
            random.choice([Band.P4, Band.NONE]) if change is not Change.DELETED else Band.NONE,
            change=change,
            author_key=f"k1:{random.randrange(4)}",
            pair_keys=random.choice([(), ("ab",)]),
            text=COPY if random.random() < 0.5 else f"{name} says this again and again {number}",
            similarity=random.choice(["0" * 16, "0" * 14 + "ff", "f" * 16]),
            engagement=Engagement(views=number * 1_000),
        )
        facts.append(fact)
    return list({fact.content.observation_id: fact for fact in facts}.values())


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(12))
def test_any_order_any_cut_any_replay_leave_the_same_queue_at_rest(sqlite_database: SqlDatabase, seed: int) -> None:
    queues = []
    for turn in range(2):
        random = Random(seed)
        facts = world(random)
        if turn:
            facts = facts + facts[:9]
            Random(seed + 99).shuffle(facts)
        desk = ADesk(sqlite_database)
        policy = load_policy()
        tight = policy.model_copy(update={"bounds": policy.bounds.model_copy(update={"recompute": 2})})
        desk.reviewing._recall = Recall(tight if turn else policy, load_groups())
        cut = 1 + seed if turn else len(facts)
        for start in range(0, len(facts), cut):
            desk.take(*facts[start : start + cut])
        rest(desk)
        queues.append([shown(case) for case in sorted(desk.queue(), key=lambda case: case.content_key)])
        empty(sqlite_database)
    assert queues[0] == queues[1]
    assert queues[0]


def empty(database: SqlDatabase) -> None:
    with database.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def sqlite_database(sqlite_url: str) -> SqlDatabase:
    return SqlDatabase(sqlite_url)


def test_boards_hold_the_riskiest_of_hour_and_day_per_platform_and_overall(desk: ADesk) -> None:
    desk.take(
        said("new", 0.3), said("old", 0.9, 5, Band.P3), said("older", 0.9, 30, Band.P3), said("x", 0.4, platform="x")
    )
    day, hour = (desk.boards.board(window, "all") for window in (Window.DAY, Window.HOUR))
    assert [(e.rank, e.content_key) for e in day.entries] == [
        (1, key_of("bluesky", "old")), (2, key_of("bluesky", "x")), (3, key_of("bluesky", "new")),
    ]  # fmt: skip
    assert [entry.content_key for entry in hour.entries] == [key_of("bluesky", "x"), key_of("bluesky", "new")]
    assert [entry.content_key for entry in desk.boards.board(Window.DAY, "x").entries] == [key_of("bluesky", "x")]
    assert desk.boards.board(Window.DAY, "nowhere").entries == ()


def test_a_platform_that_is_called_all_stands_on_the_board_of_all_once(desk: ADesk) -> None:
    desk.take(said("x", 0.4, platform="all"))
    assert len(desk.boards.board(Window.DAY, "all").entries) == 1


def test_only_boards_that_changed_are_published_and_an_empty_one_once(desk: ADesk) -> None:
    desk.take(said("new", 0.3, 0.5))
    assert (desk.boards.publish(), desk.boards.publish()) == (4, 0)
    desk.clock.forward(minutes=45)
    assert (desk.boards.publish(), desk.boards.publish()) == (2, 0)
    last = decode(RankingBoard, desk.outbox(BOARD.name)[-1].value)
    assert (last.window, last.entries) == (Window.HOUR, ())


def test_a_new_leader_empties_what_became_empty_while_nobody_led_and_publishes_no_other_empty_board(
    desk: ADesk,
) -> None:
    """The topic keeps the last board for ever, and with it the reasons of what may be erased by now."""
    longest = "nowhere" * 9
    desk.take(said("old", 0.3, 0.5, platform=longest))
    assert BoardKeeper(desk.database, desk.clock).publish() == 4
    desk.clock.forward(hours=48)
    desk.take(said("new", 0.3, -48))
    before = len(desk.outbox(BOARD.name))
    leader = BoardKeeper(desk.database, desk.clock)
    assert (leader.publish(), leader.publish()) == (6, 0)
    boards = [decode(RankingBoard, record.value) for record in desk.outbox(BOARD.name)[before:]]
    assert {(board.window, board.scope, len(board.entries)) for board in boards} == {
        (window, scope, entries) for window in Window for scope, entries in (("all", 1), ("bluesky", 1), (longest, 0))
    }  # fmt: skip


def test_a_board_says_what_is_so_now_where_the_bound_on_context_keeps_the_risk_as_it_was(desk: ADesk) -> None:
    feud: dict[str, Any] = {"author_key": FEUD, "pair_keys": ("ab",)}
    own = [said(f"own{n}", 0.9, 3 + n / 10, **feud) for n in range(6)]
    desk.take(*own, said("other", 0.9, 2, author_key="k1:other", pair_keys=("ab",)), said("after", 0.3, 0.5, **feud))
    before = board_entry(desk, "after")
    desk.take(gone("own0"))
    after = board_entry(desk, "after")
    assert after.risk == before.risk
    assert any("has 6 earlier items" in sentence for sentence in before.reasons)
    assert any("has 5 earlier items" in sentence for sentence in after.reasons)


def board_entry(desk: ADesk, name: str) -> BoardEntry:
    entries = desk.boards.board(Window.DAY, "all").entries
    return next(entry for entry in entries if entry.content_key == key_of("bluesky", name))


def test_refused_and_vanished_content_is_on_no_board(desk: ADesk) -> None:
    desk.take(said("a", 0.3), said("b", 0.3))
    (a, _) = desk.queue()
    desk.decide(desk.person(), a, Decision.REFUSE)
    desk.take(gone("b" if a.content_key == key_of("bluesky", "a") else "a"))
    assert desk.boards.board(Window.DAY, "all").entries == ()


def test_a_person_who_looks_again_is_told_what_changed_and_nobody_else_is(desk: ADesk) -> None:
    desk.take(said("after", author_key=FEUD))
    (case,) = desk.queue()
    person = desk.person("r-1")
    assert viewed(desk, person, case).changed == ()
    assert viewed(desk, person, case).changed == ()
    desk.take(said("before", 0.8, 5, Band.P3, author_key=FEUD))
    assert viewed(desk, desk.person("r-2"), case).changed == ()
    again = viewed(desk, person, case)
    assert again.changed[0].startswith("The risk rose from 30% to ")
    assert any("the author's own earlier content, 7 days" in sentence for sentence in again.changed)
    assert viewed(desk, person, case).changed == ()


def test_the_parts_of_a_file_add_up_to_its_risk(desk: ADesk) -> None:
    desk.take(said("before", 0.8, 5, Band.P3, author_key=FEUD), said("after", author_key=FEUD))
    case = next(case for case in desk.queue() if case.content_key == key_of("bluesky", "after"))
    file = viewed(desk, desk.person(), case)
    total = sum(part.contribution for part in (*file.parts, *file.context))
    assert total == pytest.approx(logit(case.risk), abs=1e-5)
    assert file.parts == file.content.parts
    assert file.reasons


def test_the_parts_of_a_file_are_those_of_the_riskiest_copy(desk: ADesk) -> None:
    desk.take(copy("first", 3, 0.3), copy("second", 2, 0.6))
    (case,) = desk.queue()
    file = viewed(desk, desk.person(), case)
    assert file.content.scored.content_risk == 0.3
    assert sum(part.contribution for part in (*file.parts, *file.context)) == pytest.approx(logit(case.risk), abs=1e-5)


def viewed(desk: ADesk, person: Person, case: Case) -> File:
    file = desk.desk.view(person, case.case_id)
    assert isinstance(file, File)
    return file


def test_a_case_is_explained_while_somebody_else_changes_what_it_stands_with(postgres_url: str) -> None:
    """Whoever looks holds nobody up, and may read one thing before a batch and the next behind it."""
    database = SqlDatabase(postgres_url)
    desk = ADesk(database)
    case = desk.case(copy("first"))
    this = database.read(lambda books: books.memory.kept([case.content_key]))[case.content_key].this
    between = [True]

    def forget(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT memory.anchor, count") and between:
            between.clear()
            database.write(lambda books: books.memory.forget([this]))

    sa.event.listen(database.engine, "before_cursor_execute", forget)
    file = desk.desk.view(desk.person(), case.case_id)
    assert isinstance(file, File)
    assert file.case == case
    assert not between
    database.close()
