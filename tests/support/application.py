"""The application of a process, made as in its process, but inside a test."""

import importlib
from typing import Any

import pytest

from pipeline_local.stack import LocalStack
from pipeline_settings.processes import PROCESS_OF


def application(stack: LocalStack, process: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the application of a process with its settings; it is not started."""
    for name, value in stack.program(process).environment.items():
        monkeypatch.setenv(name, value)
    main = importlib.import_module(PROCESS_OF[process].module)
    return main.create_app(main.Settings())
