"""Waiting times between tries: they grow up to a limit, and chance keeps those who failed together apart."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from pipeline_shared.runtime.retry import backoff

SECONDS = st.floats(0.001, 60)


@given(SECONDS, SECONDS)
def test_each_pause_lies_between_half_and_the_whole_of_a_time_that_doubles_up_to_the_longest(
    first: float, most: float
) -> None:
    first, most = sorted((first, most))
    for n, pause in enumerate(islice(backoff(first, most), 20)):
        whole = min(first * 2**n, most)
        assert whole / 2 <= pause <= whole


def test_two_that_failed_together_do_not_come_back_together() -> None:
    assert list(islice(backoff(1, 60), 10)) != list(islice(backoff(1, 60), 10))
