"""All SQL of intake."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg

from intake_service.agencies import KnownAgency, UnusableAgencyError
from intake_service.domain import Accepted, Known, NewSubmission
from intake_service.limits import Limit
from pipeline_shared.contracts import SubmissionStatus
from pipeline_shared.db import Connection
from pipeline_shared.submission import Agency, AgencyCategory

FIND_AGENCY = """
SELECT agency_id, name, category, prefix, secret_hmac,
       agency.per_minute, agency.burst, agency_key.per_minute AS key_per_minute, agency_key.burst AS key_burst
FROM agency_key JOIN agency USING (agency_id)
WHERE prefix = $1 AND revoked_at IS NULL AND enabled
"""


async def find_agency(connection: Connection, prefix: str, otherwise: Limit) -> KnownAgency | None:
    """Return the agency whose key has this prefix, if the key is in force; raise UnusableAgencyError.

    `otherwise` limits an agency whose entry does not say how much it may send; a key that does not, its agency's limit.
    """
    row = await connection.fetchrow(FIND_AGENCY, prefix)
    if not row:
        return None
    try:
        agency = Agency(name=row["name"], category=AgencyCategory(row["category"]))
    except ValueError:
        raise UnusableAgencyError from None
    limit = Limit(row["per_minute"], row["burst"]) if row["burst"] else otherwise
    key_limit = Limit(row["key_per_minute"], row["key_burst"]) if row["key_burst"] else limit
    return KnownAgency(row["agency_id"], agency, row["prefix"], row["secret_hmac"], limit, key_limit)


LIST_PREFIXES = """
SELECT prefix FROM agency_key JOIN agency USING (agency_id) WHERE revoked_at IS NULL AND enabled
"""


async def list_prefixes(connection: Connection) -> frozenset[str]:
    """Return the prefixes of all keys in force."""
    return frozenset(row["prefix"] for row in await connection.fetch(LIST_PREFIXES))


class WantedTokens(NamedTuple):
    """Tokens of one bucket, as the time they take to come back, and the time in which the whole bucket fills."""

    holder: str
    cost: timedelta
    depth: timedelta


class TakenTokens(NamedTuple):
    """Whether tokens were taken, and in how many seconds each bucket will be full."""

    is_allowed: bool
    key_full_in: float
    agency_full_in: float


# All or nothing but for one thing: what the agency's bucket does not have, its key's has lost already. An instance that
# waited for another's row finds what that one left.
TAKE_TOKENS = """
WITH of_key AS (
    INSERT INTO rate_bucket AS b (holder, full_at) VALUES ($1, now() + $2::interval)
    ON CONFLICT (holder) DO UPDATE SET full_at = greatest(b.full_at, now()) + $2::interval
    WHERE greatest(b.full_at, now()) + $2::interval <= now() + $3::interval
    RETURNING full_at),
of_agency AS (
    INSERT INTO rate_bucket AS b (holder, full_at) SELECT $4, now() + $5::interval FROM of_key
    ON CONFLICT (holder) DO UPDATE SET full_at = greatest(b.full_at, now()) + $5::interval
    WHERE greatest(b.full_at, now()) + $5::interval <= now() + $6::interval
    RETURNING full_at),
known AS (SELECT holder, full_at FROM rate_bucket WHERE holder IN ($1, $4))
SELECT EXISTS (SELECT FROM of_agency) AS is_allowed,
       extract(epoch FROM coalesce(
           (SELECT full_at FROM of_key), (SELECT full_at FROM known WHERE holder = $1), now()) - now())::float
           AS key_full_in,
       extract(epoch FROM coalesce(
           (SELECT full_at FROM of_agency), (SELECT full_at FROM known WHERE holder = $4), now()) - now())::float
           AS agency_full_in
"""


async def take_tokens(connection: Connection, of_key: WantedTokens, of_agency: WantedTokens) -> TakenTokens:
    """Take tokens of a key's bucket and of its agency's, if both have them."""
    row = await connection.fetchrow(TAKE_TOKENS, *of_key, *of_agency)
    return TakenTokens(*row) if row else TakenTokens(is_allowed=False, key_full_in=0.0, agency_full_in=0.0)


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


REMEMBER_BUNDLE = """
INSERT INTO key_bundle (version) VALUES ($1)
ON CONFLICT (only_row) DO UPDATE SET version = greatest(key_bundle.version, excluded.version)
RETURNING version
"""


async def remember_bundle(connection: Connection, version: int) -> int:
    """Return the newest bundle version ever used, this one included."""
    return int(await connection.fetchval(REMEMBER_BUNDLE, version) or 0)
