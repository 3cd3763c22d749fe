"""PostgreSQL at the edge: how a pool is opened and how a schema moves forward.

Migrations are plain SQL files, numbered and checksummed, forward only. A file that changed after it ran is refused.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import asyncpg

from pipeline_shared.settings import ServiceSettings

SHARED_MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_305_001
STATEMENT_TIMEOUT_MS = 15_000


class ChangedMigrationError(Exception):
    """A migration file is not the one that ran; carries the file's name."""


def create_pool(settings: ServiceSettings) -> "asyncpg.Pool[asyncpg.Record]":
    """Return a pool to be awaited; it opens with the database down and connects when first asked."""
    return asyncpg.create_pool(
        settings.database_url.get_secret_value(),
        min_size=0,
        max_size=settings.database_connections,
        timeout=3,
        command_timeout=STATEMENT_TIMEOUT_MS / 1000,
        server_settings={"application_name": settings.kafka_username, "jit": "off"},
    )


async def migrate(connection: asyncpg.Connection, *folders: Path) -> list[str]:
    """Apply what has not run yet of each folder's `NNNN_what.sql`, as the current role; return the names applied.

    `:app` in a file stands for the service's application role. Raises ChangedMigrationError.
    """
    owner = await connection.fetchval("SELECT current_user")
    async with connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '60s'")
        await connection.execute("SELECT pg_advisory_xact_lock($1::bigint)", MIGRATION_LOCK)
        await connection.execute(_LEDGER)
        done = {row["name"]: row["checksum"] for row in await connection.fetch("SELECT name, checksum FROM migration")}
        applied = [name for path in _files(folders) if (name := await _apply(connection, path, done, owner))]
    return applied


_LEDGER = """
CREATE TABLE IF NOT EXISTS migration (
    name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
"""


def _files(folders: Iterable[Path]) -> list[Path]:
    return [path for folder in folders for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))]


async def _apply(connection: asyncpg.Connection, path: Path, done: dict[str, str], owner: str) -> str | None:
    name = f"{path.parent.parent.name}/{path.name}"
    sql = path.read_text(encoding="utf-8")
    checksum = hashlib.sha256(sql.encode()).hexdigest()
    if name in done:
        if done[name] != checksum:
            raise ChangedMigrationError(name)
        return None
    await connection.execute(sql.replace(":app", owner.removesuffix("_owner") + "_app"))
    await connection.execute("INSERT INTO migration (name, checksum) VALUES ($1, $2)", name, checksum)
    return name
