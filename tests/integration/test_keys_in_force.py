"""A key counts only while it is in force, and intake accepts nothing before its public keys are confirmed."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from uuid import uuid4

import aiohttp
import asyncpg
import httpx
import pytest

from intake_service.submissions import store
from intake_service.submissions.domain import CaseStatus
from pipeline_local.ports import choose_ports
from pipeline_local.stack import LocalStack
from pipeline_shared.language.vocabulary import SubmissionStatus
from tests.support.application import application
from tests.support.building import a_form
from tests.support.intake import Frontend, add_agency, open_frontend
from tests.support.waiting import wait_for
from tests.support.web import web_session

REVOKE = "UPDATE agency_key SET revoked_at = now() WHERE prefix = $1"
DISABLE = "UPDATE agency SET enabled = false WHERE agency_id = (SELECT agency_id FROM agency_key WHERE prefix = $1)"
EXPIRE = "UPDATE agency_key SET expires_at = now() WHERE prefix = $1"
ENDS = [s for s in SubmissionStatus if s not in {SubmissionStatus.RECEIVED, SubmissionStatus.IN_ASSESSMENT}]


@pytest.fixture(scope="module")
async def intake(stack: LocalStack) -> AsyncGenerator[asyncpg.Connection, None]:
    """Open an administrator's connection to the database of the running intake."""
    stack.start_services(("intake",))
    connection = await asyncpg.connect(stack.admin_dsn("intake"))
    yield connection
    await connection.close()


@pytest.fixture
async def agency(stack: LocalStack, intake: asyncpg.Connection) -> AsyncGenerator[tuple[Frontend, str], None]:
    """Open a frontend; return it with the prefix of its key."""
    _ = intake
    key = await add_agency(stack, f"Agency {uuid4()}")
    frontend = open_frontend(stack, key)
    yield frontend, key.split("_")[1]
    await frontend.session.close()


@pytest.fixture(scope="module")
async def second(stack: LocalStack, intake: asyncpg.Connection) -> AsyncGenerator[str, None]:
    """Start a second process of intake on the same database; return its address."""
    _ = intake
    program, (port, operations_port, *_) = stack.program("intake"), choose_ports(preferred=False).values()
    settings = {"INTAKE_PORT": str(port), "INTAKE_OPERATIONS_PORT": str(operations_port)}
    log = stack.home.logs / "intake-second.log"
    environment = {**program.environment, **settings}
    stack.processes.start(replace(program, name="intake-second", log=log, environment=environment))
    address = stack.address("intake").replace(str(stack.ports["intake"]), str(port))

    async def answers() -> bool:
        try:
            async with web_session(address) as session, session.get("/v1/submissions/none") as answer:
                return answer.status == 401
        except aiohttp.ClientError:
            return False

    await wait_for(answers, "the second intake")
    yield address
    stack.processes.stop(["intake-second"])


@pytest.mark.parametrize("change", [REVOKE, DISABLE, EXPIRE], ids=["revoked", "disabled", "expired"])
async def test_a_key_that_is_no_longer_in_force_is_refused_by_every_instance_at_the_next_request(
    intake: asyncpg.Connection, agency: tuple[Frontend, str], second: str, change: str
) -> None:
    frontend, prefix = agency
    async with web_session(second, headers=frontend.session.headers) as session:
        both = frontend, Frontend(session)
        receipts: list[str] = []
        for each in both:

            async def is_known(each: Frontend = each) -> bool:
                status, answer = await each.submit(a_form())
                receipts.append(answer.get("receipt", ""))
                return status == 202  # an instance that has just started is not ready yet

            await wait_for(is_known, "intake to accept")
        await intake.execute(change, prefix)
        assert [(await each.submit(a_form()))[0] for each in both] == [401, 401]
        assert [await each.status(receipts[0]) for each in both] == [None, None]
        assert [(await each.submit(a_form()))[0] for each in both] == [401, 401]


async def test_the_last_use_of_a_key_is_a_day(intake: asyncpg.Connection, agency: tuple[Frontend, str]) -> None:
    frontend, prefix = agency
    query = "SELECT last_used_on, current_date AS today FROM agency_key WHERE prefix = $1"
    before = await intake.fetchrow(query, prefix)
    assert before
    assert before["last_used_on"] is None
    for _ in range(2):
        assert (await frontend.submit(a_form()))[0] == 202
    after = await intake.fetchrow(query, prefix)
    assert after
    assert after["last_used_on"] == after["today"]
    kind = "SELECT data_type FROM information_schema.columns WHERE column_name = 'last_used_on'"
    assert await intake.fetchval(kind) == "date"


@pytest.mark.parametrize("end", ENDS)
async def test_an_end_stays_until_its_case_is_reopened_and_then_the_next_end_stays(
    intake: asyncpg.Connection, agency: tuple[Frontend, str], end: SubmissionStatus
) -> None:
    frontend, _ = agency
    _, answer = await frontend.submit(a_form())
    row = await intake.fetchrow("SELECT status_ref, now() AS at FROM submission WHERE receipt = $1", answer["receipt"])
    assert row

    async def mark(assessment: int, *statuses: SubmissionStatus) -> str | None:
        for status in statuses:
            await store.mark_statuses(intake, {row["status_ref"]: CaseStatus(status, assessment)}, row["at"])
        return await frontend.status(answer["receipt"])

    assert await mark(1, SubmissionStatus.IN_ASSESSMENT, end, *SubmissionStatus) == end
    assert await mark(2, SubmissionStatus.IN_ASSESSMENT) == "in_assessment"
    assert await mark(1, *SubmissionStatus) == "in_assessment"  # late statuses of the first assessment
    assert await mark(2, SubmissionStatus.CLOSED, SubmissionStatus.IN_ASSESSMENT) == "closed"


async def test_before_the_bundle_of_keys_is_confirmed_nothing_is_taken_in(
    stack: LocalStack, intake: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, key = application(stack, "intake", monkeypatch), await add_agency(stack, f"Agency {uuid4()}")
    headers = {"authorization": f"Bearer {key}", "idempotency-key": ""}  # intake checks it once it is ready
    before = await intake.fetchval("SELECT count(*) FROM submission")
    pool, parts, stop = app.state.runtime.pool, app.state.intake, asyncio.Event()

    async def can_screen() -> bool:
        return parts.screeners.have_started

    async def code() -> tuple[int, str]:
        answer = await client.post("/v1/submissions", json=a_form(), headers=headers)
        return answer.status_code, answer.json()["code"]

    async with pool, httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://intake.example") as client:
        works = [asyncio.create_task(parts.screeners.work(stop, only_short=short)) for short in (True, False)]
        await wait_for(can_screen, "the screen")
        assert await code() == (503, "not_ready")
        works.append(asyncio.create_task(parts.keys.bundle.watch(pool, stop)))
        await parts.keys.bundle.until_confirmed(stop)
        assert await code() == (400, "idempotency_key")
        stop.set()
        await asyncio.gather(*works)
    assert await intake.fetchval("SELECT count(*) FROM submission") == before
