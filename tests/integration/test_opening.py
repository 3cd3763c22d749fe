"""Every sealed record can be opened by each of its recipients, under its own reference, and by nobody else.

A column of bytes that is missing from the table here fails the first test: the author of a new store must say who can
open it.
"""

import os
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from pipeline_local.keys import ROLE_OF
from pipeline_local.stack import LocalStack
from pipeline_settings.processes import DATABASE_OF
from pipeline_shared.crypto.providers import FileKeys, lend_all
from pipeline_shared.crypto.sealing import Context, SealError, open_sealed, recipients_of
from pipeline_shared.language.events import SubmissionReceived
from pipeline_shared.language.restricted import RECEIVED_PURPOSE, SealedContent
from pipeline_shared.messaging.parking import ParkedRecord, Parking, Record
from pipeline_shared.messaging.topics import SERVICES
from pipeline_shared.runtime.errors import PermanentError
from sanitiser_service.open_submission import HELD_PURPOSE, OpenSubmission, PrivateKeys, open_held
from sanitiser_service.worker.keys import Keys
from tests.support.intake import add_agency, open_frontend
from tests.support.journey import Databases, hold_submission, submission_of, submit
from tests.support.kafka import read_all, send
from tests.support.waiting import wait_for

BYTES = """
    SELECT table_name || '.' || column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type = 'bytea' ORDER BY 1
"""
TOLD = "Lee Hargreaves at 31 Garnet Street has visitors until three in the morning."
HELD = "A white van stands outside number 31. Mags has seen it."


@dataclass(frozen=True, slots=True)
class Store:
    """A column of sealed content: its binding, the keys that open it, and how to read the opened content."""

    column: str
    rows: str
    purpose: str
    recipients: tuple[str, ...]
    read: Callable[[bytes], SealedContent]


STORES = (
    Store(
        "source_record.sealed",
        "SELECT source_ref, sealed FROM source_record WHERE submission_ref = $1",
        "source.record",
        ("source-desk-1", "escrow-1"),
        SealedContent.model_validate_json,
    ),
    Store(
        "held.sealed",
        "SELECT submission_ref, sealed FROM held WHERE submission_ref = $1",
        "held.submission",
        ("desk-1",),
        lambda content: OpenSubmission.model_validate_json(content).content,
    ),
)
KEPT = "SELECT source_ref FROM source_record WHERE submission_ref = $1"
PARKED = "parked.sealed"
# Digests are never opened. Only a site opens what is sealed with its session key: see test_signing_in and
# test_kept_forms. Records on their way are opened by the next step in every other test.
OTHERS = {
    "agency_key.secret_hmac",
    "outbox.signature",
    "outbox.value",
    "parked.digest",
    "preview_due.sealed",
    "kept_form.sealed",
    "session.facts",
    "session.proof",
    "session.token_hash",
    "session.tokens",
    "submission.body_hmac",
    "submission.idempotency_hmac",
    "transfer.envelope",
}


@pytest.fixture(scope="module")
async def admin(stack: LocalStack) -> AsyncGenerator[Databases, None]:
    """Open an administrator's connection to each database, with intake and the sanitiser running."""
    stack.start_services(("intake", "sanitiser"))
    databases = {name: await asyncpg.connect(stack.admin_dsn(name)) for name in DATABASE_OF.values()}
    yield databases
    for connection in databases.values():
        await connection.close()


@pytest.fixture(scope="module")
async def kept(stack: LocalStack, admin: Databases) -> AsyncGenerator[dict[UUID, str], None]:
    """Submit one form that goes onward and one that is held; return their content by reference."""
    frontend = open_frontend(stack, await add_agency(stack, f"Agency {uuid4()}"))
    first = await submission_of(admin, await submit(frontend, narrative=TOLD))
    _, second = await hold_submission(frontend, admin, narrative=HELD)

    async def is_kept() -> UUID | None:
        return await admin["restricted"].fetchval(KEPT, first)

    await wait_for(is_kept, "the source's record")
    yield {first: TOLD, second: HELD}
    await frontend.session.close()


async def test_every_column_of_bytes_says_whether_and_by_whom_it_can_be_opened(admin: Databases) -> None:
    found = {column for connection in admin.values() for (column,) in await connection.fetch(BYTES)}
    assert found == {store.column for store in STORES} | {PARKED} | OTHERS


