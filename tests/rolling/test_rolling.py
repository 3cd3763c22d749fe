"""A rolling restart fails no request and loses nothing; at length: `python -m tests.rolling`."""

from collections.abc import Generator

import pytest

from tests.rolling.run import DRAIN_SECONDS, roll_under_load
from tests.support.copies import Pairs, in_pairs

SEED = 20261201


@pytest.fixture
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Generator[Pairs, None, None]:
    """Prepare two copies of each service for this test alone."""
    with in_pairs(tmp_path_factory.mktemp("rolling"), DRAIN_SECONDS=str(DRAIN_SECONDS)) as pairs:
        yield pairs
    pairs.stack.home.remove()


async def test_no_request_fails_and_nothing_is_lost_or_doubled_while_every_copy_is_restarted(pairs: Pairs) -> None:
    told: list[str] = []
    result = await roll_under_load(pairs, rate=20, seed=SEED, tell=told.append)
    assert result.findings == [], "\n".join(told)
    assert result.restarts == len(told)
