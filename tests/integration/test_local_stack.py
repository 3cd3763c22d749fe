"""The embedded stack: data survives a restart, services recover from a crash, a second stack is refused."""

from collections.abc import Generator
from pathlib import Path

import asyncpg
import pytest

from pipeline_admin.kafka_admin import create_admin
from pipeline_local.certificates import authorities_file
from pipeline_local.kafka import answers
from pipeline_local.lock import AlreadyRunningError
from pipeline_local.stack import INFRASTRUCTURE, LocalStack
from pipeline_local.supervisor import Supervisor
from pipeline_local.waiting import wait_until
from pipeline_shared.messaging.topics import TOPOLOGY
from tests.support.stack import running


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("local")


@pytest.fixture
def stack(home: Path) -> Generator[LocalStack, None, None]:
    """Start Kafka and PostgreSQL in this module's folder, for each test on the data of the last one."""
    with running(LocalStack(home)) as stack:
        yield stack


@pytest.fixture(scope="module", autouse=True)
def _forget(home: Path) -> Generator[None, None, None]:
    yield
    LocalStack(home).stop(forget=True)


def topics(stack: LocalStack) -> set[str]:
    return set(stack.kafka.admin().list_topics(timeout=10).topics)


async def test_a_database_keeps_what_was_committed_over_an_immediate_stop(stack: LocalStack) -> None:
    connection = await asyncpg.connect(stack.app_dsn("intake"))
    await connection.execute("INSERT INTO audit (actor, action, subject) VALUES ('test', 'kept', 'stop')")
    stack.immediate_stop_postgres()
    wait_until(lambda: stack.processes.pid("postgres") is None, "the end of PostgreSQL")
    stack.start("postgres")
    wait_until(lambda: stack.is_ready("postgres"), "PostgreSQL")
    again = await asyncpg.connect(stack.app_dsn("intake"))
    assert await again.fetchval("SELECT count(*) FROM audit WHERE action = 'kept'") == 1
    await again.close()


async def test_a_second_start_finds_the_data_of_the_first_and_nothing_to_provision(stack: LocalStack) -> None:
    connection = await asyncpg.connect(stack.app_dsn("intake"))
    assert await connection.fetchval("SELECT count(*) FROM audit WHERE action = 'kept'") == 1
    await connection.close()
    assert topics(stack) >= {topic.name for topic in TOPOLOGY}
    assert stack.provision() == []


@pytest.mark.parametrize("name", INFRASTRUCTURE)
def test_what_is_killed_comes_back_under_supervision(stack: LocalStack, name: str) -> None:
    said: list[str] = []
    with Supervisor(stack, said.append).watching():
        before = stack.processes.pid(name)
        stack.kill(name)
        wait_until(lambda: stack.processes.pid(name) not in (before, None), "the restart")
        wait_until(lambda: stack.is_ready(name), name)
    assert said == [f"{name} ended unexpectedly (signal 9); starting it again"]


def test_a_second_stack_in_the_same_folder_is_refused(stack: LocalStack) -> None:
    with pytest.raises(AlreadyRunningError):
        LocalStack(stack.home.root)


def test_only_the_right_password_is_let_in(stack: LocalStack) -> None:
    right, trusted = stack.kafka_credentials("intake").password, authorities_file(stack.home)
    assert answers(create_admin(stack.kafka.address, "intake", password=right, authorities=trusted))
    assert not answers(create_admin(stack.kafka.address, "intake", password=right + "x", authorities=trusted))
