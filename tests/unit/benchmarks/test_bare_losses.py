"""The bare pipeline may lose submissions that it accepted: the benchmark counts them and ends."""

from collections.abc import Awaitable, Callable, Iterator
from io import StringIO
from itertools import chain, repeat

from rich.console import Console

from tests.benchmarks.bare_run import follow
from tests.benchmarks.cpu import GENERATOR
from tests.benchmarks.figures import Run
from tests.benchmarks.tables import print_tables, summary


def counting(values: Iterator[int]) -> Callable[[], Awaitable[int]]:
    async def arrived() -> int:
        return next(values)

    return arrived


async def test_when_no_more_come_those_that_came_are_counted() -> None:
    there, _ = await follow(counting(chain([0, 40, 99], repeat(99))), 100, quiet_seconds=0.2)
    assert there == 99


async def test_when_all_have_come_nobody_waits_for_more() -> None:
    there, _ = await follow(counting(iter([0, 100])), 100, quiet_seconds=60)
    assert there == 100


def a_run(rate: float, lost: int = 0) -> Run:
    rates = {"whole way": rate}
    return Run(100, rates, {"HTTP answer": [0.01]}, {"intake": 1.0, GENERATOR: 1.0, "officers": 1.0}, lost)


def test_what_was_measured_is_printed_also_when_the_bare_pipeline_has_lost_some_or_all() -> None:
    for bare in (a_run(9.9, lost=1), a_run(0.0, lost=100)):
        text = StringIO()
        print_tables(Console(file=text, width=110), flat_out=a_run(10), steady=a_run(10), bare=bare, steady_rate=4)
        assert f"lost {bare.lost} of 100" in text.getvalue()
        assert summary(flat_out=a_run(10), steady=a_run(10), bare=bare, steady_rate=4)["bare_lost"] == bare.lost
