"""Two copies of each service on a stack of their own."""

from collections.abc import AsyncGenerator, Generator

import pytest

from tests.support.copies import Pairs, in_pairs


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Generator[Pairs, None, None]:
    with in_pairs(tmp_path_factory.mktemp("copies")) as pairs:
        yield pairs
    pairs.stack.home.remove()


@pytest.fixture
async def pairs(prepared: Pairs) -> AsyncGenerator[Pairs, None]:
    """Let both copies of each service run, behind balancers."""
    async with prepared.balanced():
        yield prepared
