"""Every SQL statement in the code fits the migrated schema and the rights of its service's database role.

PostgreSQL checks rights only when a statement is about to run, so each statement is explained as well as prepared.
"""

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_settings.processes import DATABASE_OF
from pipeline_shared.messaging.topics import SERVICES
from tests.support.stack import OURS

STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s")


def statements_of(package: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of each statement that a module or class of a package holds as a constant."""
    for found in walk_packages(import_module(package).__path__, f"{package}."):
        module = import_module(found.name)
        classes = [
            owner for owner in vars(module).values() if inspect.isclass(owner) and owner.__module__ == found.name
        ]
        for owner in (module, *classes):
            where = owner.__name__ if isinstance(owner, ModuleType) else f"{found.name}.{owner.__name__}"
            for name, value in vars(owner).items():
                if name.isupper() and isinstance(value, str) and STATEMENT.match(value):
                    yield f"{where}.{name}", value


SHARED = dict(statements_of("pipeline_shared"))
OWN = {service: dict(statements_of(f"{service}_service")) for service in SERVICES}
DELIVERY = ("pipeline_shared.messaging.", "pipeline_shared.audit.")
BUNDLE, PAGES = "pipeline_shared.crypto.", "pipeline_shared.web."
# What each process runs: the statements of the kits that it uses, and its own.
RUNS = {
    "intake": (*DELIVERY, BUNDLE, "intake_service."),
    "sanitiser": (*DELIVERY, BUNDLE, "sanitiser_service.worker.", "sanitiser_service.preview."),
    "desk": ("pipeline_shared.audit.", "pipeline_shared.messaging.outbox.ADD", PAGES, "sanitiser_service.desk."),
    "triage": (*DELIVERY, PAGES, "triage_service."),
    "transfer": (*DELIVERY, "transfer_service."),
}


def is_operators(name: str) -> bool:
    """Tell whether a person at a command runs a statement, and no service does."""
    return name.split(".")[-2] in {"operators", "auditors", "migrations"}


EVERY = SHARED | {name: text for own in OWN.values() for name, text in own.items()}
ALL = [
    pytest.param(process, text, id=f"{process}-{name}")
    for process, run in RUNS.items()
    for name, text in EVERY.items()
    if name.startswith(run) and not is_operators(name)
]
AS_OWNER = [
    pytest.param(service, text, id=f"{service}-{name}")
    for service in SERVICES
    for name, text in (SHARED | OWN[service]).items()
    if is_operators(name)
]


@pytest.mark.parametrize(("process", "statement"), ALL)
async def test_a_statement_is_understood_and_allowed(stack: LocalStack, process: str, statement: str) -> None:
    connection = await asyncpg.connect(stack.app_dsn(process))
    try:
        await connection.prepare(statement)
        await connection.execute(f"EXPLAIN (GENERIC_PLAN) {statement}")
    finally:
        await connection.close()


@pytest.mark.parametrize(("service", "statement"), AS_OWNER)
async def test_an_operators_statement_is_understood_and_allowed(
    stack: LocalStack, service: str, statement: str
) -> None:
    connection = await asyncpg.connect(stack.admin_dsn(DATABASE_OF[service]))
    try:
        await connection.execute(f"SET ROLE {service}_owner")
        await connection.execute(f"EXPLAIN (GENERIC_PLAN) {statement}")
    finally:
        await connection.close()


def test_statements_are_found_where_they_are_written() -> None:
    assert {name.rsplit(".", 2)[-2] for name in SHARED} >= {"outbox", "inbox", "entries", "parking", "operators"}
    assert all(any(map(is_operators, OWN[service])) for service in SERVICES)
    assert all(OWN[service] for service in SERVICES)
    assert RUNS.keys() == {*OURS}
    own = [name for name in EVERY if not is_operators(name)]
    assert [name for name in own if not any(name.startswith(run) for run in RUNS.values())] == []
    assert "triage_service.cases.store.ADD_CASES" in OWN["triage"]


async def test_a_statement_that_is_not_allowed_would_be_noticed(stack: LocalStack) -> None:
    connection = await asyncpg.connect(stack.app_dsn("sanitiser"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("EXPLAIN (GENERIC_PLAN) DELETE FROM source_record WHERE source_ref = $1")
    finally:
        await connection.close()
