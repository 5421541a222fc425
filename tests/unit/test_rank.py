"""`hub rank`: the queue that events would make, what another policy would change, and how good a ranking is."""

import io
import json
import os
import re
import threading
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from schemas.content import ContentNormalised
from schemas.vocabulary import Band
from services.cli import app
from services.commands.rank_changes import compare
from services.commands.rank_events import Unusable, observations
from services.commands.rank_labels import Name, read_labels
from services.commands.rank_places import Standing
from services.commands.rank_plot import draw, ink
from services.commands.rank_quality import Placed, ndcg, quality
from services.referrer.policy import PACKAGED as PACKAGED_CONTEXT
from services.runtime.errors import Fatal
from services.runtime.plain_words import PLAIN
from services.scorer.policy import PACKAGED
from tests.builders import logit, received_value

NOW = "2026-06-01T12:30:00Z"
THREAT = "we are outside yours with a shank tonight, you are getting splashed"


def event(content_id: str, text: str, minute: int = 0, **changes: Any) -> dict[str, Any]:
    value = received_value(
        content_id=content_id,
        url=f"https://bsky.app/profile/a/post/{content_id}",
        author={"id": f"did:plc:{content_id}"},
        texts=[{"text": text}],
        published_at=f"2026-06-01T11:{minute:02}:00Z",
        observed_at=f"2026-06-01T12:{minute:02}:00Z",
    )
    return value | changes


def gone(content_id: str) -> dict[str, Any]:
    return {
        "schema_version": "1", "event_id": "gone", "collector": "desk", "platform": "bluesky", "change": "deleted",
        "content_id": content_id, "observed_at": "2026-06-01T13:00:00Z",
    }  # fmt: skip


def written(folder: Path, values: Sequence[Any]) -> Path:
    path = folder / "events.jsonl"
    path.write_text("".join(f"{v if isinstance(v, str) else json.dumps(v)}\n" for v in values))
    return path


def rank(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["rank", *map(str, arguments)], input=stdin, catch_exceptions=False)


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_threat_stands_first_with_parts_that_add_up_and_reasons(tmp_path: Path) -> None:
    first, *others = lines(rank(written(tmp_path, [event("a", "have a nice day"), event("b", THREAT)])))
    assert (first["rank"], first["content_id"], [o["content_id"] for o in others]) == (1, "b", ["a"])
    assert sum(part["contribution"] for part in first["parts"]) == pytest.approx(logit(first["risk"]), abs=1e-4)
    assert first["reasons"]
    assert {"content_key", "band", "content_risk"} <= first.keys()


def test_of_every_line_the_parts_add_up_and_exemptions_are_named(tmp_path: Path) -> None:
    """Below the context floor there was one part, which was wrong where the risk is next to none, and no reason."""
    texts = [
        THREAT,
        "have a nice day",
        "lovely walk along the beach with nan this morning, fish and chips after",
        "ten years without you little brother, rest easy, mum still keeps your room as it was",
        "Police are appealing for witnesses after a man, 34, was stabbed on Marlow Street last night",
        "ref was a disgrace but what a header in the 90th minute, we murdered them 4 nil",
        "1 2 3",
    ]
    values = [event(f"c{n}", text, n) for n, text in enumerate(texts)]
    found = lines(rank(written(tmp_path, [*values, values[1] | {"change": "edited", "edited_at": NOW}])))
    assert len(found) == len(texts)
    assert min(line["risk"] for line in found) < 0.001
    for line in found:
        assert sum(part["contribution"] for part in line["parts"]) == pytest.approx(logit(line["risk"]), abs=1e-4)
        for part in line["parts"]:
            if part["name"].startswith("exemption.") and part["contribution"] <= -0.1:
                exempt = PLAIN[part["name"].removeprefix("exemption.")]
                assert any(exempt in reason for reason in line["reasons"])
    assert any("exemption.grief" in (part["name"] for part in line["parts"]) for line in found if line["risk"] < 0.05)


def test_any_order_of_the_lines_gives_the_same_ranking(tmp_path: Path) -> None:
    values = [event(f"c{n}", f"{THREAT} number {n}" if n % 2 else f"lovely walk {n}", n) for n in range(12)]
    ranked = rank(written(tmp_path, values)).stdout
    assert rank("-", stdin="".join(f"{json.dumps(v)}\n" for v in reversed(values))).stdout == ranked


