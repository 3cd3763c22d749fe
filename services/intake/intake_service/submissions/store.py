"""All SQL of submissions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from intake_service.submissions.domain import Accepted, CaseStatus, Known, NewSubmission
from pipeline_shared.language.vocabulary import SubmissionStatus
from pipeline_shared.runtime.db import Connection

# A concurrent insert with the same idempotency key is waited for. Of two equal keys in one statement, the first is
# stored.
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
    """Store each submission with a new idempotency key; return the references of those stored."""
    # A fixed order prevents deadlocks between two instances that store the same keys.
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
    """Return the stored submissions of agencies' idempotency keys."""
    rows = await connection.fetch(LIST_BY_KEYS, [agency for agency, _ in keys], [key for _, key in keys])
    return {(r["agency_id"], r["idempotency_hmac"]): Known(_accepted(r), r["body_hmac"]) for r in rows}


FIND_BY_RECEIPT = """
SELECT submission_ref, receipt, status, accepted_at, status_at FROM submission WHERE agency_id = $1 AND receipt = $2
"""


async def find_by_receipt(connection: Connection, agency_id: UUID, receipt: str) -> Accepted | None:
    """Return an agency's own submission, or None. Another agency's receipt gives None too."""
    row = await connection.fetchrow(FIND_BY_RECEIPT, agency_id, receipt)
    return _accepted(row) if row else None


def _accepted(row: asyncpg.Record) -> Accepted:
    return Accepted(
        row["submission_ref"], row["receipt"], SubmissionStatus(row["status"]), row["accepted_at"], row["status_at"]
    )


# An end stays, unless the case was reopened after it: a late "in assessment" must not reopen a closed submission.
MARK_STATUSES = """
UPDATE submission SET status = new.status, assessment = new.assessment, status_at = $4
FROM unnest($1::uuid[], $2::text[], $3::integer[]) AS new (status_ref, status, assessment)
WHERE submission.status_ref = new.status_ref AND (
    new.assessment > submission.assessment
    OR new.assessment = submission.assessment AND submission.status IN ('received', 'in_assessment'))
RETURNING submission.status, submission.assessment, accepted_at
"""


async def mark_statuses(
    connection: Connection, statuses: Mapping[UUID, CaseStatus], now: datetime
) -> list[tuple[CaseStatus, datetime]]:
    """Update the statuses of submissions; return, for each updated one, its status and its time of acceptance."""
    new = [str(case.status) for case in statuses.values()], [case.assessment for case in statuses.values()]
    rows = await connection.fetch(MARK_STATUSES, list(statuses), *new, now)
    return [(CaseStatus(SubmissionStatus(row["status"]), row["assessment"]), row["accepted_at"]) for row in rows]
