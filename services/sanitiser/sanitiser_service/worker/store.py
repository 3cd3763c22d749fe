"""All SQL of the sanitiser: the restricted store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pipeline_shared.runtime.db import Connection


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """Identity and original, sealed to the source desk."""

    source_ref: UUID
    submission_ref: UUID
    sealed: bytes


@dataclass(frozen=True, slots=True)
class NewHeld:
    """A submission to hold, still sealed to this service; `high` when somebody may be at risk in it."""

    submission_ref: UUID
    sealed: bytes
    reasons: tuple[str, ...]
    high: bool


@dataclass(frozen=True, slots=True)
class NewPreviewDue:
    """A flagged submission to preview, still sealed to this service; those of one `lane` take turns with others."""

    submission_ref: UUID
    sealed: bytes
    lane: int


@dataclass(frozen=True, slots=True)
class PreviewDue:
    """A flagged submission whose preview is due."""

    submission_ref: UUID
    sealed: bytes


@dataclass(frozen=True, slots=True)
class HeldSummary:
    """A held submission as the list shows it."""

    submission_ref: UUID
    reasons: tuple[str, ...]
    state: str
    high: bool
    held_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A held submission with its ciphertext."""

    submission_ref: UUID
    source_ref: UUID
    sealed: bytes
    reasons: tuple[str, ...]
    state: str
    version: int
    held_at: datetime


ADD_SOURCES = """
INSERT INTO source_record (source_ref, submission_ref, sealed, sealed_at)
SELECT source_ref, submission_ref, sealed, $4
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) AS new (source_ref, submission_ref, sealed)
"""


async def add_sources(connection: Connection, records: Sequence[SourceRecord], now: datetime) -> None:
    """Store what the source desk alone can open."""
    columns = [[getattr(record, name) for record in records] for name in SourceRecord.__slots__]
    await connection.execute(ADD_SOURCES, *columns, now)


# An array of arrays must be rectangular, so each row's reasons travel joined; a code holds no line break.
ADD_HELD = """
INSERT INTO held (submission_ref, sealed, reasons, high, held_at)
SELECT submission_ref, sealed, string_to_array(reasons, E'\\n'), high, $5
FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::boolean[]) AS new (submission_ref, sealed, reasons, high)
"""


async def add_held(connection: Connection, held: Sequence[NewHeld], now: datetime) -> None:
    """Hold submissions for a person."""
    await connection.execute(
        ADD_HELD,
        [item.submission_ref for item in held],
        [item.sealed for item in held],
        ["\n".join(item.reasons) for item in held],
        [item.high for item in held],
        now,
    )


LIST_HELD = """
SELECT submission_ref, reasons, state, high, held_at FROM held WHERE state <> 'released'
ORDER BY state DESC, high DESC, held_at, submission_ref LIMIT $1 OFFSET $2
"""


async def list_held(connection: Connection, *, limit: int, offset: int) -> list[HeldSummary]:
    """Return a page of what is held: what waits before what is kept, HIGH before the rest, the oldest first."""
    return [HeldSummary(**row) for row in await connection.fetch(LIST_HELD, limit, offset)]


COUNT_HELD = "SELECT count(*) FROM held WHERE state <> 'released'"


async def count_held(connection: Connection) -> int:
    """Return how many submissions are held."""
    return int(await connection.fetchval(COUNT_HELD) or 0)


FIND_HELD = """
SELECT submission_ref, source_ref, held.sealed, reasons, state, version, held_at
FROM held JOIN source_record USING (submission_ref) WHERE submission_ref = $1 AND state <> 'released'
"""


async def find_held(connection: Connection, submission_ref: UUID) -> Held | None:
    """Return a held submission that is not released."""
    row = await connection.fetchrow(FIND_HELD, submission_ref)
    if row is None:
        return None
    return Held(
        submission_ref=row["submission_ref"],
        source_ref=row["source_ref"],
        sealed=row["sealed"],
        reasons=tuple(row["reasons"]),
        state=row["state"],
        version=row["version"],
        held_at=row["held_at"],
    )


WAS_RELEASED = "SELECT EXISTS (SELECT FROM held WHERE submission_ref = $1 AND state = 'released')"


async def was_released(connection: Connection, submission_ref: UUID) -> bool:
    """Tell whether a submission was held once and has been released."""
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
    """Store a person's decision on the version they saw; return False when it is no longer that version."""
    return await connection.fetchval(DECIDE, submission_ref, version, state, now, person) is not None


MEASURE_HELD = """
SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(held_at)), 0)::float AS oldest
FROM held WHERE state = 'waiting'
"""


async def measure_held(connection: Connection) -> tuple[int, float]:
    """Return how many held submissions nobody has decided on, and the age of the oldest in seconds."""
    (row,) = await connection.fetch(MEASURE_HELD)
    return row["waiting"], row["oldest"]


ADD_PREVIEWS_DUE = """
INSERT INTO preview_due (submission_ref, sealed, lane)
SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bigint[]) ON CONFLICT DO NOTHING
"""


async def add_previews_due(connection: Connection, due: Sequence[NewPreviewDue]) -> None:
    """List submissions whose preview is due."""
    columns = [[getattr(one, name) for one in due] for name in NewPreviewDue.__slots__]
    await connection.execute(ADD_PREVIEWS_DUE, *columns)


# Round robin: each lane's first, then each lane's second, and within a lane the small ones first.
LIST_PREVIEWS_DUE = """
SELECT submission_ref, sealed
FROM (
    SELECT submission_ref, size, row_number() OVER (PARTITION BY lane ORDER BY size, listed_at) AS turn FROM preview_due
    ORDER BY turn, size LIMIT $1
) AS next JOIN preview_due USING (submission_ref)
ORDER BY turn, next.size
"""


async def list_previews_due(connection: Connection, limit: int) -> list[PreviewDue]:
    """Return those whose turn it is, in order."""
    return [PreviewDue(*row) for row in await connection.fetch(LIST_PREVIEWS_DUE, limit)]


REMOVE_PREVIEW_DUE = "DELETE FROM preview_due WHERE submission_ref = $1 RETURNING submission_ref"


async def remove_preview_due(connection: Connection, submission_ref: UUID) -> bool:
    """Take a submission off the list; return False when it was not on it any more."""
    return await connection.fetchval(REMOVE_PREVIEW_DUE, submission_ref) is not None