def test_two_sayings_of_one_moment_below_the_floor_give_one_line_in_any_order(tmp_path: Path) -> None:
    values = [event("a", "have a nice day"), event("a", "nice weather we have today and tomorrow", event_id="e-2")]
    assert rank(written(tmp_path, values)).stdout == rank(written(tmp_path, values[::-1])).stdout


def test_withdrawn_content_is_not_listed_whatever_its_risk(tmp_path: Path) -> None:
    values = [event("a", "have a nice day"), event("b", THREAT), event("c", THREAT, 1), gone("a"), gone("b")]
    assert [line["content_id"] for line in lines(rank(written(tmp_path, values)))] == ["c"]


@pytest.mark.parametrize("first", ["have a nice day", THREAT])
def test_content_that_was_seen_after_its_deletion_is_listed_though_its_latest_words_were_seen_before(
    tmp_path: Path, first: str
) -> None:
    """What says little was missing where it had been edited: the deletion was held against when its latest words were first seen."""
    begun = event("a", first, observed_at="2026-06-01T12:00:00Z", event_id="begun")
    edit = event("a", "have a nice evening", observed_at="2026-06-01T12:30:00Z", change="edited", edited_at=NOW)
    again = begun | {"observed_at": "2026-06-01T14:00:00Z", "event_id": "again"}
    assert lines(rank(written(tmp_path, [begun, edit, gone("a")]))) == []
    for values in ([begun, edit, gone("a"), again], [again, gone("a"), edit, begun]):
        assert [line["content_id"] for line in lines(rank(written(tmp_path, values)))] == ["a"]


def test_copies_are_one_line_with_their_count_and_names(tmp_path: Path) -> None:
    (line,) = lines(rank(written(tmp_path, [event(f"c{n}", THREAT, n) for n in range(5)])))
    assert (line["content_id"], line["copies"]) == ("c0", 4)
    assert line["copy_content_ids"] == ["c1", "c2", "c3", "c4"]


def test_a_file_of_which_nothing_can_be_used_is_a_failure_that_says_what_to_try(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match="no line of the hub format could be used; --format names another shape"):
        rank(written(tmp_path, ["{", {"schema_version": "1"}]))


def test_a_bad_line_is_named_by_its_number_and_stops_nothing(tmp_path: Path) -> None:
    result = rank(written(tmp_path, [event("a", "hello there"), "{", {"schema_version": "1"}]))
    assert len(lines(result)) == 1
    assert "line 2: not_json" in result.stderr
    assert "line 3: schema_violation" in result.stderr
    assert "1 observations, 2 unusable" in result.stderr


def test_what_the_door_refuses_for_its_clock_is_not_ranked_either(tmp_path: Path) -> None:
    """It would stay newer than the truth."""
    ahead = event("b", THREAT, published_at="2999-01-01T00:00:00Z", observed_at="2999-01-01T00:00:00Z")
    result = rank(written(tmp_path, [event("a", "hello there"), ahead]))
    assert [line["content_id"] for line in lines(result)] == ["a"]
    assert "line 2: observed_in_future" in result.stderr


def test_a_bad_line_stays_one_line_whatever_the_width_of_the_terminal(tmp_path: Path) -> None:
    result = rank(written(tmp_path, [event("a", "hello there"), event("b", "hello there", platform="NOT A PLATFORM")]))
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("line 2:")]
    assert line.endswith("(/platform)")
    assert len(line) > 80


def test_a_file_of_another_shape_is_told_from_an_empty_one(tmp_path: Path) -> None:
    """The shapes of platforms pass over what they have no use for: a wrong --format looked like an evening without events."""
    result = rank(written(tmp_path, [event("a", "hello there")]), "--format", "bluesky-jetstream")
    assert result.exit_code == 0
    assert "0 observations, 0 unusable, 1 passed over" in result.stderr
    assert "nothing of the bluesky-jetstream format was found; --format names another shape" in result.stderr


def test_a_byte_order_mark_before_the_first_line_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(f"{json.dumps(event(name, 'hello there'))}\n" for name in "ab"), encoding="utf-8-sig")
    assert len(lines(rank(path))) == 2


