"""PostgreSQL at the edge: how a pool is opened and how a schema moves forward.

Migrations are plain SQL files, numbered and checksummed, forward only. A file that changed after it ran is refused.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import asyncpg
import asyncpg.pool

from pipeline_shared.settings import ServiceSettings

SHARED_MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_305_001
STATEMENT_TIMEOUT_MS = 15_000

# A session's locks, the relay's and those of rows that are not committed, stand in its successor's way: the server must
# notice soon when the machine at the other end has gone or has stopped in the middle of a transaction.
LET_GO = {
    "client_connection_check_interval": "2s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "15s",
    "idle_in_transaction_session_timeout": "30s",
}

# What a pool hands out is a proxy; to every query it is a connection.
Connection: TypeAlias = "asyncpg.Connection | asyncpg.pool.PoolConnectionProxy"


class ChangedMigrationError(Exception):
    """A migration file is not the one that ran; carries the file's name."""


def create_pool(settings: ServiceSettings) -> asyncpg.Pool:
    """Return a pool to be awaited; it opens with the database down and connects when first asked."""
    return asyncpg.create_pool(
        settings.database_url.get_secret_value(),
        min_size=0,
        max_size=settings.database_connections,
        timeout=3,
        command_timeout=STATEMENT_TIMEOUT_MS / 1000,
        reset=_keep,
        server_settings={"application_name": settings.kafka_username, "jit": "off", **LET_GO},
    )


async def _keep(_connection: Connection) -> None:
    """Leave a returned connection as it is: nothing here sets anything on a session, and a reset is a round trip."""


async def migrate(connection: Connection, *folders: Path) -> list[str]:
    """Apply what has not run yet of each folder's `NNNN_what.sql`, as the current role; return the names applied.

    `:app` in a file stands for the service's application role. Raises ChangedMigrationError.
    """
    owner = str(await connection.fetchval("SELECT current_user"))
    pending = list(_read(folders))
    async with connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '60s'")
        await connection.execute("SELECT pg_advisory_xact_lock($1::bigint)", MIGRATION_LOCK)
        await connection.execute(_LEDGER)
        done = {row["name"]: row["checksum"] for row in await connection.fetch("SELECT name, checksum FROM migration")}
        return [m.name for m in pending if await _apply(connection, m, done=done, owner=owner)]


_LEDGER = """
CREATE TABLE IF NOT EXISTS migration (
    name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file, known in the ledger by its package and name."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Return what tells this file from a changed one."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def _read(folders: Iterable[Path]) -> Iterator[Migration]:
    for folder in folders:
        for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")):
            yield Migration(f"{folder.parent.name}/{path.name}", path.read_text(encoding="utf-8"))


async def _apply(connection: Connection, migration: Migration, *, done: dict[str, str], owner: str) -> bool:
    if migration.name in done:
        if done[migration.name] != migration.checksum:
            raise ChangedMigrationError(migration.name)
        return False
    await connection.execute(migration.sql.replace(":app", owner.removesuffix("_owner") + "_app"))
    await connection.execute(
        "INSERT INTO migration (name, checksum) VALUES ($1, $2)", migration.name, migration.checksum
    )
    return True
