"""All SQL of submissions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from intake_service.submissions.domain import Accepted, Known, NewSubmission
from pipeline_shared.language.vocabulary import SubmissionStatus
from pipeline_shared.runtime.db import Connection

# A rival under the same key is waited for; a repetition within one statement loses to the first like any other.
ADD_SUBMISSIONS = """
INSERT INTO submission
    (submission_ref, agency_id, idempotency_hmac, body_hmac, receipt, status_ref, accepted_at, status_at)
SELECT submission_ref, agency_id, idempotency_hmac, body_hmac, receipt, status_ref, $7, $7
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[], $5::text[], $6::uuid[])
    AS new (submission_ref, agency_id, idempotency_hmac, body_hmac, receipt, status_ref)
ON CONFLICT (agency_id, idempotency_hmac) DO NOTHING
RETURNING submission_ref
"""


async def add_submissions(connection: Connection, rows: Sequence[NewSubmission], now: datetime) -> set[UUID]:
    """Store each submission whose key is not taken; return the references of those stored."""
    # Always in the same order: two instances with the same keys then wait for each other one way only.
    ordered = sorted(rows, key=lambda row: row.key)
    columns = [[getattr(row, name) for row in ordered] for name in NewSubmission.__slots__]
    stored = await connection.fetch(ADD_SUBMISSIONS, *columns, now)
    return {row["submission_ref"] for row in stored}


LIST_BY_KEYS = """
SELECT agency_id, idempotency_hmac, submission_ref, receipt, status, accepted_at, status_at, body_hmac
FROM submission JOIN unnest($1::uuid[], $2::bytea[]) AS wanted (agency_id, idempotency_hmac)
    USING (agency_id, idempotency_hmac)
"""


async def list_by_keys(connection: Connection, keys: Sequence[tuple[UUID, bytes]]) -> dict[tuple[UUID, bytes], Known]:
    """Return what is stored under agencies' idempotency keys."""
    rows = await connection.fetch(LIST_BY_KEYS, [agency for agency, _ in keys], [key for _, key in keys])
    return {(r["agency_id"], r["idempotency_hmac"]): Known(_accepted(r), r["body_hmac"]) for r in rows}


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
RETURNING submission.status, accepted_at
"""


async def mark_statuses(
    connection: Connection, statuses: Mapping[UUID, SubmissionStatus], now: datetime
) -> list[tuple[SubmissionStatus, datetime]]:
    """Move submissions on to their new statuses; return, for each moved, where it is and when it was accepted."""
    new = [str(status) for status in statuses.values()]
    rows = await connection.fetch(MARK_STATUSES, list(statuses), new, now)
    return [(SubmissionStatus(row["status"]), row["accepted_at"]) for row in rows]