def test_a_name_of_a_file_that_is_missing_is_called_missing() -> None:
    """It was taken for the folder that the command stands in: `: Is a directory`."""
    with pytest.raises(Fatal, match="the name of a file of events is missing"):
        rank("")


def test_the_help_says_that_a_ranking_is_that_of_a_hub_with_time_for_every_text() -> None:
    assert "SCORER_TIER2_SHARE" in rank("--help").stdout


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(Fatal, match="choose one of hub"):
        rank("-", "--format", "fax", stdin="")


def test_a_platforms_recording_is_read_whole_when_it_is_no_lines() -> None:
    document = json.dumps({"kind": "Listing", "data": {"children": [{"kind": "t1", "data": {}}]}}, indent=1).encode()
    (found,) = observations(io.BytesIO(document), "reddit", lambda _: None)
    assert isinstance(found, Unusable)
    assert found.place == "item 1"


def test_content_of_a_recording_that_does_not_say_when_it_was_seen_was_seen_when_it_was_said() -> None:
    """Seen on the day of the backtest, `tonight` would be over, and every day the ranking another one."""
    comment = {
        "kind": "t1",
        "data": {
            "id": "a", "name": "t1_a", "body": THREAT, "created_utc": 1_780_000_000, "author": "a", "author_fullname": "t2_a",
            "link_id": "t3_l", "parent_id": "t3_l", "subreddit": "london", "permalink": "/r/london/comments/l/_/a/",
        },
    }  # fmt: skip
    (found,) = observations(io.BytesIO(json.dumps(comment).encode()), "reddit", lambda _: None)
    assert isinstance(found, ContentNormalised)
    assert found.observed_at == found.published_at == datetime.fromtimestamp(1_780_000_000, UTC)


@pytest.mark.parametrize("pages", [1, 2])
def test_a_platforms_answer_is_opened_where_it_stands_in_one_line(pages: int) -> None:
    """As it comes from the platform: nothing of it was found, because a line was taken for an item."""
    answer = json.dumps({"kind": "Listing", "data": {"children": [{"kind": "t1", "data": {}}]}}).encode()
    found = list(observations(io.BytesIO(answer + b"\n" + (pages - 1) * answer), "reddit", lambda _: None))
    assert [one.place for one in found if isinstance(one, Unusable)] == [f"line {n + 1}, item 1" for n in range(pages)]


