"""`pipeline agency …`: one check for every way in, at most two keys, every change audited, no secret shown twice."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from intake_service.agencies import operators, store
from intake_service.agencies.domain import UnusableAgencyError
from intake_service.agencies.limits import Limit
from intake_service.agencies.operators import AdministrationError
from pipeline_admin.commands.agencies import agency
from pipeline_admin.databases import administering
from pipeline_local.stack import LocalStack
from pipeline_shared.language.restricted import Agency
from pipeline_shared.language.vocabulary import AgencyCategory
from pipeline_shared.runtime.work import Work
from tests.support.building import a_form
from tests.support.intake import add_agency, open_frontend
from tests.support.operators import SAM
from tests.support.waiting import wait_for

AUDITED = "SELECT actor, action FROM audit WHERE subject = $1 AND action NOT LIKE 'row_%' ORDER BY id"
KEY = b"k" * 32
DEFAULT = Limit(per_minute=7, burst=7)
UNUSABLE = [
    "",
    " ",
    "\u200b",
    "\u3164\u2800",
    "a\0b",
    "x" * 201,
    "\u00ad",
    "NHS\u200b",
    "N\u2028HS",
    "NHS\x85 Trust",
    "\ufeffNHS",
    "a\u202eb",
]


@pytest.fixture
async def work(stack: LocalStack) -> AsyncGenerator[Work, None]:
    async with administering(stack.admin_dsn("intake"), SAM) as work:
        yield work


def an_agency() -> Agency:
    return Agency(name=f"School {uuid4()}", category=AgencyCategory.SCHOOL)


async def audited(work: Work, subject: str) -> list[str]:
    await work.flush()
    rows = await work.connection.fetch(AUDITED, subject)
    assert {row["actor"] for row in rows} == {"operator:sam"}
    return [row["action"] for row in rows]


async def test_a_key_is_added_rotated_and_revoked_and_each_is_audited(work: Work) -> None:
    school = an_agency()
    first = await operators.add_agency(work, school, SAM, KEY)
    second = await operators.rotate_key(work, school.name, SAM, KEY)
    with pytest.raises(AdministrationError):
        await operators.rotate_key(work, school.name, SAM, KEY)
    await operators.revoke_key(work, first.prefix, SAM)
    assert await store.find_agency(work.connection, first.prefix, DEFAULT) is None
    found = await store.find_agency(work.connection, second.prefix, DEFAULT)
    assert found
    assert (found.agency, found.limit) == (school, DEFAULT)
    assert await audited(work, first.prefix) == ["agency_key_added", "agency_key_revoked"]
    assert await audited(work, second.prefix) == ["agency_key_added"]
    with pytest.raises(AdministrationError):
        await operators.revoke_key(work, first.prefix, SAM)


async def test_an_agency_that_is_revoked_has_no_key_in_force_until_it_is_added_again(work: Work) -> None:
    school = an_agency()
    keys = [await operators.add_agency(work, school, SAM, KEY) for _ in range(2)]
    assert await operators.disable_agency(work, school.name, SAM) == 2
    assert [await store.find_agency(work.connection, key.prefix, DEFAULT) for key in keys] == [None, None]
    agency_id = await work.connection.fetchval("SELECT agency_id FROM agency WHERE name = $1", school.name)
    assert await audited(work, str(agency_id)) == ["agency_put", "agency_put", "agency_disabled"]
    again = await operators.add_agency(work, school, SAM, KEY)
    assert await store.find_agency(work.connection, again.prefix, DEFAULT)
    assert await store.find_agency(work.connection, keys[0].prefix, DEFAULT) is None


async def test_a_key_ends_by_itself_and_leaves_room_for_another(work: Work) -> None:
    school = an_agency()
    short = await operators.add_agency(work, school, SAM, KEY, days=1)
    await operators.rotate_key(work, school.name, SAM, KEY)
    lasts = "SELECT expires_at - created_at FROM agency_key WHERE prefix = $1"
    assert await work.connection.fetchval(lasts, short.prefix) == timedelta(days=1)
    await work.connection.execute("UPDATE agency_key SET expires_at = now() WHERE prefix = $1", short.prefix)
    assert await store.find_agency(work.connection, short.prefix, DEFAULT) is None
    assert short.prefix not in await store.list_prefixes(work.connection)
    assert await operators.count_in_force(work.connection, [short.prefix]) == 0
    third = await operators.rotate_key(work, school.name, SAM, KEY)
    listed = [row for row in await operators.list_agencies(work.connection) if row.prefix == third.prefix]
    assert listed[0].expires_at
    assert listed[0].last_used_on is None


async def test_limits_of_an_agency_and_of_a_key_are_found_with_the_key(work: Work) -> None:
    school, of_agency, of_key = an_agency(), Limit(per_minute=10, burst=20), Limit(per_minute=1, burst=2)
    key = await operators.add_agency(work, school, SAM, KEY)
    await operators.limit_agency(work, school.name, of_agency, SAM)
    found = await store.find_agency(work.connection, key.prefix, DEFAULT)
    assert found
    assert (found.limit, found.key_limit) == (of_agency, of_agency)
    await operators.limit_key(work, key.prefix, of_key, SAM)
    await operators.limit_agency(work, school.name, None, SAM)
    found = await store.find_agency(work.connection, key.prefix, DEFAULT)
    assert found
    assert (found.limit, found.key_limit) == (DEFAULT, of_key)
    assert await audited(work, key.prefix) == ["agency_key_added", "agency_key_limited"]


async def test_the_list_shows_prefixes_and_no_secret(work: Work) -> None:
    school = an_agency()
    key = await operators.add_agency(work, school, SAM, KEY)
    (row,) = [row for row in await operators.list_agencies(work.connection) if row.name == school.name]
    assert row.prefix == key.prefix
    assert key.text.rpartition("_")[2] not in str(row)


async def test_what_names_nobody_is_refused_as_a_whole(work: Work) -> None:
    with pytest.raises(AdministrationError):
        await operators.rotate_key(work, "nobody", SAM, KEY)
    with pytest.raises(AdministrationError):
        await operators.disable_agency(work, "nobody", SAM)
    with pytest.raises(AdministrationError):
        await operators.limit_agency(work, "nobody", DEFAULT, SAM)
    with pytest.raises(AdministrationError):
        await operators.limit_key(work, "nobody", DEFAULT, SAM)


@pytest.mark.parametrize("name", UNUSABLE, ids=ascii)
def test_no_command_adds_an_agency_that_could_not_submit(name: str) -> None:
    result = CliRunner().invoke(agency, ["add", name])
    assert result.exit_code == 1
    assert "pip_" not in result.output
    assert "cannot have this name" in result.output
    with pytest.raises(ValidationError):
        Agency(name=name, category=AgencyCategory.SCHOOL)


@pytest.mark.parametrize(
    ("name", "category"), [("", "school"), (" a", "school"), ("a\x07", "school"), ("x" * 201, "school"), ("a", "bank")]
)
async def test_the_database_refuses_it_too(work: Work, name: str, category: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with work.connection.transaction():
            await work.connection.execute(
                "INSERT INTO agency (agency_id, name, category) VALUES ($1, $2, $3)", uuid4(), name, category
            )


async def test_the_database_knows_every_category(work: Work) -> None:
    for category in AgencyCategory:
        await operators.add_agency(work, Agency(name=f"A {uuid4()}", category=category), SAM, KEY)


async def test_an_old_entry_that_is_no_agency_answers_503_and_never_500(pipeline: LocalStack) -> None:
    """The entry was written before the check existed."""
    key = await add_agency(pipeline, f"Old {uuid4()}")
    connection = await asyncpg.connect(pipeline.admin_dsn("intake"))
    try:
        async with connection.transaction():
            checks = "agency_name_usable"
            definition = await connection.fetchval(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", checks
            )
            await connection.execute(f"ALTER TABLE agency DROP CONSTRAINT {checks}")
            agency_id = await connection.fetchval(
                "SELECT agency_id FROM agency_key WHERE prefix = $1", key.split("_")[1]
            )
            await connection.execute("UPDATE agency SET name = '' WHERE agency_id = $1", agency_id)
            await connection.execute(f"ALTER TABLE agency ADD CONSTRAINT {checks} {definition} NOT VALID")
        with pytest.raises(UnusableAgencyError):
            await store.find_agency(connection, key.split("_")[1], DEFAULT)
        frontend = open_frontend(pipeline, key)
        async with frontend.session:
            status, answer = await frontend.submit(a_form())
        assert (status, answer["code"]) == (503, "agency_unusable")
        await connection.execute("UPDATE agency SET name = $1 WHERE name = ''", f"Mended {uuid4()}")
    finally:
        await connection.close()


async def test_a_revoked_key_is_refused_within_seconds(pipeline: LocalStack) -> None:
    key = await add_agency(pipeline, f"Revoked {uuid4()}")
    frontend = open_frontend(pipeline, key)
    async with frontend.session:
        assert (await frontend.submit(a_form()))[0] == 202
        async with administering(pipeline.installation().database("intake"), SAM) as work:
            await operators.revoke_key(work, key.split("_")[1], SAM)

        async def is_refused() -> bool:
            return (await frontend.submit(a_form()))[0] == 401

        await wait_for(is_refused, "the end of a key", seconds=8)
