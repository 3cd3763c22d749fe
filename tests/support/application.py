"""The application of a service, made as in its process, but inside a test."""

import importlib
from typing import Any

import pytest

from pipeline_local.stack import LocalStack


def application(stack: LocalStack, service: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the application of a service with the settings of its process; it is not started."""
    for name, value in stack.program(service).environment.items():
        monkeypatch.setenv(name, value)
    settings = importlib.import_module(f"{service}_service.settings").Settings()
    return importlib.import_module(f"{service}_service.main").create_app(settings)
