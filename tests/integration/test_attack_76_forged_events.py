"""Attack 76: a row in an outbox or a record in Kafka that no permitted process has signed becomes nothing.

The attacker has triage's own database role, the Kafka administrator's password, or both, and every old record.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest

from pipeline_admin.parked import RECORDS, ParkingPlace, ask_replay
from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import CaseDecided, CaseStatusChanged
from pipeline_shared.language.vocabulary import SubmissionStatus
from pipeline_shared.messaging.outbox import to_row
from pipeline_shared.messaging.refused_records import MOST_REFUSED
from tests.support.forging import (
    DECIDED,
    FORGERIES,
    a_forgery,
    insert_as,
    is_accepted,
    last_parked,
    until_refused,
    write_as_admin,
)
from tests.support.journey import Databases
from tests.support.kafka import send_all
from tests.support.metrics import figure, read_metrics
from tests.support.operators import FROM_SAM
from tests.support.signing import headers_for, send_row, stack_signed
from tests.support.transfers import a_decision
from tests.support.waiting import wait_for

REFUSED = "pipeline_outcomes_total"
SIGNATURES = "SELECT signer, signature FROM outbox WHERE event_id = $1"


async def refusals(stack: LocalStack) -> float:
    return figure(await read_metrics(stack, "transfer"), REFUSED, topic=DECIDED, outcome="refused")


@pytest.fixture
async def parked_before(pipeline: LocalStack, databases: Databases) -> AsyncGenerator[int, None]:
    """Yield the id of the last parked record; after the test, transfer has counted a refusal for its alarm."""
    counted = await refusals(pipeline)
    yield await last_parked(databases)
    assert await refusals(pipeline) > counted


async def test_attack_76_a_row_inserted_as_triages_own_role_has_no_effect_and_gets_no_signature(
    pipeline: LocalStack, databases: Databases, parked_before: int
) -> None:
    event = a_decision()
    await insert_as(pipeline, "triage", to_row(event))
    assert await until_refused(databases, event.record_ref, parked_before) == ["unsigned_event"]
    assert tuple(await databases["triage"].fetchrow(SIGNATURES, event.event_id) or ()) == (None, None)


async def test_attack_76_a_row_with_a_signature_taken_from_another_has_no_effect(
    pipeline: LocalStack, databases: Databases, parked_before: int
) -> None:
    event, genuine = a_decision(), stack_signed(pipeline, a_decision())
    await insert_as(pipeline, "triage", replace(to_row(event), signer=genuine.signer, signature=genuine.signature))
    assert await until_refused(databases, event.record_ref, parked_before) == ["wrong_signature"]


async def test_attack_76_a_row_signed_by_the_desk_is_no_decision(
    pipeline: LocalStack, databases: Databases, parked_before: int
) -> None:
    event = a_decision()
    await insert_as(pipeline, "triage", stack_signed(pipeline, event, "desk"))
    assert await until_refused(databases, event.record_ref, parked_before) == ["signer_not_allowed"]


@pytest.mark.parametrize("how", FORGERIES)
async def test_attack_76_a_record_that_the_kafka_administrator_writes_has_no_effect(
    pipeline: LocalStack, databases: Databases, parked_before: int, how: str
) -> None:
    event, record, code = a_forgery(pipeline, how)
    await write_as_admin(pipeline, DECIDED, *record)
    assert await until_refused(databases, event.record_ref, parked_before) == [code]


async def test_attack_76_a_genuine_record_replayed_to_another_topic_has_no_effect(
    pipeline: LocalStack, databases: Databases, parked_before: int
) -> None:
    event = CaseStatusChanged(
        event_id=uuid4(), occurred_at=datetime.now(UTC), status_token=uuid4(), status=SubmissionStatus.CLOSED
    )
    row = stack_signed(pipeline, event)
    await write_as_admin(pipeline, DECIDED, row.key, row.value, headers_for(row))
    assert await until_refused(databases, uuid4(), parked_before) == ["wrong_signature"]


async def accept(pipeline: LocalStack, databases: Databases, event: CaseDecided) -> None:
    await send_row(pipeline, stack_signed(pipeline, event))

    async def accepted() -> bool:
        return await is_accepted(databases, event.record_ref)

    await wait_for(accepted, "the genuine decision")


async def test_attack_76_a_genuine_record_replayed_unchanged_has_no_second_effect(
    pipeline: LocalStack, databases: Databases
) -> None:
    event, last = a_decision(), a_decision()
    await accept(pipeline, databases, event)
    row = stack_signed(pipeline, event)
    before = figure(await read_metrics(pipeline, "transfer"), REFUSED, topic=DECIDED, outcome="repeated")
    for _ in range(3):
        await write_as_admin(pipeline, DECIDED, row.key, row.value, headers_for(row))
    await accept(pipeline, databases, last)

    async def repeated() -> bool:
        now = figure(await read_metrics(pipeline, "transfer"), REFUSED, topic=DECIDED, outcome="repeated")
        return now >= before + 3

    await wait_for(repeated, "the repetitions")
    query = "SELECT count(*) FROM audit WHERE action = 'transfer_accepted' AND subject = $1"
    assert await databases["transfer"].fetchval(query, str(event.record_ref)) == 1


async def test_attack_76_a_forged_record_that_an_operator_replays_stays_parked(
    pipeline: LocalStack, databases: Databases, parked_before: int
) -> None:
    event, record, code = a_forgery(pipeline, "without a signature")
    await write_as_admin(pipeline, DECIDED, *record)
    await until_refused(databases, event.record_ref, parked_before)
    (parked_id,) = await databases["transfer"].fetchrow("SELECT max(id)::text FROM parked") or ("",)
    place = ParkingPlace("transfer", pipeline.admin_dsn("transfer"), RECORDS)
    assert await ask_replay(place, parked_id, FROM_SAM) == 1
    query = "SELECT state, error, attempts FROM parked WHERE id::text = $1"

    async def parked_again() -> asyncpg.Record | None:
        row = await databases["transfer"].fetchrow(query, parked_id)
        return row if row and row["attempts"] == 2 else None

    assert tuple(await wait_for(parked_again, "the second refusal") or ()) == ("parked", code, 2)
    assert not await is_accepted(databases, event.record_ref)


FLOOD = 2_000


async def test_attack_76_a_flood_of_forged_records_stops_no_genuine_one(
    pipeline: LocalStack, databases: Databases
) -> None:
    event = a_decision()
    counted = await refusals(pipeline)
    forged = [a_forgery(pipeline, "without a signature")[1] for _ in range(FLOOD)]
    await send_all(pipeline, DECIDED, forged, principal="admin")
    await accept(pipeline, databases, event)

    async def all_are_refused() -> bool:
        return await refusals(pipeline) >= counted + FLOOD

    await wait_for(all_are_refused, "the flood to be refused")
    assert await asyncio.to_thread(pipeline.is_ready, "transfer")
    figures = await read_metrics(pipeline, "transfer")
    assert figure(figures, "pipeline_parking_stopped", topic=DECIDED) == 0
    parked = "SELECT count(*) FROM parked WHERE error = 'unsigned_event' AND topic = $1"
    assert 0 < (await databases["transfer"].fetchval(parked, DECIDED) or 0) <= MOST_REFUSED
    left = "SELECT count(*) FROM audit WHERE action = 'refused_records_not_kept' AND subject = $1"
    assert await databases["transfer"].fetchval(left, DECIDED)
    await databases["transfer"].execute("UPDATE parked SET state = 'replayed' WHERE error = 'unsigned_event'")
