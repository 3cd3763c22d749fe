"""The list of the source desk: complete, page by page, HIGH first; each reading of it is in the audit."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.runtime.work import Database, begin
from sanitiser_service.worker import store
from sanitiser_service.worker.store import NewHeld, SourceRecord
from sanitiser_service.worker.usecases import PAGE_SIZE, list_held
from tests.support.building import NOW
from tests.support.own_database import app_dsn_of, create_own_database

MIGRATIONS = Path(store.__file__).parent / "migrations"
ENTRY = "SELECT subject, reason FROM audit WHERE action = 'held_listed' AND actor = $1 ORDER BY id DESC LIMIT 1"


@pytest.fixture
async def database(stack: LocalStack) -> AsyncGenerator[Database, None]:
    """Create a database in which nothing is held."""
    name = await create_own_database(stack, "sanitiser", MIGRATIONS)
    async with asyncpg.create_pool(app_dsn_of(stack, "sanitiser", name), min_size=0, max_size=2) as pool:
        yield Database(pool, b"k" * 32)


async def hold(database: Database, *, minute: int, high: bool = False) -> UUID:
    ref = uuid4()
    async with begin(database) as work:
        await store.add_sources(work.connection, [SourceRecord(uuid4(), ref, b"sealed")], NOW)
        held = [NewHeld(ref, b"sealed", ("told:self:narrative",), high)]
        await store.add_held(work.connection, held, NOW + timedelta(minutes=minute))
    return ref


async def keep(database: Database, ref: UUID) -> None:
    async with begin(database) as work:
        await store.mark_decided(work.connection, ref, 1, state="kept", person="demo:desk-1", now=NOW)


async def listed(database: Database, number: int, person: str = "demo:desk-1") -> list[UUID]:
    async with begin(database) as work:
        page = await list_held(work, number, person)
    return [row.submission_ref for row in page.rows]


async def test_high_comes_first_then_the_oldest_and_what_is_kept_last(database: Database) -> None:
    old, new = await hold(database, minute=0), await hold(database, minute=9)
    kept = await hold(database, minute=1, high=True)
    late_high, high = await hold(database, minute=8, high=True), await hold(database, minute=5, high=True)
    await keep(database, kept)
    assert await listed(database, 1) == [high, late_high, old, new, kept]


async def test_every_held_submission_is_on_one_of_the_pages_and_the_total_is_true(database: Database) -> None:
    refs = [await hold(database, minute=n) for n in range(PAGE_SIZE * 2 + 1)]
    pages = [await listed(database, number) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 1]
    assert [ref for page in pages for ref in page] == refs
    async with begin(database) as work:
        page = await list_held(work, 99, "demo:desk-1")
    assert (page.number, page.last, page.total) == (3, 3, len(refs))


@pytest.mark.parametrize("number", [0, -1, 1, 99])
async def test_a_reading_is_in_the_audit_with_what_was_read(database: Database, number: int) -> None:
    refs = [await hold(database, minute=n) for n in range(3)]
    await listed(database, number, f"demo:{number}")
    entry = await database.pool.fetchrow(ENTRY, f"demo:{number}")
    assert entry
    assert tuple(entry) == ("page:1", " ".join(map(str, refs)))
