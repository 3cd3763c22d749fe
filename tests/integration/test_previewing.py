"""The list of due previews: agencies take turns, small submissions first, and each preview is published once."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.crypto.keys import generate_pair, load_private, load_public
from pipeline_shared.crypto.sealing import Context, Recipient, seal
from pipeline_shared.language.restricted import RECEIVED_PURPOSE
from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_shared.runtime.children import Children
from pipeline_shared.runtime.metrics import create_metrics
from pipeline_shared.runtime.work import begin
from sanitiser_service.preview import store
from sanitiser_service.preview.domain import choices_of, preview_of
from sanitiser_service.preview.previewer import Previewer, be_ready
from sanitiser_service.preview.store import NewPreviewDue, PreviewDue
from sanitiser_service.preview.usecases import flag_id_of, publish_preview
from sanitiser_service.worker.keys import Keys
from tests.support.building import opened
from tests.support.database import database_of
from tests.support.own_database import SANITISER, app_dsn_of, create_own_database
from tests.support.waiting import wait_for

T = TypeVar("T")
FLOOD, OTHER = 1, 2
PUBLISHED = "SELECT value FROM outbox WHERE topic = 'safety.previewed.v1' AND key = $1"
AUDITED = "SELECT count(*) FROM audit WHERE action = 'safety_previewed' AND subject = $1"


@pytest.fixture(scope="module")
async def own_dsn(stack: LocalStack) -> str:
    """Create a database for these tests: the running sanitiser would process their rows."""
    return app_dsn_of(stack, "sanitiser", await create_own_database(stack, "sanitiser", SANITISER))


@pytest.fixture
async def connection(own_dsn: str) -> AsyncGenerator[asyncpg.Connection, None]:
    """Open a connection; its transaction is rolled back at the end."""
    connection = await asyncpg.connect(own_dsn)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


def due(lane: int, size: int, level: SafetyLevel = SafetyLevel.NOW) -> NewPreviewDue:
    return NewPreviewDue(uuid4(), b"x" * size, lane, level)


async def test_agencies_take_turns_and_the_small_ones_of_each_come_first(connection: asyncpg.Connection) -> None:
    flood, others = [due(FLOOD, 1_000 - n) for n in range(60)], [due(OTHER, 2_000), due(OTHER, 10)]
    await store.add_previews_due(connection, [*flood, *others])
    listed = [one.submission_ref for one in await store.list_previews_due(connection, 5)]
    assert listed[0] == others[1].submission_ref
    assert listed.index(others[0].submission_ref) < 4
    assert [ref for ref in listed if ref in {one.submission_ref for one in flood}] == [
        one.submission_ref for one in reversed(flood[-3:])
    ]


async def test_what_rings_is_previewed_before_anything_that_can_wait_a_little(connection: asyncpg.Connection) -> None:
    soon = [due(lane, 10, SafetyLevel.SOON) for lane in range(20)]
    now = [due(FLOOD, 50_000) for _ in range(3)]
    await store.add_previews_due(connection, [*soon, *now])
    listed = await store.list_previews_due(connection, 5)
    assert {one.submission_ref for one in listed[:3]} == {one.submission_ref for one in now}
    assert [one.level for one in listed] == [SafetyLevel.NOW] * 3 + [SafetyLevel.SOON] * 2


async def test_one_that_is_listed_twice_is_due_once(connection: asyncpg.Connection) -> None:
    one = due(FLOOD, 10)
    await store.add_previews_due(connection, [one])
    await store.add_previews_due(connection, [one])
    assert len(await store.list_previews_due(connection, 5)) == 1


async def test_of_two_instances_with_the_same_preview_one_publishes_it(stack: LocalStack, own_dsn: str) -> None:
    new = due(FLOOD, 10)
    one = PreviewDue(new.submission_ref, new.sealed, new.level)
    async with asyncpg.create_pool(own_dsn, min_size=0, max_size=2) as pool:
        async with pool.acquire() as connection:
            await store.add_previews_due(connection, [new])
        for _ in range(2):
            async with begin(database_of(pool)) as work:
                await publish_preview(work, one, choices_of(opened()))
        assert (
            await pool.fetchval("SELECT count(*) FROM preview_due WHERE submission_ref = $1", one.submission_ref) == 0
        )
        assert len(await pool.fetch(PUBLISHED, own_flag_id(one.submission_ref))) == 1
    admin = await asyncpg.connect(stack.admin_dsn(urlsplit(own_dsn).path[1:]))
    assert await admin.fetchval(AUDITED, str(one.submission_ref)) == 1
    await admin.close()


def own_flag_id(submission_ref: UUID) -> UUID:
    return flag_id_of(submission_ref, database_of(cast("Any", None)).derive_id)


class NoAnswer(Children):
    """Children that never answer."""

    async def do(self, job: Callable[[], T]) -> T | None:
        del job
        return None


class InPlace(Children):
    """Children that run their jobs in the process of the test."""

    async def do(self, job: Callable[[], T]) -> T | None:
        return job()


async def previewed(dsn: str, children: Children, sealed: Callable[[UUID], bytes], keys: Keys) -> list[str]:
    """Have one preview made and return the published event."""
    ref, stop = uuid4(), asyncio.Event()
    async with asyncpg.create_pool(dsn, min_size=0, max_size=2) as pool:
        async with pool.acquire() as connection:
            new = NewPreviewDue(ref, sealed(ref), time.monotonic_ns(), SafetyLevel.NOW)
            await store.add_previews_due(connection, [new])
        previewer = Previewer(database_of(pool), create_metrics(), open_received=keys.open, children=children)
        task = asyncio.create_task(previewer.run(stop))

        async def is_gone() -> bool:
            return not await pool.fetchval("SELECT count(*) FROM preview_due WHERE submission_ref = $1", ref)

        await wait_for(is_gone, "the preview")
        stop.set()
        await task
        return [row["value"].decode() for row in await pool.fetch(PUBLISHED, own_flag_id(ref))]


async def test_a_preview_is_published_and_without_an_answer_the_choices_alone(own_dsn: str) -> None:
    pair, content = generate_pair(), opened()
    keys = Keys({"k": load_private(pair.private)})

    def sealed(ref: UUID) -> bytes:
        recipient = Recipient("k", load_public(pair.public))
        return seal(content.model_dump_json().encode(), Context(RECEIVED_PURPOSE, ref), [recipient])

    for children, expected in ((InPlace, preview_of(content)), (NoAnswer, choices_of(content))):
        (value,) = await previewed(own_dsn, children(1, first=be_ready, limit=timedelta(seconds=1)), sealed, keys)
        assert json.loads(value)["preview"] == json.loads(expected.model_dump_json())
    assert (
        await previewed(
            own_dsn, InPlace(1, first=be_ready, limit=timedelta(seconds=1)), lambda _ref: b"not sealed by anybody", keys
        )
        == []
    )