@pytest.mark.parametrize("store", STORES, ids=lambda store: store.column)
async def test_each_recipient_opens_what_is_kept_under_its_own_reference_and_nobody_else_does(
    stack: LocalStack, admin: Databases, kept: dict[UUID, str], store: Store
) -> None:
    keys = lend_all(FileKeys([stack.home.keys / f"{kid}.key" for kid in ROLE_OF])).private
    rows = [(told, row) for ref, told in kept.items() for row in await admin["restricted"].fetch(store.rows, ref)]
    assert rows
    for told, (record, sealed) in rows:
        assert recipients_of(sealed) == store.recipients
        for kid, key in keys.items():
            own = Context(store.purpose, record)
            if kid in store.recipients:
                content = store.read(open_sealed(sealed, own, {kid: key}))
                assert content.submission.narrative.startswith(told)  # the canary token follows
                places = (Context(store.purpose, uuid4()), Context("some.other.purpose", record))
            else:
                places = (own,)
            for place in places:
                with pytest.raises(SealError):
                    open_sealed(sealed, place, {kid: key})


@pytest.fixture
def own_keys(stack: LocalStack) -> Mapping[str, PrivateKeys]:
    """The private keys that each of the sanitiser's processes is given."""
    given = {name: stack.program(name).environment[f"{name.upper()}_PRIVATE_KEYS"] for name in ("sanitiser", "desk")}
    return {
        name: lend_all(FileKeys([Path(file) for file in files.split(os.pathsep)])).private
        for name, files in given.items()
    }


async def test_neither_of_the_sanitisers_processes_opens_what_is_for_the_other(
    stack: LocalStack, admin: Databases, kept: dict[UUID, str], own_keys: Mapping[str, PrivateKeys]
) -> None:
    worker, desk = own_keys["sanitiser"], own_keys["desk"]
    assert not worker.keys() & desk.keys()
    (ref,) = (ref for ref, told in kept.items() if told == HELD)
    topic = "submission.received.v1"
    raw = next(record.value or b"" for record in await read_all(stack, topic) if record.key == ref.bytes)
    received = SubmissionReceived.model_validate_json(raw).sealed
    (held,) = await admin["restricted"].fetchrow("SELECT sealed FROM held WHERE submission_ref = $1", ref) or (b"",)
    assert recipients_of(received) == tuple(worker)  # no other key opens the sealed submission
    assert Keys(worker).open(ref, received) == open_held(ref, held, desk).content
    for keys in (worker, desk, {**worker, **desk}):
        for purpose, sealed in ((HELD_PURPOSE, received), (RECEIVED_PURPOSE, held)):
            with pytest.raises(SealError):  # also with both keys: neither is taken for the other
                open_sealed(sealed, Context(purpose, ref), keys)
    for keys, purpose, sealed in ((desk, RECEIVED_PURPOSE, received), (worker, HELD_PURPOSE, held)):
        with pytest.raises(SealError):
            open_sealed(sealed, Context(purpose, ref), keys)


@pytest.mark.parametrize("service", SERVICES)
async def test_what_a_service_parks_it_alone_opens_and_only_at_its_place(
    stack: LocalStack, admin: Databases, service: str
) -> None:
    parking = Parking(stack.keys.parking[service])
    for n, other in enumerate(SERVICES):
        value = f"{service} {other}".encode()
        sealed = parking.seal(Record("a.topic.v1", n, 7, 0, 0, b"key", value, None, 3, len(value), (("n", b"v"),)))
        record = ParkedRecord(n, service, "a.topic.v1", n, 7, sealed)
        opened_again = parking.open(record)
        assert (opened_again.key, opened_again.value, opened_again.headers) == (b"key", value, (("n", b"v"),))
        elsewhere = ParkedRecord(n, service, "a.topic.v1", n, 8, record.sealed)
        for opener, moved in ((parking, elsewhere), (Parking(stack.keys.parking[other]), record)):
            if opener is parking or other != service:
                with pytest.raises(PermanentError):
                    opener.open(moved)
    _ = admin


async def test_a_record_that_is_parked_opens_at_its_place_with_its_services_key(
    stack: LocalStack, admin: Databases
) -> None:
    value, topic = f"not an event {uuid4()}".encode(), "submission.received.v1"
    partition, offset = await send(stack, topic, uuid4(), value, principal="intake")
    query = """
        SELECT id, consumer, topic, partition, kafka_offset AS "offset", sealed FROM parked
        WHERE topic = $1 AND partition = $2 AND kafka_offset = $3
    """

    async def parked() -> asyncpg.Record | None:
        return await admin["restricted"].fetchrow(query, topic, partition, offset)

    row = await wait_for(parked, "the parked record")
    assert row
    assert Parking(stack.keys.parking["sanitiser"]).open(ParkedRecord(**row)).value == value
