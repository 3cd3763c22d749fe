"""The identity canary looks at what every other integration test has left behind, so it comes last of them."""

import pytest

LAST = "test_canary.py"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name == LAST)
