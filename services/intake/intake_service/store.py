"""All SQL of intake."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import asyncpg

from intake_service.agencies import KnownAgency
from intake_service.domain import Accepted, Known
from pipeline_shared.contracts import SubmissionStatus
from pipeline_shared.db import Connection
from pipeline_shared.submission import Agency, AgencyCategory

FIND_AGENCY = """
SELECT agency_id, name, category, secret_hmac FROM agency_key JOIN agency USING (agency_id)
WHERE prefix = $1 AND revoked_at IS NULL AND enabled
"""


async def find_agency(connection: Connection, prefix: str) -> KnownAgency | None:
    """Return the agency whose key has this prefix, if the key is in force."""
    row = await connection.fetchrow(FIND_AGENCY, prefix)
    if not row:
        return None
    agency = Agency(name=row["name"], category=AgencyCategory(row["category"]))
    return KnownAgency(row["agency_id"], agency, row["secret_hmac"])


ADD_SUBMISSION = """
INSERT INTO submission
    (submission_ref, agency_id, idempotency_hmac, body_hmac, receipt, status_ref, accepted_at, status_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
ON CONFLICT (agency_id, idempotency_hmac) DO NOTHING
RETURNING submission_ref
"""


async def add_submission(
    connection: Connection,
    submission_ref: UUID,
    *,
    agency_id: UUID,
    idempotency_hmac: bytes,
    body_hmac: bytes,
    receipt: str,
    status_ref: UUID,
    now: datetime,
) -> bool:
    """Store a submission unless its key is taken; return whether it was stored. Waits for a rival's commit."""
    values = (submission_ref, agency_id, idempotency_hmac, body_hmac, receipt, status_ref, now)
    return await connection.fetchval(ADD_SUBMISSION, *values) is not None


GET_BY_KEY = """
SELECT submission_ref, receipt, status, accepted_at, status_at, body_hmac
FROM submission WHERE agency_id = $1 AND idempotency_hmac = $2
"""


async def get_by_key(connection: Connection, agency_id: UUID, idempotency_hmac: bytes) -> Known:
    """Return what is stored under an idempotency key."""
    row = await connection.fetchrow(GET_BY_KEY, agency_id, idempotency_hmac)
    if row is None:
        raise LookupError
    return Known(_accepted(row), row["body_hmac"])


FIND_BY_RECEIPT = """
SELECT submission_ref, receipt, status, accepted_at, status_at FROM submission WHERE agency_id = $1 AND receipt = $2
"""


async def find_by_receipt(connection: Connection, agency_id: UUID, receipt: str) -> Accepted | None:
    """Return an agency's own submission, or None: another agency's looks the same as none."""
    row = await connection.fetchrow(FIND_BY_RECEIPT, agency_id, receipt)
    return _accepted(row) if row else None


def _accepted(row: asyncpg.Record) -> Accepted:
    return Accepted(
        row["submission_ref"], row["receipt"], SubmissionStatus(row["status"]), row["accepted_at"], row["status_at"]
    )


# An end status never moves: a late "in assessment" must not reopen what is closed.
MARK_STATUSES = """
UPDATE submission SET status = new.status, status_at = $3
FROM unnest($1::uuid[], $2::text[]) AS new (status_ref, status)
WHERE submission.status_ref = new.status_ref AND submission.status IN ('received', 'in_assessment')
"""


async def mark_statuses(connection: Connection, statuses: Mapping[UUID, SubmissionStatus], now: datetime) -> None:
    """Move submissions on to their new statuses."""
    await connection.execute(MARK_STATUSES, list(statuses), [str(status) for status in statuses.values()], now)


REMEMBER_BUNDLE = """
INSERT INTO key_bundle (version) VALUES ($1)
ON CONFLICT (only_row) DO UPDATE SET version = greatest(key_bundle.version, excluded.version)
RETURNING version
"""


async def remember_bundle(connection: Connection, version: int) -> int:
    """Return the newest bundle version ever used, this one included."""
    return int(await connection.fetchval(REMEMBER_BUNDLE, version) or 0)
