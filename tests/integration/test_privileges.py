"""What each of the sanitiser's two processes may do in the restricted store: this table, and nothing besides.

Every privilege that PostgreSQL knows is compared with the table, and every one that the table does not name is tried.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_settings.processes import PROCESS_OF
from pipeline_shared.language.events import SafetyFlagged, SubmissionSanitised
from pipeline_shared.messaging.topics import TOPIC_OF

WHOLE = "*"
OUTBOX = "event_id topic partition key value urgent lane signer signature"
DECISION = "sealed state version decided_at decided_by"
ENTRY = "at actor action subject reason sign_in proof"
CHECKED = "facts proof tokens seen_at checking_until check_due"

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
        "audit": {"INSERT": ENTRY},
        "key_bundle": {"SELECT": WHOLE, "INSERT": WHOLE, "UPDATE": WHOLE},
        "preview_due": {"SELECT": WHOLE, "INSERT": WHOLE, "DELETE": WHOLE},
        "source_record": {"INSERT": WHOLE},
        "held": {"INSERT": "submission_ref sealed reasons high soon held_at"},
    },
    "desk": {
        "held": {"SELECT": WHOLE, "UPDATE": DECISION},
        "outbox": {"INSERT": OUTBOX},
        "audit": {"INSERT": ENTRY},
        "session": {"SELECT": WHOLE, "INSERT": WHOLE, "UPDATE": CHECKED, "DELETE": WHOLE},
        "person": {"SELECT": WHOLE, "INSERT": WHOLE, "UPDATE": "name seen_at"},
        "kept_form": {"SELECT": WHOLE, "INSERT": WHOLE, "DELETE": WHOLE},
        "key_bundle": {"SELECT": WHOLE, "INSERT": WHOLE, "UPDATE": WHOLE},
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


@asynccontextmanager
async def acting_as(admin: asyncpg.Connection, process: str, *before: str) -> AsyncGenerator[None, None]:
    """Act with the role of a process, after what others did before; nothing of it stays."""
    transaction = admin.transaction()
    await transaction.start()
    try:
        for statement in before:
            await admin.execute(statement)
        await admin.execute(f'SET LOCAL ROLE "{PROCESS_OF[process].database_role}"')
        yield
    finally:
        await transaction.rollback()


ADD = """
INSERT INTO outbox (event_id, topic, partition, key, value, urgent, lane)
VALUES (gen_random_uuid(), $1, $2, gen_random_uuid(), '', $3, $4)
"""
RELEASES = TOPIC_OF[SubmissionSanitised]


@pytest.mark.parametrize("partition", [0, RELEASES.partitions - 1])
async def test_the_desk_publishes_a_release_to_every_partition(admin: asyncpg.Connection, partition: int) -> None:
    async with acting_as(admin, "desk"):
        assert await admin.execute(ADD, RELEASES.name, partition, RELEASES.urgent, None) == "INSERT 0 1"


@pytest.mark.parametrize(
    "row",
    [
        pytest.param((TOPIC_OF[SafetyFlagged].name, 0, False, None), id="another event"),
        pytest.param((RELEASES.name, 0, True, None), id="urgent"),
        pytest.param((RELEASES.name, 0, False, UUID(int=1)), id="a lane"),
        pytest.param((RELEASES.name, RELEASES.partitions, False, None), id="a partition too many"),
        pytest.param((RELEASES.name, -1, False, None), id="a partition too few"),
    ],
)
async def test_the_desk_publishes_releases_and_nothing_else(
    admin: asyncpg.Connection, row: tuple[str, int, bool, UUID | None]
) -> None:
    async with acting_as(admin, "desk"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await admin.execute(ADD, *row)


ENTER = "INSERT INTO audit (actor, action, subject) VALUES ($1, 'held_submission_released', 'x')"


@pytest.mark.parametrize(("process", "actor"), [("sanitiser", "service:sanitiser.flag"), ("desk", "person:desk-1")])
async def test_a_process_enters_in_the_audit_what_it_does(admin: asyncpg.Connection, process: str, actor: str) -> None:
    async with acting_as(admin, process):
        assert await admin.execute(ENTER, actor) == "INSERT 0 1"


@pytest.mark.parametrize(
    ("process", "actor"),
    [
        ("sanitiser", "person:desk-1"),
        ("sanitiser", "person:forged"),
        ("sanitiser", "operator:root"),
        ("desk", "service:sanitiser"),
        ("desk", "Service:sanitiser"),
        ("desk", "operator:root"),
    ],
)
async def test_a_process_cannot_enter_anything_in_the_name_of_another(
    admin: asyncpg.Connection, process: str, actor: str
) -> None:
    async with acting_as(admin, process):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await admin.execute(ENTER, actor)


async def test_an_operator_enters_as_the_owner_what_they_do(admin: asyncpg.Connection) -> None:
    async with acting_as(admin, "sanitiser", "SET LOCAL ROLE sanitiser_owner", ENTER.replace("$1", "'operator:root'")):
        pass


OF_A_SOURCE = """
INSERT INTO source_record (source_ref, submission_ref, sealed, sealed_at)
VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', '', now())
"""
DECIDED = """
INSERT INTO held (submission_ref, sealed, reasons, state, held_at)
VALUES ('00000000-0000-0000-0000-000000000001', {}, '{{}}', '{}', now())
"""
BACK = "UPDATE held SET state = '{}', sealed = '' WHERE submission_ref = '00000000-0000-0000-0000-000000000001'"


@pytest.mark.parametrize("state", ["waiting", "kept"])
async def test_the_desk_cannot_take_a_release_back(admin: asyncpg.Connection, state: str) -> None:
    async with acting_as(admin, "desk", OF_A_SOURCE, DECIDED.format("NULL", "released")):
        assert await admin.execute(BACK.format(state)) == "UPDATE 0"


async def test_the_desk_can_decide_again_but_not_undo_a_decision(admin: asyncpg.Connection) -> None:
    async with acting_as(admin, "desk", OF_A_SOURCE, DECIDED.format("''", "kept")):
        assert await admin.execute(BACK.format("kept")) == "UPDATE 1"
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await admin.execute(BACK.format("waiting"))


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
