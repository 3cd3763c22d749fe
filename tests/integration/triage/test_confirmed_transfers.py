"""A confirmed transfer on the desk: its police reference is shown once, and a contradiction is for a person."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from pipeline_shared.language.events import TransferConfirmed
from pipeline_shared.runtime.errors import PermanentError
from pipeline_shared.runtime.work import begin
from tests.support.database import database_of
from tests.support.triage import SignIn, form_of, open_case, topics_of
from tests.support.visitor import Visitor
from triage_service.cases.usecases import confirm_transfers


async def recorded_case(pool: asyncpg.Pool, sign_in: SignIn) -> tuple[UUID, UUID, Visitor]:
    case_id, officer = await open_case(pool), await sign_in("officer-1")
    answer = await officer.post(f"/cases/{case_id}/decision", data=await form_of(officer, case_id))
    assert answer.headers["location"] == f"/cases/{case_id}"
    record_ref = await pool.fetchval("SELECT record_ref FROM triage_case WHERE case_id = $1", case_id)
    return case_id, record_ref, officer


def confirmation(case_id: UUID, record_ref: UUID, reference: str = "NR-1") -> TransferConfirmed:
    return TransferConfirmed(
        event_id=uuid4(),
        occurred_at=datetime.now(UTC),
        case_id=case_id,
        record_ref=record_ref,
        police_reference=reference,
    )


async def confirm(pool: asyncpg.Pool, *events: TransferConfirmed) -> None:
    async with begin(database_of(pool)) as work:
        await confirm_transfers(work, events)


async def test_a_confirmed_transfer_shows_its_police_reference_once(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    case_id, record_ref, officer = await recorded_case(pool, sign_in)
    again = confirmation(case_id, record_ref)
    await confirm(pool, confirmation(case_id, record_ref), again)
    await confirm(pool, again.model_copy(update={"event_id": uuid4()}))
    assert 'data-police-reference="NR-1"' in (await officer.get(f"/cases/{case_id}")).text
    status_token = await pool.fetchval("SELECT status_token FROM triage_case WHERE case_id = $1", case_id)
    assert await topics_of(pool, status_token) == ["case.status.v1", "case.status.v1"]


async def test_a_confirmation_that_contradicts_what_is_known_is_for_a_person(
    pool: asyncpg.Pool, sign_in: SignIn
) -> None:
    case_id, record_ref, _ = await recorded_case(pool, sign_in)
    await confirm(pool, confirmation(case_id, record_ref))
    for contradiction in (
        confirmation(case_id, record_ref, "NR-2"),
        confirmation(case_id, uuid4()),
        confirmation(uuid4(), record_ref),
    ):
        with pytest.raises(PermanentError):
            await confirm(pool, contradiction)


async def test_a_second_reference_in_the_same_batch_is_for_a_person_too(pool: asyncpg.Pool, sign_in: SignIn) -> None:
    case_id, record_ref, _ = await recorded_case(pool, sign_in)
    with pytest.raises(PermanentError):
        await confirm(pool, confirmation(case_id, record_ref), confirmation(case_id, record_ref, "NR-2"))
