"""All SQL of due previews."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_shared.runtime.db import Connection


@dataclass(frozen=True, slots=True)
class NewPreviewDue:
    """A flagged submission to preview, still sealed to the worker. NOW comes first; within a level lanes take turns."""

    submission_ref: UUID
    sealed: bytes
    lane: int
    level: SafetyLevel


@dataclass(frozen=True, slots=True)
class PreviewDue:
    """A flagged submission that still needs its preview."""

    submission_ref: UUID
    sealed: bytes
    level: SafetyLevel


ADD_PREVIEWS_DUE = """
INSERT INTO preview_due (submission_ref, sealed, lane, level)
SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bigint[], $4::text[]) ON CONFLICT DO NOTHING
"""


async def add_previews_due(connection: Connection, due: Sequence[NewPreviewDue]) -> None:
    """Add submissions to the list of due previews."""
    columns = [[getattr(one, name) for one in due] for name in NewPreviewDue.__slots__]
    await connection.execute(ADD_PREVIEWS_DUE, *columns)


# NOW before SOON. In each level round robin: the first of each lane, then the second; in a lane small ones come first.
LIST_PREVIEWS_DUE = """
SELECT submission_ref, sealed, preview_due.level
FROM (
    SELECT submission_ref, size, level = 'soon' AS is_soon,
        row_number() OVER (PARTITION BY level, lane ORDER BY size, listed_at) AS turn FROM preview_due
    ORDER BY is_soon, turn, size LIMIT $1
) AS next JOIN preview_due USING (submission_ref)
ORDER BY is_soon, turn, next.size
"""


async def list_previews_due(connection: Connection, limit: int) -> list[PreviewDue]:
    """Return the next submissions to preview, in order."""
    rows = await connection.fetch(LIST_PREVIEWS_DUE, limit)
    return [PreviewDue(row["submission_ref"], row["sealed"], SafetyLevel(row["level"])) for row in rows]


REMOVE_PREVIEW_DUE = "DELETE FROM preview_due WHERE submission_ref = $1 RETURNING submission_ref"


async def remove_preview_due(connection: Connection, submission_ref: UUID) -> bool:
    """Remove a submission from the list; return False if it was not on the list."""
    return await connection.fetchval(REMOVE_PREVIEW_DUE, submission_ref) is not None
