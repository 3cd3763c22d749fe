"""An attacker with a database role of triage, or with the Kafka administrator's password."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg

from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import CaseDecided
from pipeline_shared.messaging import outbox
from pipeline_shared.messaging.cloud_events import Headers
from pipeline_shared.messaging.outbox import OutboxRow, to_row
from tests.support.journey import Databases
from tests.support.kafka import send
from tests.support.signing import a_signer, headers_for, signed, stack_signed, stack_signer
from tests.support.transfers import OFFICER, a_decision
from tests.support.waiting import wait_for

DECIDED = "case.decided.v1"
ANOTHER = "person:00000000-0000-0000-0000-000000000001"


async def insert_as(stack: LocalStack, process: str, row: OutboxRow) -> None:
    """Insert a row into the outbox as the role of a process."""
    connection = await asyncpg.connect(stack.app_dsn(process))
    try:
        await outbox.add(connection, [row])
    finally:
        await connection.close()


async def until_refused(databases: Databases, record_ref: UUID, before: int) -> list[str]:
    """Return the codes of transfer's newly parked records once there is one; no record of the decision may exist."""

    async def codes() -> list[str]:
        rows = await databases["transfer"].fetch("SELECT error FROM parked WHERE id > $1 ORDER BY id", before)
        return [row["error"] for row in rows]

    found = await wait_for(codes, "the parked record")
    assert await is_accepted(databases, record_ref) is False
    return found


async def last_parked(databases: Databases) -> int:
    """Return the id of the last record that transfer has parked."""
    return await databases["transfer"].fetchval("SELECT coalesce(max(id), 0) FROM parked") or 0


async def is_accepted(databases: Databases, record_ref: UUID) -> bool:
    """Tell whether a record is to be sent, or was sent, to the police system."""
    query = "SELECT count(*) FROM transfer WHERE record_ref = $1"
    return bool(await databases["transfer"].fetchval(query, record_ref))


Forgery = Callable[[LocalStack, CaseDecided], tuple[UUID, bytes, Headers]]


def _unsigned(_stack: LocalStack, event: CaseDecided) -> tuple[UUID, bytes, Headers]:
    row = to_row(event)
    return row.key, row.value, headers_for(row)


def _under_another_producer(stack: LocalStack, event: CaseDecided) -> tuple[UUID, bytes, Headers]:
    row = stack_signed(stack, event, "intake")
    return row.key, row.value, headers_for(row)


def _under_an_unknown_key(_stack: LocalStack, event: CaseDecided) -> tuple[UUID, bytes, Headers]:
    row = signed(event, a_signer("forger"))
    return row.key, row.value, headers_for(row)


def _under_a_stolen_name(stack: LocalStack, event: CaseDecided) -> tuple[UUID, bytes, Headers]:
    row = signed(event, replace(a_signer("forger"), kid=stack_signer(stack, "triage").kid))
    return row.key, row.value, headers_for(row)


def _with_another_key(stack: LocalStack, event: CaseDecided) -> tuple[UUID, bytes, Headers]:
    row = stack_signed(stack, event)
    return uuid4(), row.value, headers_for(row)


def _with_another_value(stack: LocalStack, event: CaseDecided) -> tuple[UUID, bytes, Headers]:
    row = stack_signed(stack, event)
    return row.key, row.value.replace(OFFICER.encode(), ANOTHER.encode()), headers_for(row)


def _with_another_time(stack: LocalStack, event: CaseDecided) -> tuple[UUID, bytes, Headers]:
    row = stack_signed(stack, event)
    headers = [(name, b"2020-01-01T00:00:00Z" if name == "ce_time" else value) for name, value in headers_for(row)]
    return row.key, row.value, headers


def _with_another_header(stack: LocalStack, event: CaseDecided) -> tuple[UUID, bytes, Headers]:
    row = stack_signed(stack, event)
    return row.key, row.value, [("ce_extra", b"1"), *headers_for(row)]


FORGERIES: Mapping[str, tuple[Forgery, str]] = {
    "without a signature": (_unsigned, "unsigned_event"),
    "with the key of another producer": (_under_another_producer, "signer_not_allowed"),
    "with a key that is in no bundle": (_under_an_unknown_key, "unknown_signer"),
    "with another key under triage's key id": (_under_a_stolen_name, "wrong_signature"),
    "with a changed Kafka key": (_with_another_key, "wrong_signature"),
    "with a changed value": (_with_another_value, "wrong_signature"),
    "with a changed time": (_with_another_time, "wrong_signature"),
    "with one more header": (_with_another_header, "wrong_signature"),
}


async def write_as_admin(stack: LocalStack, topic: str, key: UUID, value: bytes, headers: Headers) -> tuple[int, int]:
    """Write a record as the administrator of Kafka; return partition and offset."""
    return await send(stack, topic, key, value, principal="admin", headers=headers)


def a_forgery(stack: LocalStack, how: str) -> tuple[CaseDecided, tuple[UUID, bytes, Headers], str]:
    """Return a decision that no officer made, its record, and the code with which it must be refused."""
    forgery, code = FORGERIES[how]
    event = a_decision()
    return event, forgery(stack, event), code
