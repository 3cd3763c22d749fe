"""All SQL of transfer. Only the database clock decides about leases and due times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pipeline_shared.runtime.db import Connection
from transfer_service.domain import Confirm, Park, Transfer, Wait


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """A decided record that is accepted for transfer."""

    record_ref: UUID
    case_id: UUID
    envelope_version: str
    envelope: bytes
    digest: str
    decided_at: datetime


ADD_TRANSFERS = """
INSERT INTO transfer (record_ref, case_id, envelope_version, envelope, digest, decided_at, in_doubt)
SELECT new.*, coalesce(new.decided_at <= (SELECT max(at) FROM restored), false)
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::text[], $6::timestamptz[])
    AS new (record_ref, case_id, envelope_version, envelope, digest, decided_at)
"""


async def add_transfers(connection: Connection, transfers: Sequence[NewTransfer]) -> None:
    """Store new transfers, due at once. Those decided before a restore are in doubt: they may have been sent."""
    columns = [[getattr(transfer, name) for transfer in transfers] for name in NewTransfer.__slots__]
    await connection.execute(ADD_TRANSFERS, *columns)


# A claim puts a transfer in doubt, because it may be sent from here on. The row must say so before the request is sent.
CLAIM_DUE = """
UPDATE transfer SET lease = $1, due_at = now() + $2, in_doubt = true, attempts = transfer.attempts + 1
FROM (
    SELECT record_ref, in_doubt, lease IS NOT NULL AS abandoned
    FROM transfer WHERE state = 'waiting' AND due_at <= now()
    ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
) AS due
WHERE transfer.record_ref = due.record_ref
RETURNING transfer.record_ref, case_id, digest, envelope, attempts, due.in_doubt, decided_at, unclear,
    due.abandoned
"""


async def claim_due(connection: Connection, lease: UUID, *, lasting: timedelta, limit: int) -> list[Transfer]:
    """Claim due transfers for the time `lasting`; return each with its `in_doubt` from before the claim."""
    return [Transfer(**row) for row in await connection.fetch(CLAIM_DUE, lease, lasting, limit)]


MARK_CONFIRMED = """
UPDATE transfer
SET state = 'confirmed', police_reference = new.reference, envelope = NULL, settled_at = now(),
    in_doubt = false, lease = NULL, error = NULL
FROM unnest($2::uuid[], $3::text[]) AS new (record_ref, reference)
WHERE transfer.record_ref = new.record_ref AND transfer.lease = $1 AND transfer.state = 'waiting'
RETURNING transfer.record_ref
"""


async def mark_confirmed(
    connection: Connection, lease: UUID, outcomes: Sequence[tuple[Transfer, Confirm]]
) -> set[UUID]:
    """Store receipts; return the records with a lease that was still ours."""
    refs, references = [t.record_ref for t, _ in outcomes], [confirm.reference for _, confirm in outcomes]
    rows = await connection.fetch(MARK_CONFIRMED, lease, refs, references)
    return {row["record_ref"] for row in rows}


MARK_PARKED = """
UPDATE transfer SET state = 'parked', settled_at = now(), error = new.error, in_doubt = true, lease = NULL
FROM unnest($2::uuid[], $3::text[]) AS new (record_ref, error)
WHERE transfer.record_ref = new.record_ref AND transfer.lease = $1 AND transfer.state = 'waiting'
RETURNING transfer.record_ref
"""


async def mark_parked(connection: Connection, lease: UUID, outcomes: Sequence[tuple[Transfer, Park]]) -> set[UUID]:
    """Park transfers; return the records with a lease that was still ours."""
    refs, codes = [t.record_ref for t, _ in outcomes], [park.code for _, park in outcomes]
    rows = await connection.fetch(MARK_PARKED, lease, refs, codes)
    return {row["record_ref"] for row in rows}


# Half of each delay is random (jitter), so that records that failed together are not all retried together.
MARK_WAITING = """
UPDATE transfer
SET due_at = now() + new.delay * (0.5 + random() / 2), in_doubt = new.in_doubt, error = new.error, lease = NULL,
    unclear = unclear + new.counts::integer
FROM unnest($2::uuid[], $3::interval[], $4::boolean[], $5::text[], $6::boolean[])
    AS new (record_ref, delay, in_doubt, error, counts)
WHERE transfer.record_ref = new.record_ref AND transfer.lease = $1 AND transfer.state = 'waiting'
"""


async def mark_waiting(connection: Connection, lease: UUID, outcomes: Sequence[tuple[Transfer, Wait]]) -> None:
    """Release claims; each transfer is due again after its delay."""
    refs, waits = [t.record_ref for t, _ in outcomes], [wait for _, wait in outcomes]
    columns = [[getattr(wait, name) for wait in waits] for name in ("delay", "in_doubt", "code", "counts")]
    await connection.execute(MARK_WAITING, lease, refs, *columns)


COUNT_OPEN = """
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'parked') AS parked,
    coalesce(extract(epoch FROM now() - min(decided_at) FILTER (WHERE state = 'waiting')), 0)::float AS oldest_seconds
FROM transfer WHERE state IN ('waiting', 'parked')
"""


@dataclass(frozen=True, slots=True)
class OpenTransfers:
    """The counts of waiting and parked transfers, and the age of the oldest waiting one."""

    waiting: int
    parked: int
    oldest_seconds: float


async def count_open(connection: Connection) -> OpenTransfers:
    """Return the counts of transfers that are not confirmed."""
    (row,) = await connection.fetch(COUNT_OPEN)
    return OpenTransfers(**row)
