"""Risk with context where much was said: one fact each about who keeps a place, and how it is told."""

from services.referrer.context import weigh
from services.referrer.context_parts import Sighting
from services.referrer.policy import load_policy
from services.referrer.remembered import HOUR
from tests.unit.test_context import MINUTE, NOW, earlier, entry, evidence, names

POLICY = load_policy()
MANY = POLICY.bounds.chosen


def reasons(number: int, same: bool = False) -> tuple[str, ...]:
    """Of so many copies by others, or so many own items."""
    rows = [earlier(f"a{n}", authors=("k1:a",) if same else (f"k1:b{n}",), anchor="f", risk=0.5) for n in range(number)]
    return weigh(entry(anchor="f"), evidence(), rows, [], POLICY).reasons


def test_where_as_many_count_as_are_chosen_a_reason_says_at_least() -> None:
    assert reasons(MANY - 1)[0].startswith("31 other authors posted a copy before, ")
    for number in (MANY, MANY + 68):
        assert reasons(number)[0].startswith("At least 32 other authors posted a copy before, ")
        assert reasons(number, same=True)[0].startswith("The author has at least 32 earlier items of concern in 7 days")


def test_neither_own_posts_nor_those_of_one_more_bury_an_exchange() -> None:
    taunt = earlier("t", minutes=300, talk=("w",), risk=0.4)
    reply = earlier("r", minutes=200, authors=("k1:b",), talk=("w",), risk=0.4)
    for who in ("k1:a", "k1:bot"):
        much = [earlier(f"m{n}", authors=(who,), talk=("w",), risk=0.4) for n in range(MANY + 1)]
        weighed = weigh(entry(talk=("w",)), evidence(), [taunt, reply, *much], [], POLICY)
        assert "escalation" in names(weighed)


def test_a_counter_that_drops_and_comes_back_has_gained_nothing() -> None:
    counts = [Sighting(NOW - 2 * HOUR, 1_000_000), Sighting(NOW - HOUR, 0), Sighting(NOW, 1_000_000)]
    assert weigh(entry(), evidence(), [], counts, POLICY).parts == ()
    more = [*counts, Sighting(NOW + HOUR, 1_000_500)]
    (reason,) = weigh(entry(), evidence(), [], more, POLICY).reasons
    assert "gained 500 views an hour;" in reason


def test_a_wrong_high_count_between_does_not_hide_growth() -> None:
    counts = [Sighting(NOW - HOUR, 100), Sighting(NOW - HOUR + MINUTE, 2_000_000), Sighting(NOW, 80_100)]
    (reason,) = weigh(entry(), evidence(), [], counts, POLICY).reasons
    assert "gained 80,000 views an hour;" in reason
