"""Fixtures: one stack for the whole session, its databases, and a frontend that submits."""

from collections.abc import AsyncGenerator, Generator
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import settings

from pipeline_local.downloads import DownloadError
from pipeline_local.programs import APPLICATIONS
from pipeline_local.stack import LocalStack
from tests.support.intake import Frontend, add_agency, open_frontend, until_known
from tests.support.stack import create_stack, running

# A busy machine is no fault of the code: no test has a time limit of its own for an example.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[LocalStack, None, None]:
    """Start Kafka and PostgreSQL, provisioned; no service runs yet."""
    try:
        with running(create_stack(tmp_path_factory.mktemp("stack"))) as stack:
            yield stack
    except DownloadError as error:
        pytest.exit(str(error), returncode=1)


@pytest.fixture(scope="session")
def pipeline(stack: LocalStack) -> LocalStack:
    """Start the four services and the police simulator on the same stack."""
    stack.start_services(APPLICATIONS)
    return stack


@pytest.fixture(scope="session")
def provider(stack: LocalStack) -> LocalStack:
    """Start the simulated identity provider on the same stack."""
    stack.start_services(("provider",))
    return stack


@pytest.fixture
async def frontend(pipeline: LocalStack) -> AsyncGenerator[Frontend, None]:
    """Open a frontend with an agency of its own."""
    frontend = open_frontend(pipeline, await add_agency(pipeline, f"Agency {uuid4()}"))
    await until_known(frontend)
    yield frontend
    await frontend.session.close()


@pytest.fixture
async def databases(stack: LocalStack) -> AsyncGenerator[dict[str, asyncpg.Connection], None]:
    """Open an administrator's connection to the database of each service."""
    names = ("intake", "restricted", "triage", "transfer")
    connections = {name: await asyncpg.connect(stack.admin_dsn(name)) for name in names}
    yield connections
    for connection in connections.values():
        await connection.close()
