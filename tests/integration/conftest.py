"""The identity canary looks at what every other test has left behind on the stack they share, so it comes last."""

from pathlib import Path

import pytest

LAST = Path(__file__).with_name("test_canary.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path == LAST)
