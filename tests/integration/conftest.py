"""The identity canary searches everything that other tests have left on the shared stack, so it runs last."""

from pathlib import Path

import pytest

LAST = Path(__file__).with_name("test_canary.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path == LAST)
