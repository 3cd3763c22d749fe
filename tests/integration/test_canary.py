"""The identity canary: on every path of a submission, the identity of the source is found nowhere in clear (D-S1).

Every submission of every integration test carries a token in each identity field. This module adds the paths that the
other tests do not take, and then searches everything that all tests have left.
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.crypto.keys import read_bundle
from pipeline_shared.crypto.sealing import Context, seal
from pipeline_shared.language.events import SubmissionReceived
from pipeline_simulators.browsing import Browser
from pipeline_simulators.people import OFFICERS, SOURCE_DESK
from tests.support.building import a_form
from tests.support.canary import AGENCY_MARK, IDENTITY, IDENTITY_FIELDS, Search, token
from tests.support.canary_forms import FINDS, a_revealing_form, accepted, case_of, fields_at, found, held, send_form
from tests.support.intake import Frontend, new_idempotency_key
from tests.support.journey import Databases
from tests.support.kafka import read_all, send
from tests.support.remains import leaks
from tests.support.signing import publish
from tests.support.stack import OURS
from tests.support.waiting import until_ended, until_ready, wait_for

RECEIVED, STATUS = "submission.received.v1", "case.status.v1"
SELF_TEST = "zqselftest"


async def test_a_submission_goes_through_to_the_police_system(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    submission = await accepted(frontend, databases, a_revealing_form())
    query = "SELECT submission_ref FROM held WHERE submission_ref = $1"
    ref = await found(databases["restricted"], query, submission["submission_ref"])
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        taken_out = await fields_at(desk, f"/held/{ref}") | {"reason": "Many could have told it"}
        await send_form(desk, f"/held/{ref}/release", taken_out)
    path = f"/cases/{await case_of(databases, submission)}"
    async with Browser(pipeline.address("triage"), OFFICERS[0]) as officer:
        verdict = {"outcome": "record", "reason": "Necessary to prevent crime"}
        await send_form(officer, f"{path}/decision", await fields_at(officer, path) | verdict)

    async def is_accepted() -> bool:
        return await frontend.status(submission["receipt"]) == "accepted"

    await wait_for(is_accepted, "the police reference", seconds=FINDS)


async def test_a_held_submission_is_released_by_the_source_desk(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    ref = await held(frontend, databases)
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        fields = await fields_at(desk, f"/held/{ref}")
        left = {name: "subject" for name in fields if name.startswith(("decide.name:", "decide.identifier:"))}
        refused = await desk.send(f"/held/{ref}/release", fields | left | {"reason": "Too early"})
        assert refused.status == 422
        edited = {"subjects.people.0.name": "Lee", "reason": "The name is taken out"}
        await send_form(desk, f"/held/{ref}/release", fields | edited)
    query = "SELECT source_ref FROM source_record WHERE submission_ref = $1"
    source_ref = await databases["restricted"].fetchval(query, ref)
    assert await found(databases["triage"], "SELECT case_id FROM triage_case WHERE source_ref = $1", source_ref)


async def test_a_held_submission_is_kept_held(pipeline: LocalStack, frontend: Frontend, databases: Databases) -> None:
    ref = await held(frontend, databases)
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        reason = {"reason": "Only one person can have seen it"}
        await send_form(desk, f"/held/{ref}/hold", await fields_at(desk, f"/held/{ref}") | reason)
    assert await databases["restricted"].fetchval("SELECT state FROM held WHERE submission_ref = $1", ref) == "kept"


SPOILT: dict[str, Any] = {
    "NUL": lambda text: f"{text}\0",
    "half a surrogate pair": lambda text: f"{text}\ud800",
    "too long": lambda text: text * 200,
    "a list": lambda text: [text],
    "an object": lambda text: {text: text},
}


@pytest.mark.parametrize("how", SPOILT)
async def test_a_bad_value_in_any_identity_field_is_refused(how: str, frontend: Frontend) -> None:
    for part, fields in IDENTITY_FIELDS.items():
        for field in fields:
            form = a_revealing_form()
            form[part] |= {field: SPOILT[how](form[part][field])}
            assert (await frontend.submit(form))[0] == 422


async def test_another_body_under_a_used_key_is_refused(frontend: Frontend) -> None:
    key = new_idempotency_key()
    assert (await frontend.submit(a_revealing_form(), key))[0] == 202
    assert (await frontend.submit(a_revealing_form(), key))[1]["code"] == "idempotency_key_reused"


async def parked_as(databases: Databases, place: tuple[int, int]) -> str:
    """Return the code under which the sanitiser parks a record."""
    query = "SELECT error FROM parked WHERE topic = $1 AND partition = $2 AND kafka_offset = $3"

    async def error() -> str | None:
        return await databases["restricted"].fetchval(query, RECEIVED, *place)

    return await wait_for(error, "the parked record", seconds=FINDS) or ""


async def send_sealed(stack: LocalStack, sealed: bytes, ref: UUID) -> tuple[int, int]:
    event = SubmissionReceived(event_id=uuid4(), occurred_at=datetime.now(UTC), submission_ref=ref, sealed=sealed)
    return await publish(stack, event)


async def test_a_sealed_submission_that_was_tampered_with_is_parked(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    submission = await accepted(frontend, databases, a_revealing_form())
    query = "SELECT submission_ref FROM held WHERE submission_ref = $1"
    await found(databases["restricted"], query, submission["submission_ref"])
    record = next(r for r in await read_all(pipeline, RECEIVED) if r.key == submission["submission_ref"].bytes)
    sealed = bytearray(SubmissionReceived.model_validate_json(record.value or b"").sealed)
    sealed[-1] ^= 1
    place = await send_sealed(pipeline, bytes(sealed), submission["submission_ref"])
    assert await parked_as(databases, place) == "cannot_be_opened"


async def test_what_opens_and_is_no_submission_is_parked_without_being_quoted(
    pipeline: LocalStack, databases: Databases
) -> None:
    signed = (pipeline.home.keys / "bundle.json").read_bytes()
    recipients = read_bundle(signed, pipeline.keys.trust_root, datetime.now(UTC)).recipients("sanitiser")
    content, ref = json.dumps({"submission": a_revealing_form(), token("extra", "1"): 1}).encode(), uuid4()
    place = await send_sealed(pipeline, seal(content, Context("submission.received", ref), recipients), ref)
    assert await parked_as(databases, place) == "unreadable_submission"


@asynccontextmanager
async def refusing(connection: asyncpg.Connection, table: str) -> AsyncGenerator[None, None]:
    """Make a table refuse every new row for a while."""
    await connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT refused CHECK (false) NOT VALID")
    try:
        yield
    finally:
        await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT refused")


async def test_a_row_that_intakes_database_refuses_is_quoted_nowhere(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    async with refusing(databases["intake"], "submission"):
        status, answer = await frontend.submit(a_revealing_form())
    assert (status, answer["code"]) == (500, "internal")
    assert_quotes_no_row(pipeline)


@pytest.mark.parametrize(("database", "table"), [("restricted", "source_record"), ("triage", "triage_case")])
async def test_a_row_that_a_later_stage_refuses_is_parked_and_quoted_nowhere(
    pipeline: LocalStack, frontend: Frontend, databases: Databases, database: str, table: str
) -> None:
    query = "SELECT count(*) FROM parked WHERE error = 'CheckViolationError'"
    before = await databases[database].fetchval(query)

    async def is_parked() -> bool:
        return await databases[database].fetchval(query) != before

    async with refusing(databases[database], table):
        await accepted(frontend, databases, a_revealing_form() if database == "restricted" else a_form())
        await wait_for(is_parked, "the parked record", seconds=FINDS)
    assert_quotes_no_row(pipeline)


def assert_quotes_no_row(stack: LocalStack) -> None:
    log = (stack.home.logs / "postgres.log").read_text(encoding="utf-8")
    assert "violates check constraint" in log
    assert "Failing row" not in log
    assert "DETAIL" not in log


@pytest.mark.parametrize("service", ["intake", "sanitiser"])
async def test_a_service_is_killed_with_submissions_in_flight(
    pipeline: LocalStack, frontend: Frontend, databases: Databases, service: str
) -> None:
    posts = [asyncio.create_task(frontend.submit(a_revealing_form())) for _ in range(20)]
    await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED)
    pipeline.kill(service)
    await asyncio.gather(*posts, return_exceptions=True)
    await until_ended(pipeline, service)
    pipeline.start(service)
    await until_ready(pipeline, service)
    await case_of(databases, await accepted(frontend, databases, a_form()))


async def test_a_canary_planted_on_purpose_is_found_in_every_place_that_is_searched(
    pipeline: LocalStack, databases: Databases
) -> None:
    """Without this test, the tests below would also pass if they searched nothing."""
    planted = f'{{"name": "{SELF_TEST}"}}'
    for connection in databases.values():
        await connection.execute("INSERT INTO audit (actor, action, subject) VALUES ('test', 'planted', $1)", planted)
    await send(pipeline, STATUS, uuid4(), planted.encode(), principal="triage")
    await send(pipeline, RECEIVED, uuid4(), b"{}", principal="intake", headers=[("ce_id", planted.encode())])
    logs = [f"{process}.log" for process in OURS]
    for name in logs:
        with (pipeline.home.logs / name).open("a", encoding="utf-8") as log:
            log.write(planted.encode().hex())
    places = "\n".join(await leaks(pipeline, Search(SELF_TEST)))
    tables = [f"{database}.public.audit" for database in databases]
    folders = ["/base/", "/pg_wal/", f"/{STATUS}-", f"/{RECEIVED}-", *(f"/logs/{name}" for name in logs)]
    assert [place for place in (*tables, *folders) if place not in places] == []


async def test_who_spoke_is_found_nowhere(pipeline: LocalStack) -> None:
    found_at = await leaks(pipeline, Search(*IDENTITY))
    assert not found_at, "\n".join(found_at[:20])


async def test_an_agency_is_named_only_where_intake_knows_its_agencies(pipeline: LocalStack) -> None:
    found_at = await leaks(pipeline, Search(AGENCY_MARK), but_agencies=True)
    assert not found_at, "\n".join(found_at[:20])
