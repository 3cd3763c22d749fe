"""The stack for integration tests: the embedded one, or Kafka and PostgreSQL in containers.

`PIPELINE_TEST_STACK=containers` chooses the containers; the tests are the same.
"""

import os
from pathlib import Path

from pipeline_local.stack import LocalStack
from pipeline_settings.processes import SERVICE_PROCESSES

OURS = tuple(process.name for process in SERVICE_PROCESSES)
SERVED = tuple(process.name for process in SERVICE_PROCESSES if process.port)  # frontends or people ask them


def create_stack(home: Path) -> LocalStack:
    """Return a stack that has not been started, on free ports."""
    if os.environ.get("PIPELINE_TEST_STACK") == "containers":
        from tests.support.containers import ContainerStack  # noqa: PLC0415 - needs Docker only when asked for

        return ContainerStack(home)
    return LocalStack(home)
