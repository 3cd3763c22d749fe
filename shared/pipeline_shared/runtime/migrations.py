"""Database migrations: plain SQL files, numbered and checksummed, forward only.

A file that changed after it ran is refused. The first lines of a file may contain two marks:

    -- replaces: pipeline_shared/0005_no_minute.sql     skip this file if that one ran; with several such
                                                        lines, one of the named files is enough
    -- no transaction                                   run each statement on its own, for example to build an
                                                        index CONCURRENTLY, without locking the table

A file without a transaction can stop half way, and then it runs again from its first statement. So it must be
repeatable: before it builds an index, it says `DROP INDEX CONCURRENTLY IF EXISTS`. A build that fails leaves an invalid
index, which `CREATE INDEX IF NOT EXISTS` would keep.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pipeline_shared.runtime.db import Connection

_SHARED = Path(__file__).parents[1]
# Each shared package has migrations for its tables. A service has the tables of the packages it uses, and its own.
MESSAGING = _SHARED / "messaging" / "migrations"
AUDIT = _SHARED / "audit" / "migrations"
KEY_BUNDLE = _SHARED / "crypto" / "migrations"
IDENTITY = _SHARED / "web" / "identity" / "migrations"

MIGRATION_LOCK = 7_305_001
LOCK_RETRY_SECONDS = 0.2
_TRY_LOCK = "SELECT pg_try_advisory_lock($1::bigint)"
_REPLACES = re.compile(r"^-- replaces: (\S+)$", re.MULTILINE)
_ALONE = re.compile(r"^-- no transaction$", re.MULTILINE)
_HAS_INVALID_INDEX = """
SELECT EXISTS (
    SELECT FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace)
"""
_LEDGER = """
CREATE TABLE IF NOT EXISTS migration (
    name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
"""

# Stores the names of applied files, in the transaction that enters them in the ledger.
Record = Callable[[Connection, Sequence[str]], Awaitable[None]]


class ChangedMigrationError(Exception):
    """A migration file differs from the one that ran; the error carries its name."""


class InvalidIndexError(Exception):
    """The schema has an invalid index after a file without a transaction; the error carries the file's name."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file, known in the ledger by its package and name."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Return a digest that differs for a changed file."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def replaces(self) -> frozenset[str]:
        """Return the names of earlier migrations that this one replaces."""
        return frozenset(_REPLACES.findall(self.sql))

    @property
    def runs_alone(self) -> bool:
        """Tell whether its statements run outside a transaction."""
        return bool(_ALONE.search(self.sql))


async def _record_nothing(_connection: Connection, _names: Sequence[str]) -> None:
    """Leave the ledger as the only record."""


async def migrate(connection: Connection, *folders: Path, record: Record = _record_nothing) -> list[str]:
    """Apply the files `NNNN_title.sql` of each folder that have not run yet, as the current role; return their names.

    `:app` in a file stands for the role of the service's process, `:desk` for its desk's, `:operator` and `:auditor`
    for those of people. Consecutive files share one transaction, except files marked "no transaction". Raises
    ChangedMigrationError and InvalidIndexError.
    """
    role = str(await connection.fetchval("SELECT current_user")).removesuffix("_owner")
    async with _locked(connection):
        pending = await _pending(connection, list(_read(folders)))
        for alone, migrations in groupby(pending, lambda migration: migration.runs_alone):
            await (_apply_alone if alone else _apply_together)(connection, list(migrations), role, record)
    return [migration.name for migration in pending]


@asynccontextmanager
async def _locked(connection: Connection) -> AsyncGenerator[None]:
    """Wait for other runs of migrations, and lock them out; the lock ends with the connection at the latest."""
    # A statement that waits for the lock holds a snapshot, and a concurrent index build of the other run waits for it.
    while not await connection.fetchval(_TRY_LOCK, MIGRATION_LOCK):  # noqa: ASYNC110 - the other run has no event
        await asyncio.sleep(LOCK_RETRY_SECONDS)
    try:
        await connection.execute("SET lock_timeout = '5s'")
        await connection.execute(_LEDGER)
        yield
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1::bigint)", MIGRATION_LOCK)
        await connection.execute("RESET lock_timeout")


def _read(folders: Iterable[Path]) -> Iterator[Migration]:
    for folder in folders:
        for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")):
            yield Migration(f"{folder.parent.name}/{path.name}", path.read_text(encoding="utf-8"))


async def _pending(connection: Connection, migrations: Sequence[Migration]) -> list[Migration]:
    """Return the migrations that have not run; enter those that replace one that has. Raise ChangedMigrationError."""
    done = {row["name"]: row["checksum"] for row in await connection.fetch("SELECT name, checksum FROM migration")}
    for migration in migrations:
        if done.get(migration.name, migration.checksum) != migration.checksum:
            raise ChangedMigrationError(migration.name)
    new = [migration for migration in migrations if migration.name not in done]
    replacing = [migration for migration in new if migration.replaces & done.keys()]
    for migration in replacing:
        await _enter(connection, migration)
    return [migration for migration in new if migration not in replacing]


async def _apply_together(connection: Connection, migrations: Sequence[Migration], role: str, record: Record) -> None:
    async with connection.transaction():
        await connection.execute("SET LOCAL statement_timeout = '60s'")
        for migration in migrations:
            await connection.execute(_for_roles(migration.sql, role))
            await _enter(connection, migration)
        await record(connection, [migration.name for migration in migrations])


async def _apply_alone(connection: Connection, migrations: Sequence[Migration], role: str, record: Record) -> None:
    """Run each statement by itself without a time limit: a concurrent index build waits for older transactions.

    Raises InvalidIndexError.
    """
    await connection.execute("SET lock_timeout = 0; SET statement_timeout = 0")
    for migration in migrations:
        for statement in filter(str.strip, _for_roles(migration.sql, role).split(";\n")):
            await connection.execute(statement)
        if await connection.fetchval(_HAS_INVALID_INDEX):
            raise InvalidIndexError(migration.name)
        async with connection.transaction():
            await _enter(connection, migration)
            await record(connection, [migration.name])
    await connection.execute("SET lock_timeout = '5s'; RESET statement_timeout")


def _for_roles(sql: str, service: str) -> str:
    roles = {":app": "app", ":desk": "desk_app", ":operator": "operator", ":auditor": "auditor"}
    for mark, role in roles.items():
        sql = sql.replace(mark, f"{service}_{role}")
    return sql


async def _enter(connection: Connection, migration: Migration) -> None:
    await connection.execute(
        "INSERT INTO migration (name, checksum) VALUES ($1, $2)", migration.name, migration.checksum
    )
