"""A collector may send so much, and is told when it may send more."""

from services.ingest.credentials import WINDOW_SECONDS, Grant, new_key
from services.ingest.rates import Rates
from tests.builders import NOON


class Watch:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def grant(name: str = "desk", events: float = 50.0, volume: float = 1_700_000.0) -> Grant:
    return new_key(name, ("*",), events, volume, NOON)[1]


def test_a_full_request_of_the_slowest_collector_fits() -> None:
    assert Rates(Watch()).wait(grant(), events=500, volume=16_777_216) == 0


def test_more_events_than_the_rate_must_wait() -> None:
    rates, mine = Rates(Watch()), grant()
    assert rates.wait(mine, events=50 * WINDOW_SECONDS, volume=1) == 0
    assert 1 <= rates.wait(mine, events=1, volume=1) <= WINDOW_SECONDS


def test_more_bytes_than_the_rate_must_wait() -> None:
    rates, mine = Rates(Watch()), grant()
    assert rates.wait(mine, events=1, volume=17_000_000) == 0
    assert rates.wait(mine, events=1, volume=1) > 0


def test_whoever_comes_again_after_the_named_seconds_may_send() -> None:
    watch = Watch()
    rates, mine = Rates(watch), grant()
    rates.wait(mine, events=500, volume=1)
    watch.seconds += rates.wait(mine, events=120, volume=1)
    assert watch.seconds == 3.0
    assert rates.wait(mine, events=120, volume=1) == 0


def test_a_long_rest_earns_no_more_than_one_window() -> None:
    watch = Watch()
    rates, mine = Rates(watch), grant()
    watch.seconds += 1_000.0
    assert rates.wait(mine, events=500, volume=1) == 0
    assert rates.wait(mine, events=1, volume=1) > 0


def test_what_had_to_wait_was_not_counted() -> None:
    rates, mine = Rates(Watch()), grant()
    rates.wait(mine, events=400, volume=1)
    assert rates.wait(mine, events=200, volume=1) > 0
    assert rates.wait(mine, events=100, volume=1) == 0


def test_one_collectors_haste_is_not_anothers_wait() -> None:
    rates = Rates(Watch())
    rates.wait(grant("a"), events=500, volume=1)
    assert rates.wait(grant("b"), events=500, volume=1) == 0


def test_two_keys_of_one_collector_share_its_rate() -> None:
    rates = Rates(Watch())
    rates.wait(grant("a"), events=500, volume=1)
    assert rates.wait(grant("a"), events=1, volume=1) > 0


def test_a_request_of_nothing_counts_as_one() -> None:
    rates, mine = Rates(Watch()), grant()
    for _ in range(500):
        rates.wait(mine, events=0, volume=0)
    assert rates.wait(mine, events=0, volume=0) > 0


def test_a_request_larger_than_the_window_waits_until_nothing_is_owed_and_no_longer() -> None:
    watch = Watch()
    rates, mine = Rates(watch), grant()
    rates.wait(mine, events=100, volume=1)
    assert rates.wait(mine, events=1_000, volume=1) == 2
    watch.seconds += 2
    assert rates.wait(mine, events=1_000, volume=1) == 0
    assert rates.wait(mine, events=1, volume=1) == 11


def test_events_found_inside_items_count_like_others() -> None:
    rates, mine = Rates(Watch()), grant()
    assert rates.wait(mine, events=1, volume=1) == 0
    rates.owe(mine, 499)
    assert rates.wait(mine, events=1, volume=1) == 1
