"""The list of the source desk: complete, page by page, NOW first, then SOON; each reading of it is in the audit."""

from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_shared.runtime.work import Database, begin
from pipeline_shared.web.paging import PAGE_SIZE
from sanitiser_service.desk.review.store import mark_decided
from sanitiser_service.desk.review.usecases import list_held
from sanitiser_service.operators import count_held_levels
from sanitiser_service.worker.store import NewHeld, SourceRecord, add_held, add_sources
from tests.support.building import NOW
from tests.support.own_database import SANITISER, app_dsn_of, create_own_database

AS_BEFORE = "INSERT INTO held (submission_ref, sealed, reasons, high, held_at) VALUES ($1, 'x', '{}', true, $2)"
ENTRY = "SELECT subject, reason FROM audit WHERE action = 'held_listed' AND actor = $1 ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Restricted:
    """A database as each of the sanitiser's processes opens it, and by its name for whoever may read everything."""

    worker: Database
    desk: Database
    name: str


@pytest.fixture
async def restricted(stack: LocalStack) -> AsyncGenerator[Restricted, None]:
    """Create a database in which nothing is held."""
    name = await create_own_database(stack, "sanitiser", SANITISER)
    worker, desk = (app_dsn_of(stack, process, name) for process in ("sanitiser", "desk"))
    async with (
        asyncpg.create_pool(worker, min_size=0, max_size=2) as adding,
        asyncpg.create_pool(desk, min_size=0, max_size=2) as deciding,
    ):
        yield Restricted(Database(adding, b"k" * 32), Database(deciding), name)


async def hold(restricted: Restricted, *, minute: int, level: SafetyLevel = SafetyLevel.ORDINARY) -> UUID:
    ref = uuid4()
    async with begin(restricted.worker) as work:
        await add_sources(work.connection, [SourceRecord(uuid4(), ref, b"sealed")], NOW)
        held = [NewHeld(ref, b"sealed", ("told:self:narrative",), level)]
        await add_held(work.connection, held, NOW + timedelta(minutes=minute))
    return ref


async def keep(restricted: Restricted, ref: UUID) -> None:
    async with begin(restricted.desk) as work:
        await mark_decided(work.connection, ref, 1, state="kept", person="person:desk-1", now=NOW)


async def listed(restricted: Restricted, number: int, person: str = "person:desk-1") -> list[UUID]:
    async with begin(restricted.desk) as work:
        page = await list_held(work, number, person)
    return [row.submission_ref for row in page.rows]


async def test_now_comes_first_then_soon_then_the_oldest_and_what_is_kept_last(restricted: Restricted) -> None:
    old, new = await hold(restricted, minute=0), await hold(restricted, minute=9)
    kept = await hold(restricted, minute=1, level=SafetyLevel.NOW)
    soon, late_soon = [await hold(restricted, minute=minute, level=SafetyLevel.SOON) for minute in (2, 7)]
    late_now, now = [await hold(restricted, minute=minute, level=SafetyLevel.NOW) for minute in (8, 5)]
    await keep(restricted, kept)
    assert await listed(restricted, 1) == [now, late_now, soon, late_soon, old, new, kept]


async def test_what_the_code_of_before_holds_as_high_stands_as_now(restricted: Restricted) -> None:
    soon, before = [await hold(restricted, minute=minute, level=SafetyLevel.SOON) for minute in (1, 2)]
    async with begin(restricted.worker) as work:
        await add_sources(work.connection, [SourceRecord(uuid4(), ref := uuid4(), b"sealed")], NOW)
        await work.connection.execute(AS_BEFORE, ref, NOW + timedelta(minutes=3))
    assert await listed(restricted, 1) == [ref, soon, before]


async def test_the_held_ones_of_each_level_are_counted(stack: LocalStack, restricted: Restricted) -> None:
    levels = [SafetyLevel.NOW, SafetyLevel.SOON, SafetyLevel.SOON, SafetyLevel.ORDINARY]
    refs = [await hold(restricted, minute=minute, level=level) for minute, level in enumerate(levels)]
    admin = asyncpg.create_pool(stack.admin_dsn(restricted.name), min_size=0, max_size=1)
    async with admin, admin.acquire() as connection:
        counted = await count_held_levels(connection, refs)
    assert counted == Counter(map(str, levels))


async def test_every_held_submission_is_on_one_of_the_pages_and_the_total_is_true(restricted: Restricted) -> None:
    refs = [await hold(restricted, minute=n) for n in range(PAGE_SIZE * 2 + 1)]
    pages = [await listed(restricted, number) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 1]
    assert [ref for page in pages for ref in page] == refs
    async with begin(restricted.desk) as work:
        page = await list_held(work, 99, "person:desk-1")
    assert (page.number, page.last, page.total) == (3, 3, len(refs))


@pytest.mark.parametrize("number", [0, -1, 1, 99])
async def test_a_reading_is_in_the_audit_with_what_was_read(
    stack: LocalStack, restricted: Restricted, number: int
) -> None:
    refs = [await hold(restricted, minute=n) for n in range(3)]
    await listed(restricted, number, f"person:{number}")
    async with asyncpg.create_pool(stack.admin_dsn(restricted.name), min_size=0, max_size=1) as admin:
        entry = await admin.fetchrow(ENTRY, f"person:{number}")
    assert entry
    assert tuple(entry) == ("page:1", " ".join(map(str, refs)))
