"""How a schema moves forward on a real database: once, in order, never with a changed file, without long locks."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import asyncpg
import pytest

from pipeline_admin.provision_postgres import audit_migrations
from pipeline_local.stack import LocalStack
from pipeline_shared.audit.entries import Operator
from pipeline_shared.runtime.migrations import (
    AUDIT,
    IDENTITY,
    KEY_BUNDLE,
    MESSAGING,
    MIGRATION_LOCK,
    ChangedMigrationError,
    InvalidIndexError,
    migrate,
)
from tests.support.own_database import create_own_database
from tests.support.waiting import wait_for

TABLE = "CREATE TABLE thing (n integer);"
OTHER = "CREATE TABLE other (n integer);"
FAILING = "CREATE TABLE more (n integer); SELECT 1/0;"
INDEX = """\
-- no transaction
-- A large table: nobody is locked out while this is built.
DROP INDEX CONCURRENTLY IF EXISTS thing_n;
CREATE INDEX CONCURRENTLY thing_n ON thing (n);
"""
# This one is not repeatable: a second run keeps what a failed first run left.
KEEPS_INVALID = "-- no transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS thing_n ON thing (n);\n"
ASKS_FOR_THE_LOCK = "SELECT query LIKE '%advisory_lock%' FROM pg_stat_activity WHERE pid = $1"
HAS_NO_SNAPSHOT = "SELECT state = 'idle' AND backend_xmin IS NULL FROM pg_stat_activity WHERE pid = $1"


@pytest.fixture
async def owner(stack: LocalStack) -> AsyncGenerator[asyncpg.Connection, None]:
    """The owner of a database of its own that has the tables of every kit."""
    connection = await asyncpg.connect(stack.admin_dsn(await create_own_database(stack, "transfer")))
    await connection.execute("SET ROLE transfer_owner")
    yield connection
    await connection.close()


def folder(tmp_path: Path, **files: str) -> Path:
    """Return a package's folder of migrations with these files."""
    migrations = tmp_path / "thing_service" / "migrations"
    migrations.mkdir(parents=True, exist_ok=True)
    for name, sql in files.items():
        (migrations / f"{name.removeprefix('n')}.sql").write_text(sql)
    return migrations


