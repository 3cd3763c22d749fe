"""Nothing is lost while certificates and their authority are replaced; at length: `python -m tests.rotation`."""

from collections.abc import Generator

import pytest

from tests.chaos.run import Supervised, supervised
from tests.rotation.run import rotate_under_load

STEPS = 7
SEED = 20261129


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Generator[Supervised, None, None]:
    """Run a whole pipeline for this test alone."""
    with supervised(tmp_path_factory.mktemp("rotation")) as running:
        yield running
    running.stack.home.remove()


async def test_nothing_is_lost_or_doubled_while_every_certificate_and_the_authority_are_replaced(
    running: Supervised,
) -> None:
    told: list[str] = []
    result = await rotate_under_load(running, rate=20, seed=SEED, tell=told.append)
    assert result.findings == [], "\n".join(told)
    assert len(result.steps) == STEPS