def test_a_policy_is_compared_and_drawn(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(PACKAGED.read_text().replace("bias = -0.8", "bias = -6.0"))
    assert "bias = -6.0" in other.read_text()
    plot = tmp_path / "moves.svg"
    result = rank(written(tmp_path, [event("b", THREAT)]), "--against", other, "--plot", plot)
    assert result.exit_code == 0
    assert "what moves furthest" in result.stdout
    assert "Nothing moves." not in result.stdout
    assert plot.read_text().startswith("<?xml")


def test_a_comparison_shows_ids_as_they_are_and_sends_the_terminal_nothing_that_would_steer_it(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(PACKAGED.read_text().replace("bias = -0.8", "bias = -6.0"))
    values = [
        event("[/b]", THREAT),
        event("[red]x", f"{THREAT} once more"),
        event("c\x1b[2J\n", f"{THREAT} again", url="https://a.example/c"),
    ]
    result = rank(written(tmp_path, values), "--against", other)
    assert {"[/b]", "[red]x", "c\ufffd[2J\ufffd"} <= set(re.findall(r"│ (\S+) +│ P", result.stdout))


def test_content_that_only_the_scorer_lets_go_is_listed_all_the_same(tmp_path: Path) -> None:
    """What is listed does not depend on the rules: a comparison would not say what leaves where the scorer's floor is the higher one."""
    other = tmp_path / "other.toml"
    other.write_text(re.sub(r"(?m)^context = 0\.05 ", "context = 0.0001 ", PACKAGED_CONTEXT.read_text()))
    events = written(tmp_path, [event("a", "have a nice day"), event("b", THREAT)])
    before, after = lines(rank(events)), lines(rank(events, "--policy", other))
    assert 0.0001 < before[1]["risk"] < 0.05
    assert [line["content_id"] for line in after] == [line["content_id"] for line in before] == ["b", "a"]


def test_a_policy_may_come_through_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "policy.toml"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(PACKAGED.read_bytes(),), daemon=True)
    writer.start()
    assert len(lines(rank(written(tmp_path, [event("b", THREAT)]), "--policy", pipe))) == 1


def test_the_lines_and_the_drawing_do_not_go_into_one_file(tmp_path: Path) -> None:
    both = tmp_path / "both.svg"
    with pytest.raises(Fatal, match="name two files"):
        rank(tmp_path / "no events", "--against", PACKAGED, "--output", both, "--plot", both)


@pytest.mark.parametrize("option", ["--output", "--plot"])
def test_what_is_read_is_never_written_over(tmp_path: Path, option: str) -> None:
    events = tmp_path / "events.svg"
    events.write_text(json.dumps(event("b", THREAT)))
    with pytest.raises(Fatal, match="is read, too"):
        rank(events, "--against", PACKAGED, option, events)
    assert json.loads(events.read_text())["content_id"] == "b"


def test_the_numbers_in_a_drawing_stand_out_from_the_colour_behind_them(tmp_path: Path) -> None:
    assert [ink(n, 100) for n in (0, 50, 90, 1_000)] == ["black", "black", "white", "white"]


def test_a_drawing_of_nothing_is_made_without_a_warning(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(compare([], []), tmp_path / "nothing.png")
    assert (tmp_path / "nothing.png").stat().st_size > 0


@pytest.mark.parametrize(
    ("option", "name", "why"),
    [
        ("--output", "nowhere/ranked.jsonl", "cannot be written"),
        ("--output", ".", "cannot be written"),
        ("--output", "a" * 300, "File name too long"),
        ("--plot", "nowhere/moves.svg", "cannot be written"),
        ("--plot", "moves.pdf", "must end in .svg or .png"),
    ],
)
def test_what_could_not_be_written_in_the_end_is_refused_before_anything_is_read(
    tmp_path: Path, option: str, name: str, why: str
) -> None:
    with pytest.raises(Fatal, match=why):
        rank(tmp_path / "no events", "--against", PACKAGED, option, tmp_path / name)


def test_the_same_policy_moves_nothing(tmp_path: Path) -> None:
    assert "Nothing moves." in rank(written(tmp_path, [event("b", THREAT)]), "--against", PACKAGED).stdout


def test_labels_are_judged_and_the_lines_go_to_a_file(tmp_path: Path) -> None:
    labels, output = tmp_path / "labels.jsonl", tmp_path / "ranked.jsonl"
    labels.write_text('{"content_id": "b", "label": 1}\n{"content_id": "a", "label": "harmless"}\n')
    events = written(tmp_path, [event("a", "have a nice day"), event("b", THREAT)])
    result = rank(events, "--labels", labels, "--output", output)
    assert "recall at the desk's daily capacity" in result.stdout
    assert "case 1, 0.4 minutes" in result.stdout
    assert len(output.read_text().splitlines()) == 2


def test_every_copy_of_a_flood_is_found_where_its_case_is_looked_at(tmp_path: Path) -> None:
    """A line names the first thousand copies; who looks at the case sees the rest as well."""
    flood = [
        event(f"c{n:04}", THREAT, n // 60, observed_at=f"2026-06-01T12:{n // 60:02}:{n % 60:02}Z") for n in range(1_010)
    ]
    labels = tmp_path / "labels.jsonl"
    labels.write_text("".join(f'{{"content_id": "c{n:04}", "label": 1}}\n' for n in range(1_010)))
    shown = rank(written(tmp_path, flood), "--labels", labels).stdout
    assert "labels that name nothing here" not in shown
    assert re.search(r"recall in the first 5 % +│ 1\.000 ", shown)


def test_labels_of_content_that_is_not_in_the_ranking_are_counted(tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    labels.write_text('{"content_id": "b", "label": 1}\n{"content_id": "B", "label": 1}\n', encoding="utf-8-sig")
    result = rank(written(tmp_path, [event("b", THREAT)]), "--labels", labels)
    assert re.search(r"labels that name nothing here +│ 1 ", result.stdout)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"content_id": 3}',
        '{"content_id": "a"}',
        '{"content_id":"a","label":"odd"}',
        '{"content_id":"a","grade":null}',
        '{"content_id":"a","platform":3,"label":1}',
        '{"content_key":3,"content_id":"a","label":1}',
    ],
)
def test_a_label_that_says_nothing_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(f'{{"content_id": "x", "label": true}}\n{line}\n')
    with pytest.raises(Fatal, match=r"labels\.jsonl line 2"):
        read_labels(path)


def test_an_id_of_two_platforms_judges_nothing_until_the_label_says_which_is_meant(tmp_path: Path) -> None:
    """The nice day of another platform counted as harm."""
    events = written(
        tmp_path,
        [
            event("1", THREAT),
            event("1", "have a nice day", platform="mastodon", instance="m.example", url="https://m.example/1"),
        ],
    )
    threat = lines(rank(events))[0]
    labels = tmp_path / "labels.jsonl"

    def judged(**label: str) -> str:
        labels.write_text(json.dumps({"label": "harmful"} | label))
        return rank(events, "--labels", labels).stdout

    unclear = judged(content_id="1")
    assert "0 harmful of 0 labelled" in unclear
    assert re.search(r"several cases, use `content_key` +│ 1 ", unclear)
    for clear in (judged(content_id="1", platform="bluesky"), judged(content_key=threat["content_key"])):
        assert "1 harmful of 1 labelled" in clear
        assert re.search(r"precision at 10 +│ 0\.100 ", clear)


def test_a_label_that_names_copies_in_one_case_is_clear() -> None:
    assert quality([Placed(("a", "a"), "d")], {"a": 1}).ambiguous == 0
    assert quality([Placed(("a",), "d"), Placed(("a",), "d")], {"a": 1}).ambiguous == 1


def test_without_a_grade_the_label_counts(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(
        '{"content_id": "a", "grade": null, "label": "harmful"}\n{"content_key": "k", "grade": 2, "label": "odd"}\n'
    )
    assert read_labels(path) == {Name(None, None, "a"): 1.0, Name("k"): 2.0}


def test_a_ranking_is_perfect_when_all_harm_stands_first() -> None:
    found = quality([Placed((name,), "d") for name in "abcd"], {"a": 1, "b": 1, "c": 0}, depths=(2,), capacity=2)
    assert (found.precision[2], found.ndcg[2], found.recall_at_capacity, found.cases_to_first_harm) == (1, 1, 1, 1)


def test_harm_that_is_not_listed_was_never_found() -> None:
    found = quality([Placed(("a",), "d")], {"a": 1, "b": 1}, depths=(1,))
    assert (found.recall_at_capacity, found.recall_first_twentieth) == (0.5, 0.5)


def test_the_capacity_is_one_days() -> None:
    cases = [Placed(("a",), "monday"), Placed(("b",), "monday"), Placed(("c",), "tuesday")]
    assert quality(cases, {"b": 1, "c": 1}, capacity=1).recall_at_capacity == 0.5


def test_ndcg_of_one_hit_in_second_place_is_one_over_the_logarithm_of_three() -> None:
    assert ndcg([0, 1], 2) == pytest.approx(0.6309, abs=1e-4)
    assert ndcg([0, 0], 2) == 1.0


def test_entering_and_leaving_are_told_apart_from_moving() -> None:
    def stand(*places: tuple[str, Band, float]) -> list[Standing]:
        return [Standing(name, name, band, risk) for name, band, risk in places]

    before = stand(("a", Band.NONE, 0.1), ("b", Band.P3, 0.7), ("c", Band.P4, 0.3), ("d", Band.P4, 0.3))
    after = stand(("a", Band.P4, 0.3), ("b", Band.NONE, 0.1), ("c", Band.P3, 0.7), ("d", Band.P4, 0.3))
    found = compare(before, after)
    assert (found.entering, found.leaving, sum(found.flows.values())) == (1, 1, 4)
    assert [each.before.content_id for each in found.furthest] == ["b", "c", "a"]


def test_of_a_comparison_only_the_twenty_that_move_furthest_are_held() -> None:
    before = [Standing(f"{n:03}", "x", Band.P3, 0.6) for n in range(300)]
    after = [Standing(f"{n:03}", "x", Band.P3, 0.6 + n / 1_000) for n in range(300)]
    found = compare(iter(before), iter(after))
    assert [each.before.content_key for each in found.furthest] == [f"{n:03}" for n in range(299, 279, -1)]
    assert found.flows == {(Band.P3, Band.P3): 300}