async def has(connection: asyncpg.Connection, name: str) -> bool:
    return bool(await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", name))


async def test_a_migration_runs_once(owner: asyncpg.Connection, tmp_path: Path) -> None:
    own = folder(tmp_path, n0001_thing=TABLE)
    assert await migrate(owner, MESSAGING, own) == ["thing_service/0001_thing.sql"]
    assert await migrate(owner, MESSAGING, own) == []


async def test_a_file_that_changed_after_it_ran_is_refused_and_nothing_else_runs(
    owner: asyncpg.Connection, tmp_path: Path
) -> None:
    await migrate(owner, folder(tmp_path, n0001_thing=TABLE))
    changed = folder(tmp_path, n0001_thing=f"{TABLE} ", n0002_other=OTHER)
    with pytest.raises(ChangedMigrationError, match=r"thing_service/0001_thing\.sql"):
        await migrate(owner, changed)
    assert not await has(owner, "other")


async def test_an_index_on_a_large_table_is_built_outside_the_transaction(
    owner: asyncpg.Connection, tmp_path: Path
) -> None:
    own = folder(tmp_path, n0001_thing=TABLE, n0002_index=INDEX, n0003_more="ALTER TABLE thing ADD COLUMN m integer;")
    assert len(await migrate(owner, own)) == 3
    assert await has(owner, "thing_n")
    assert await migrate(owner, own) == []


async def test_what_ran_before_a_failure_is_kept_and_the_rest_runs_at_the_next_try(
    owner: asyncpg.Connection, tmp_path: Path
) -> None:
    own = folder(tmp_path, n0001_thing=TABLE, n0002_index=INDEX, n0003_more=FAILING)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(owner, own)
    assert await has(owner, "thing_n")
    assert not await has(owner, "more")
    folder(tmp_path, n0003_more="CREATE TABLE more (n integer);")
    assert await migrate(owner, own) == ["thing_service/0003_more.sql"]


async def test_what_ran_before_a_failure_is_audited_and_what_was_undone_is_not(
    owner: asyncpg.Connection, tmp_path: Path
) -> None:
    own = folder(tmp_path, n0001_thing=TABLE, n0002_index=INDEX, n0003_other=OTHER, n0004_more=FAILING)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(owner, own, record=audit_migrations(Operator("operator:sam")))
    audited = await owner.fetch("SELECT actor, action, subject FROM audit ORDER BY id")
    names = ("thing_service/0001_thing.sql", "thing_service/0002_index.sql")
    assert [tuple(row) for row in audited] == [("operator:sam", "schema_migrated", name) for name in names]


async def test_a_failure_undoes_the_files_that_share_its_transaction(owner: asyncpg.Connection, tmp_path: Path) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(owner, folder(tmp_path, n0001_thing=TABLE, n0002_more="SELECT 1/0;"))
    assert not await has(owner, "thing")


async def test_a_database_from_before_the_kits_keeps_its_rows(owner: asyncpg.Connection) -> None:
    before = ("pipeline_shared/0005_no_minute.sql", "a checksum of before")
    await owner.execute("DELETE FROM migration WHERE name LIKE '%/0001_%'")
    await owner.execute("INSERT INTO migration (name, checksum) VALUES ($1, $2)", *before)
    await owner.execute("INSERT INTO audit (actor, action, subject) VALUES ('a', 'b', 'kept')")
    assert await migrate(owner, MESSAGING, AUDIT, IDENTITY) == []
    assert await owner.fetchval("SELECT subject FROM audit") == "kept"


@pytest.mark.parametrize("earlier", ["intake_service/0001_submissions.sql", "sanitiser_service/0002_key_bundle.sql"])
async def test_a_file_that_stands_for_several_is_not_run_where_one_of_them_has(
    owner: asyncpg.Connection, earlier: str
) -> None:
    await owner.execute("UPDATE migration SET name = $1 WHERE name = 'crypto/0001_key_bundle.sql'", earlier)
    await owner.execute("INSERT INTO key_bundle (version) VALUES (7)")
    assert await migrate(owner, KEY_BUNDLE) == []
    assert await migrate(owner, KEY_BUNDLE) == []
    assert await owner.fetchval("SELECT version FROM key_bundle") == 7


async def test_an_invalid_index_that_a_failed_build_left_is_not_entered_as_done(
    owner: asyncpg.Connection, tmp_path: Path
) -> None:
    await migrate(owner, folder(tmp_path, n0001_thing=TABLE))
    await owner.execute("INSERT INTO thing VALUES (1), (1)")
    own = folder(tmp_path, n0002_index=KEEPS_INVALID)
    with pytest.raises(asyncpg.UniqueViolationError):
        await migrate(owner, own)
    for _ in range(2):
        with pytest.raises(InvalidIndexError, match=r"^thing_service/0002_index\.sql$"):
            await migrate(owner, own)
    await owner.execute("DELETE FROM thing; DROP INDEX thing_n")
    assert await migrate(owner, own) == ["thing_service/0002_index.sql"]


async def test_a_run_that_waits_for_another_holds_up_no_index_build(stack: LocalStack, tmp_path: Path) -> None:
    address = stack.admin_dsn(await create_own_database(stack, "transfer"))
    async with asyncpg.create_pool(address, min_size=2, max_size=2) as pool, pool.acquire() as other:
        await other.execute(TABLE)
        await other.execute("SELECT pg_advisory_lock($1::bigint)", MIGRATION_LOCK)
        async with pool.acquire() as waiting:
            pid = waiting.get_server_pid()
            run = asyncio.create_task(migrate(waiting, folder(tmp_path, n0001_more="CREATE TABLE more (n integer);")))
            await wait_for(lambda: other.fetchval(ASKS_FOR_THE_LOCK, pid), "the second run")
            await wait_for(lambda: other.fetchval(HAS_NO_SNAPSHOT, pid), "a wait without a snapshot", seconds=3)
            await other.execute("CREATE INDEX CONCURRENTLY thing_n ON thing (n)")
            assert not run.done()
            await other.execute("SELECT pg_advisory_unlock($1::bigint)", MIGRATION_LOCK)
            assert await run == ["thing_service/0001_more.sql"]


@pytest.fixture
async def owner_beside(stack: LocalStack) -> AsyncGenerator[asyncpg.Connection, None]:
    """The owner of a database of a service that has a desk."""
    connection = await asyncpg.connect(stack.admin_dsn(await create_own_database(stack, "sanitiser")))
    await connection.execute("SET ROLE sanitiser_owner")
    yield connection
    await connection.close()


async def test_each_process_of_a_service_is_granted_what_is_for_its_role(
    owner_beside: asyncpg.Connection, tmp_path: Path
) -> None:
    grants = f"{TABLE} GRANT SELECT ON thing TO :app; GRANT INSERT ON thing TO :desk"
    await migrate(owner_beside, folder(tmp_path, n0001_thing=grants))
    query = "SELECT has_table_privilege($1, 'thing', 'SELECT'), has_table_privilege($1, 'thing', 'INSERT')"
    roles = ("sanitiser_app", "sanitiser_desk_app")
    assert [tuple((await owner_beside.fetch(query, role))[0]) for role in roles] == [(True, False), (False, True)]


@pytest.mark.parametrize(("database", "has_pages"), [("intake", False), ("transfer", False), ("triage", True)])
async def test_only_a_service_with_pages_has_a_table_of_sessions(
    databases: dict[str, asyncpg.Connection], database: str, *, has_pages: bool
) -> None:
    assert await has(databases[database], "session") is has_pages
