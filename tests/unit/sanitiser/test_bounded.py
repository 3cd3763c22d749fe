"""Time limits: a text eight times as long takes about eight times as long, for every kind of text."""

import time

import pytest

from tests.evaluation.adapter import evaluate
from tests.evaluation.hostile import FORM, KINDS, hostile_text

SHORT, TIMES = 2_500, 8
TOLERATED = 4  # for a shared machine; quadratic growth takes twice this
QUICK = 0.15  # for every kind: the whole of 100 kB in less than a second


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_time_grows_with_the_length_of_a_text_and_with_nothing_else(kind: tuple[str, ...]) -> None:
    long = _seconds(hostile_text(kind, SHORT * TIMES), tries=1)
    if long > QUICK:
        long = min(long, _seconds(hostile_text(kind, SHORT * TIMES), tries=2))
        assert long <= TIMES * TOLERATED * _seconds(hostile_text(kind, SHORT), tries=3)


def _seconds(text: str, *, tries: int) -> float:
    taken: list[float] = []
    for _ in range(tries):
        begin = time.process_time()
        evaluate(FORM, text)
        taken.append(time.process_time() - begin)
    return min(taken)
