"""Who is chosen on a link, and who after a change can have chosen it: the second never misses what the first says."""

from hypothesis import given
from hypothesis import strategies as st

from services.referrer.relations import By, Passing, pick

MOST = 2
# In the order of time: author and risk.
ROWS = st.lists(st.tuples(st.integers(2, 6), st.sampled_from([1, 3, 8])), min_size=2, max_size=24)


@given(ROWS, st.sampled_from(By), st.data())
def test_whoever_has_chosen_a_row_is_reached_from_it(rows: list[tuple[int, int]], by: By, data: st.DataObject) -> None:
    changed = data.draw(st.integers(0, len(rows) - 2))
    passing = Passing(by, rows[changed][0], MOST, ())
    reached = set()
    for place in range(changed + 1, len(rows)):
        author, risk = rows[place]
        if passing.may_choose(author):
            reached.add(place)
        passing.count(author, (risk, place) > (rows[changed][1], changed))
        # Where a walk is broken off, it goes on from what it has counted.
        passing = Passing(by, rows[changed][0], MOST, passing.passed)
        if passing.over():
            break
    for place in range(changed + 1, len(rows)):
        best = sorted(range(place), key=lambda n: (rows[n][1], n), reverse=True)
        chosen, _ = pick([(n, rows[n][0], n) for n in best], by, rows[place][0], MOST)
        assert changed not in chosen or place in reached


@given(ROWS, st.sampled_from(By), st.integers(1, 5))
def test_once_no_further_row_can_be_chosen_the_first_rows_suffice(
    rows: list[tuple[int, int]], by: By, own: int
) -> None:
    numbered = [(n, author, risk) for n, (author, risk) in enumerate(rows)]
    everything, _ = pick(numbered, by, own, MOST)
    for length in range(len(rows)):
        some, full = pick(numbered[:length], by, own, MOST)
        assert not full or some == everything
