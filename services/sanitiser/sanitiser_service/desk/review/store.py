"""All SQL of the review: held submissions, and the decisions on them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_shared.runtime.db import Connection


@dataclass(frozen=True, slots=True)
class HeldSummary:
    """A held submission in the list."""

    submission_ref: UUID
    reasons: tuple[str, ...]
    state: str
    level: SafetyLevel
    held_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A held submission with its ciphertext."""

    submission_ref: UUID
    sealed: bytes
    reasons: tuple[str, ...]
    state: str
    version: int
    held_at: datetime


LIST_HELD = """
SELECT submission_ref, reasons, state, high, soon, held_at FROM held WHERE state <> 'released'
ORDER BY state DESC, high DESC, soon, held_at, submission_ref LIMIT $1 OFFSET $2
"""


async def list_held(connection: Connection, *, limit: int, offset: int) -> list[HeldSummary]:
    """Return a page of held submissions: waiting before kept; NOW, SOON, the rest; oldest first."""
    return [
        HeldSummary(row["submission_ref"], tuple(row["reasons"]), row["state"], _level(row), row["held_at"])
        for row in await connection.fetch(LIST_HELD, limit, offset)
    ]


def _level(row: asyncpg.Record) -> SafetyLevel:
    if row["soon"]:
        return SafetyLevel.SOON
    return SafetyLevel.NOW if row["high"] else SafetyLevel.ORDINARY


COUNT_HELD = "SELECT count(*) FROM held WHERE state <> 'released'"


async def count_held(connection: Connection) -> int:
    """Count the held submissions."""
    return int(await connection.fetchval(COUNT_HELD) or 0)


FIND_HELD = """
SELECT submission_ref, sealed, reasons, state, version, held_at
FROM held WHERE submission_ref = $1 AND state <> 'released'
"""


async def find_held(connection: Connection, submission_ref: UUID) -> Held | None:
    """Return a held submission, or None if it is unknown or released."""
    row = await connection.fetchrow(FIND_HELD, submission_ref)
    if row is None:
        return None
    return Held(
        submission_ref=row["submission_ref"],
        sealed=row["sealed"],
        reasons=tuple(row["reasons"]),
        state=row["state"],
        version=row["version"],
        held_at=row["held_at"],
    )


WAS_RELEASED = "SELECT EXISTS (SELECT FROM held WHERE submission_ref = $1 AND state = 'released')"


async def was_released(connection: Connection, submission_ref: UUID) -> bool:
    """Tell whether a held submission has been released."""
    return bool(await connection.fetchval(WAS_RELEASED, submission_ref))


DECIDE = """
UPDATE held SET state = $3, version = version + 1, decided_at = $4, decided_by = $5,
    sealed = CASE WHEN $3 = 'released' THEN NULL ELSE sealed END
WHERE submission_ref = $1 AND version = $2 AND state <> 'released'
RETURNING version
"""


async def mark_decided(
    connection: Connection, submission_ref: UUID, version: int, *, state: str, person: str, now: datetime
) -> bool:
    """Store a person's decision on the version they saw; return False if the version has changed."""
    return await connection.fetchval(DECIDE, submission_ref, version, state, now, person) is not None


MEASURE_HELD = """
SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(held_at)), 0)::float AS oldest
FROM held WHERE state = 'waiting'
"""


async def measure_held(connection: Connection) -> tuple[int, float]:
    """Return the number of undecided submissions, and the age of the oldest in seconds."""
    (row,) = await connection.fetch(MEASURE_HELD)
    return row["waiting"], row["oldest"]
