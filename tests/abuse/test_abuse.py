"""The attackers in short: no attack by one agency loses a submission of another. In full: `python -m tests.abuse`."""

from collections.abc import Generator

import pytest

from pipeline_local.stack import LocalStack
from tests.abuse.attackers import ATTACKERS
from tests.abuse.trial import try_attackers
from tests.chaos.run import supervised

AMOUNT = 0.1


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Generator[LocalStack, None, None]:
    """Run a whole pipeline for these tests alone."""
    with supervised(tmp_path_factory.mktemp("abuse")) as running:
        yield running.stack
    running.stack.home.remove()


@pytest.mark.parametrize("attacker", ATTACKERS)
async def test_nothing_is_lost_beside_an_attacker(attacked: LocalStack, attacker: str) -> None:
    told: list[str] = []
    (outcome,) = await try_attackers(attacked, [attacker], amount=AMOUNT, limited=False, tell=told.append)
    assert not outcome.lost, "\n".join(told)
    assert set(outcome.probed.answers.statuses) == {"202"}
    assert outcome.probed.waits
