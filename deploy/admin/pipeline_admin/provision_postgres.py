"""Roles, databases and schemas. Each service has a database with an owner; processes, operators and auditors a role.

No one can sign in as an owner. Running it again changes only the passwords, which become the given ones. The audit of
each database names the operator of every run, and each migration that the run applied, also when the run fails later.
"""

import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import asyncpg

from pipeline_settings.processes import AUDITOR_ROLE_OF, DATABASE_OF, OPERATOR_ROLE_OF, PEOPLE_ROLES, SERVICE_PROCESSES
from pipeline_shared.audit import entries as audit
from pipeline_shared.audit.entries import AuditEntry, Operator
from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.migrations import AUDIT, IDENTITY, KEY_BUNDLE, MESSAGING, Record, migrate

MIGRATED, PROVISIONED = "schema_migrated", "provisioned"
KITS = {"sanitiser": (IDENTITY,), "triage": (IDENTITY,)}
CONNECT_SECONDS = 10
ADVISORY_FUNCTIONS = (
    "SELECT oid::regprocedure::text AS name FROM pg_proc WHERE proname ~ '^pg_(try_)?advisory_(xact_)?lock'"
)
TRY_LOCK = "pg_try_advisory_lock(bigint)"

DsnOf = Callable[[str], str]


async def provision_postgres(dsn_of: DsnOf, passwords: Mapping[str, str], operator: Operator) -> list[str]:
    """Create roles, databases and schemas through the administrator's `dsn_of`; return the applied migrations.

    The passwords are by process name, and by the name of the role for operators' and auditors' roles.
    """
    admin = await asyncpg.connect(dsn_of("postgres"), timeout=CONNECT_SECONDS)
    try:
        for service in DATABASE_OF:
            roles = _roles(service)
            await _make_role(admin, f"{service}_owner", "NOLOGIN")
            for name, role in roles.items():
                await _make_role(admin, role, "LOGIN")
                await _set_password(admin, role, passwords[name])
                if role in PEOPLE_ROLES:  # a forgotten session must not hold rows that a service waits for
                    await admin.execute(f"ALTER ROLE {role} SET idle_in_transaction_session_timeout = '30s'")
            await _make_database(admin, service, roles.values())
        await admin.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
    finally:
        await admin.close()
    return [
        name
        for service, database in DATABASE_OF.items()
        for name in await _make_schema(dsn_of(database), service, operator)
    ]


def _roles(service: str) -> dict[str, str]:
    """Return the database roles of a service, by whose password it is: each process's, its operators' and auditors'."""
    own = (process for process in SERVICE_PROCESSES if process.service == service)
    of_processes = {process.name: process.database_role for process in own if process.database_role}
    of_people = (OPERATOR_ROLE_OF[service], AUDITOR_ROLE_OF[service])
    return of_processes | {role: role for role in of_people}


async def _make_role(admin: asyncpg.Connection, role: str, login: str) -> None:
    if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        await admin.execute(f"CREATE ROLE {role} {login} NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT")


async def _set_password(admin: asyncpg.Connection, role: str, password: str) -> None:
    statement = "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)"  # DDL statements take no parameters
    await admin.execute(str(await admin.fetchval(statement, role, password)))


async def _make_database(admin: asyncpg.Connection, service: str, roles: Iterable[str]) -> None:
    database = DATABASE_OF[service]
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
        await admin.execute(f"CREATE DATABASE {database} OWNER {service}_owner")
    await admin.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    await admin.execute(f"GRANT CONNECT ON DATABASE {database} TO {', '.join(roles)}")


async def _make_schema(dsn: str, service: str, operator: Operator) -> list[str]:
    connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
    try:
        await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        await _keep_advisory_locks(connection, service)
        await connection.execute(f"GRANT USAGE ON SCHEMA public TO {', '.join(_roles(service).values())}")
        await connection.execute(f"SET ROLE {service}_owner")
        applied = await migrate(connection, *_folders(service), record=audit_migrations(operator))
        await audit.add(connection, [*audit.proof_of(operator), _provisioned(service, operator)])
        return applied
    finally:
        await connection.close()


async def _keep_advisory_locks(connection: Connection, service: str) -> None:
    """Leave advisory locks to the relay and to migrations: with one, any other role could silence the relay.

    Whoever may connect may call such a function unless the right is taken away, as superuser, in each database.
    """
    for function in await connection.fetch(ADVISORY_FUNCTIONS):
        await connection.execute(f"REVOKE EXECUTE ON FUNCTION {function['name']} FROM PUBLIC")
    relays = [f"{each.database_role}" for each in SERVICE_PROCESSES if each.service == service and each.kafka_user]
    for role in (f"{service}_owner", *relays):
        await connection.execute(f"GRANT EXECUTE ON FUNCTION {TRY_LOCK} TO {role}")


def audit_migrations(operator: Operator) -> Record:
    """Return a record of applied migrations: an audit entry for each, with the operator."""

    async def record(connection: Connection, names: Sequence[str]) -> None:
        await audit.add(
            connection, [AuditEntry(None, operator.actor, MIGRATED, name, "", operator.sign_in) for name in names]
        )

    return record


def _provisioned(service: str, operator: Operator) -> AuditEntry:
    roles = ", ".join(_roles(service).values())
    said = f"roles and passwords: {roles}"
    return AuditEntry(None, operator.actor, PROVISIONED, DATABASE_OF[service], said, operator.sign_in)


def _folders(service: str) -> list[Path]:
    """Return the folders of migrations: those of the shared packages that a service uses, then its own."""
    return [MESSAGING, AUDIT, KEY_BUNDLE, *KITS.get(service, ()), _migrations(service)]


def _migrations(service: str) -> Path:
    package = f"{service}_service"
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(package)
    return Path(spec.submodule_search_locations[0]) / "migrations"
