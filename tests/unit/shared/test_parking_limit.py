"""The parking limit: damaged records are parked, but a topic is not parked as a whole."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline_shared.messaging.parking_limit import MOST, SHARE, WINDOW_SECONDS, ParkingLimit

STEPS = st.lists(st.tuples(st.floats(0, 20), st.integers(0, 30), st.booleans()), max_size=300)


def park_while_allowed(limit: ParkingLimit, tries: int, now: float = 0.0) -> int:
    parked = 0
    for _ in range(tries):
        if limit.allows(now):
            limit.note_parked(now)
            parked += 1
    return parked


def test_a_consumer_that_can_handle_nothing_parks_so_many_and_no_more() -> None:
    assert park_while_allowed(ParkingLimit(), 1_000) == MOST


def test_poison_among_many_good_records_is_parked_as_ever() -> None:
    limit = ParkingLimit()
    limit.note_handled(1_000, 0.0)
    assert park_while_allowed(limit, 900) == 900


def test_few_poison_records_at_long_intervals_are_parked_whatever_else_happens() -> None:
    limit = ParkingLimit()
    assert all(park_while_allowed(limit, 1, now=n * WINDOW_SECONDS / 10) for n in range(500))


def test_once_stopped_it_stays_so_until_it_is_mended_however_long_that_takes() -> None:
    limit = ParkingLimit()
    park_while_allowed(limit, MOST + 1)
    assert not limit.allows(100 * WINDOW_SECONDS)
    limit.mended()
    assert limit.allows(100 * WINDOW_SECONDS)


@given(STEPS)
def test_no_window_ever_holds_more_than_the_count_and_more_than_the_share(
    steps: list[tuple[float, int, bool]],
) -> None:
    limit, now, done = ParkingLimit(), 1_000.0, list[tuple[int, int, int]]()
    for seconds, handled, poison in steps:
        now += seconds
        limit.note_handled(handled, now)
        parks = poison and limit.allows(now)
        if parks:
            limit.note_parked(now)
        done.append((int(now), handled, int(parks)))
        lately = [each for each in done if each[0] > now - WINDOW_SECONDS]
        parked, all_handled = sum(each[2] for each in lately), sum(each[1] for each in lately)
        if parks:
            assert parked <= MOST or parked <= SHARE * (parked + all_handled)
        elif poison:
            assert limit.stopped
