"""What each of the sanitiser's two processes may do in the restricted store: this table, and nothing besides.

Every privilege that PostgreSQL knows is compared with the table, and every one that the table does not name is tried.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_settings.processes import PROCESS_OF
from pipeline_shared.language.events import SafetyFlagged, SubmissionSanitised
from pipeline_shared.messaging.topics import TOPIC_OF

WHOLE = "*"
OUTBOX = "event_id topic partition key value urgent lane"
DECISION = "sealed state version decided_at decided_by"

# For each process and table: the columns of each privilege.
GRANTED: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "sanitiser": {
        "inbox": {"SELECT": WHOLE, "INSERT": WHOLE, "DELETE": WHOLE},
        "outbox": {
            "SELECT": WHOLE,
            "INSERT": WHOLE,
            "DELETE": WHOLE,
            "UPDATE": "published_at created_at set_aside_at error attempts",
        },
        "parked": {"SELECT": WHOLE, "INSERT": WHOLE, "UPDATE": "state error attempts replayed_at"},
        "audit": {"SELECT": WHOLE, "INSERT": WHOLE},
        "key_bundle": {"SELECT": WHOLE, "INSERT": WHOLE, "UPDATE": WHOLE},
        "preview_due": {"SELECT": WHOLE, "INSERT": WHOLE, "DELETE": WHOLE},
        "source_record": {"INSERT": WHOLE},
        "held": {"INSERT": "submission_ref sealed reasons high held_at"},
    },
    "desk": {
        "held": {"SELECT": WHOLE, "UPDATE": DECISION},
        "outbox": {"INSERT": OUTBOX},
        "audit": {"SELECT": WHOLE, "INSERT": WHOLE},
        "session": {"SELECT": WHOLE, "INSERT": WHOLE, "UPDATE": WHOLE, "DELETE": WHOLE},
    },
}
OF_A_COLUMN, OF_A_TABLE = ("SELECT", "INSERT", "UPDATE", "REFERENCES"), ("DELETE", "TRUNCATE", "TRIGGER", "MAINTAIN")

COLUMNS = """
SELECT relname, array_agg(attname::text) AS columns FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped GROUP BY relname
"""
Privilege = tuple[str, str, str]  # table, privilege, column


@pytest.fixture
async def admin(stack: LocalStack) -> AsyncGenerator[asyncpg.Connection, None]:
    connection = await asyncpg.connect(stack.admin_dsn("restricted"))
    yield connection
    await connection.close()


async def every_privilege(admin: asyncpg.Connection) -> list[Privilege]:
    tables = {row["relname"]: row["columns"] for row in await admin.fetch(COLUMNS)}
    assert {table for granted in GRANTED.values() for table in granted} < tables.keys()
    of_columns = [(table, way, column) for table in tables for way in OF_A_COLUMN for column in tables[table]]
    return [*of_columns, *((table, way, WHOLE) for table in tables for way in OF_A_TABLE)]


def is_granted(process: str, privilege: Privilege) -> bool:
    table, way, column = privilege
    columns = GRANTED[process].get(table, {}).get(way, "")
    return columns == WHOLE or column in columns.split()


async def has(admin: asyncpg.Connection, role: str, privilege: Privilege) -> bool:
    table, way, column = privilege
    if column == WHOLE:
        return bool(await admin.fetchval("SELECT has_table_privilege($1::text, $2::text, $3::text)", role, table, way))
    query = "SELECT has_column_privilege($1::text, $2::text, $3::text, $4::text)"
    return bool(await admin.fetchval(query, role, table, column, way))


@pytest.mark.parametrize("process", GRANTED)
async def test_a_role_has_the_privileges_of_the_table_and_no_others(admin: asyncpg.Connection, process: str) -> None:
    role = PROCESS_OF[process].database_role or ""
    every = await every_privilege(admin)
    assert {one for one in every if await has(admin, role, one)} == {one for one in every if is_granted(process, one)}


def attempts(privilege: Privilege) -> Iterator[str]:
    """Yield a statement that needs just this privilege; none for what only makes other objects."""
    table, way, column = privilege
    match way:
        case "SELECT":
            yield f'SELECT "{column}" FROM "{table}"'  # noqa: S608 - names from the catalogue
        case "INSERT":
            yield f'INSERT INTO "{table}" ("{column}") VALUES (DEFAULT)'  # noqa: S608
        case "UPDATE":
            yield f'UPDATE "{table}" SET "{column}" = DEFAULT'  # noqa: S608
        case "DELETE":
            yield f'DELETE FROM "{table}"'  # noqa: S608
        case "TRUNCATE":
            yield f'TRUNCATE "{table}"'
        case _:
            return


@pytest.mark.parametrize("process", GRANTED)
async def test_what_a_role_is_not_granted_it_is_refused(
    stack: LocalStack, admin: asyncpg.Connection, process: str
) -> None:
    refused = [one for one in await every_privilege(admin) if not is_granted(process, one)]
    connection = await asyncpg.connect(stack.app_dsn(process))
    try:
        for statement in (statement for privilege in refused for statement in attempts(privilege)):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


ADD = """
INSERT INTO outbox (event_id, topic, partition, key, value) VALUES (gen_random_uuid(), $1, 0, gen_random_uuid(), '')
"""


async def test_the_desk_publishes_releases_and_nothing_else(stack: LocalStack) -> None:
    connection = await asyncpg.connect(stack.app_dsn("desk"))
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(ADD, TOPIC_OF[SubmissionSanitised].name)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(ADD, TOPIC_OF[SafetyFlagged].name)
        await transaction.rollback()
    finally:
        await connection.close()


HOLD = """
INSERT INTO held (submission_ref, sealed, reasons, high, held_at) VALUES (gen_random_uuid(), '', '{}', false, now())
RETURNING submission_ref
"""


async def test_the_worker_does_not_even_see_the_row_that_it_adds(stack: LocalStack) -> None:
    connection = await asyncpg.connect(stack.app_dsn("sanitiser"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(HOLD)
    finally:
        await connection.close()
