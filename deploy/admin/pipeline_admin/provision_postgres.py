"""Roles, databases and schemas: each service has one database, an owner nobody signs in as, and a role for its work.

Running it again changes nothing but the passwords, which become the given ones.
"""

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path

import asyncpg

from pipeline_shared.messaging.topics import SERVICES
from pipeline_shared.runtime.migrations import AUDIT, IDENTITY, MESSAGING, migrate

DATABASE_OF = {"intake": "intake", "sanitiser": "restricted", "triage": "triage", "transfer": "transfer"}
WITH_PAGES = frozenset({"sanitiser", "triage"})
CONNECT_SECONDS = 10

DsnOf = Callable[[str], str]


async def provision_postgres(dsn_of: DsnOf, passwords: Mapping[str, str]) -> list[str]:
    """Make roles, databases and schemas as an administrator, reached by `dsn_of`; return the migrations applied."""
    admin = await asyncpg.connect(dsn_of("postgres"), timeout=CONNECT_SECONDS)
    try:
        for service in SERVICES:
            await _make_roles(admin, service, passwords[service])
            await _make_database(admin, service)
        await admin.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
    finally:
        await admin.close()
    return [name for service in SERVICES for name in await _make_schema(dsn_of(DATABASE_OF[service]), service)]


async def _make_roles(admin: asyncpg.Connection, service: str, password: str) -> None:
    for role in (f"{service}_owner NOLOGIN", f"{service}_app LOGIN"):
        name = role.split()[0]
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
            await admin.execute(f"CREATE ROLE {role} NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT")
    statement = "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)"  # DDL takes no parameters
    await admin.execute(str(await admin.fetchval(statement, f"{service}_app", password)))


async def _make_database(admin: asyncpg.Connection, service: str) -> None:
    database = DATABASE_OF[service]
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
        await admin.execute(f"CREATE DATABASE {database} OWNER {service}_owner")
    await admin.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    await admin.execute(f"GRANT CONNECT ON DATABASE {database} TO {service}_app")


async def _make_schema(dsn: str, service: str) -> list[str]:
    connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
    try:
        await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        await connection.execute(f"GRANT USAGE ON SCHEMA public TO {service}_app")
        await connection.execute(f"SET ROLE {service}_owner")
        return await migrate(connection, *_folders(service))
    finally:
        await connection.close()


def _folders(service: str) -> list[Path]:
    """Return the migrations of the kits that a service uses, then its own."""
    return [MESSAGING, AUDIT, *([IDENTITY] if service in WITH_PAGES else []), _migrations(service)]


def _migrations(service: str) -> Path:
    package = f"{service}_service"
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(package)
    return Path(spec.submodule_search_locations[0]) / "migrations"
