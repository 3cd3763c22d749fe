"""All SQL of safety flags."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from pipeline_shared.language.events import FlagLevel, SafetyPreview
from pipeline_shared.language.vocabulary import SafetyLevel, SafetyReason
from pipeline_shared.runtime.db import Connection
from triage_service.flags.domain import FLAG_LEVELS, FlagCount, SafetyFlag, Takeover


class FlagNotFoundError(LookupError):
    """There is no such flag."""


# The reasons of each flag are joined to one text, because an array of arrays must be rectangular.
ADD_FLAGS = """
INSERT INTO safety_flag (flag_id, reasons, preview, flagged_at, level, model)
SELECT flag_id, string_to_array(reasons, ' '), preview, flagged_at, level, model
FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::timestamptz[], $5::text[], $6::text[])
    AS new (flag_id, reasons, preview, flagged_at, level, model)
ON CONFLICT DO NOTHING
"""


async def add_flags(connection: Connection, flags: Sequence[SafetyFlag]) -> None:
    """Add open flags. A known flag stays unchanged."""
    await connection.execute(
        ADD_FLAGS,
        [flag.flag_id for flag in flags],
        [" ".join(flag.reasons) for flag in flags],
        [flag.preview.model_dump_json() for flag in flags],
        [flag.flagged_at for flag in flags],
        [flag.level.value for flag in flags],
        [flag.model for flag in flags],
    )


ADD_PREVIEWS = """
INSERT INTO safety_preview (flag_id, preview) SELECT * FROM unnest($1::uuid[], $2::jsonb[])
ON CONFLICT DO NOTHING
"""


async def add_previews(connection: Connection, previews: Mapping[UUID, SafetyPreview]) -> None:
    """Add previews by the ids of their flags. The first preview of a flag stays."""
    texts = [preview.model_dump_json() for preview in previews.values()]
    await connection.execute(ADD_PREVIEWS, list(previews), texts)


SELECT_FLAGS = """
SELECT flag_id, safety_flag.level, reasons, model, coalesce(safety_preview.preview, safety_flag.preview) AS preview,
       safety_preview.preview IS NOT NULL AS is_previewed,
       flagged_at, acknowledged_by, acknowledged_at, case_id, settled AS is_settled
FROM safety_flag LEFT JOIN safety_preview USING (flag_id) LEFT JOIN triage_case USING (flag_id)
"""
IN_ORDER = "ORDER BY (safety_flag.level = 'soon'), (acknowledged_at IS NOT NULL), flagged_at, flag_id"
LIST_FLAGS = f"{SELECT_FLAGS} WHERE NOT settled {IN_ORDER} LIMIT $1 OFFSET $2"


async def list_flags(connection: Connection, *, limit: int, offset: int) -> list[SafetyFlag]:
    """Return the flags of undecided cases: NOW, then SOON; in each open ones, then owned ones, each oldest first."""
    return [_flag(row) for row in await connection.fetch(LIST_FLAGS, limit, offset)]


LIST_FIRST = f"{SELECT_FLAGS} WHERE NOT settled AND (safety_flag.level = 'soon') = $1 {IN_ORDER} LIMIT $2"


async def list_first(connection: Connection, level: FlagLevel, *, limit: int) -> list[SafetyFlag]:
    """Return the first flags of a level, in the same order."""
    return [_flag(row) for row in await connection.fetch(LIST_FIRST, level is SafetyLevel.SOON, limit)]


COUNT_FLAGS = """
SELECT level, count(*) FILTER (WHERE acknowledged_at IS NULL) AS open,
       count(*) FILTER (WHERE acknowledged_at IS NOT NULL) AS owned
FROM safety_flag WHERE NOT settled GROUP BY level
"""


async def count_flags(connection: Connection) -> dict[FlagLevel, FlagCount]:
    """Return how many flags of each level are listed."""
    counted = {row["level"]: FlagCount(row["open"], row["owned"]) for row in await connection.fetch(COUNT_FLAGS)}
    return {level: counted.get(level, FlagCount()) for level in FLAG_LEVELS}


MEASURE_OPEN = """
SELECT count(*) AS waiting, coalesce(now() - min(flagged_at), interval '0') AS oldest
FROM safety_flag WHERE NOT settled AND acknowledged_at IS NULL AND (level = 'soon') = $1
"""


async def measure_open(connection: Connection, level: FlagLevel) -> tuple[int, timedelta]:
    """Return how many flags of a level are open, and the age of the oldest."""
    (row,) = await connection.fetch(MEASURE_OPEN, level is SafetyLevel.SOON)
    return row["waiting"], row["oldest"]


GET_FLAG = f"{SELECT_FLAGS} WHERE flag_id = $1"


async def get_flag(connection: Connection, flag_id: UUID) -> SafetyFlag:
    """Return a flag; raise FlagNotFoundError."""
    row = await connection.fetchrow(GET_FLAG, flag_id)
    if row is None:
        raise FlagNotFoundError
    return _flag(row)


async def find_owner(connection: Connection, flag_id: UUID) -> str | None:
    """Return the id of a flag's owner, or None without one."""
    return await connection.fetchval("SELECT acknowledged_by FROM safety_flag WHERE flag_id = $1", flag_id)


MARK_ACKNOWLEDGED = """
UPDATE safety_flag SET acknowledged_by = $2, acknowledged_at = $3,
    settled = EXISTS (SELECT FROM triage_case WHERE triage_case.flag_id = $1 AND state <> 'waiting')
WHERE flag_id = $1 AND acknowledged_at IS NULL RETURNING flag_id
"""


async def mark_acknowledged(connection: Connection, flag_id: UUID, *, person_id: str, now: datetime) -> bool:
    """Make a person the owner of a flag; return False when it has an owner already."""
    return await connection.fetchval(MARK_ACKNOWLEDGED, flag_id, person_id, now) is not None


# Only the time of the person's act stays exact: the minute of the submission could be matched with other records
# (D-S6).
MARK_SETTLED = """
UPDATE safety_flag SET settled = true, acknowledged_by = coalesce(safety_flag.acknowledged_by, $2),
    acknowledged_at = coalesce(safety_flag.acknowledged_at, $3),
    flagged_at = date_trunc('day', flagged_at), arrived_at = date_trunc('day', arrived_at)
FROM (SELECT flag_id, acknowledged_by FROM safety_flag WHERE flag_id = $1 FOR UPDATE) AS before
WHERE safety_flag.flag_id = before.flag_id
RETURNING before.acknowledged_by IS NULL
"""


async def mark_settled(connection: Connection, flag_id: UUID | None, *, person_id: str, now: datetime) -> bool:
    """Close a flag because its case is decided; return whether this made the person its owner."""
    return bool(await connection.fetchval(MARK_SETTLED, flag_id, person_id, now))


async def mark_unsettled(connection: Connection, flag_id: UUID | None) -> None:
    """List a flag again because its case waits again."""
    await connection.execute("UPDATE safety_flag SET settled = false WHERE flag_id = $1", flag_id)


MARK_TAKEN_OVER = """
UPDATE safety_flag SET acknowledged_by = $3, acknowledged_at = $4
WHERE flag_id = $1 AND acknowledged_by = $2 AND acknowledged_by <> $3 AND NOT settled RETURNING flag_id
"""


async def mark_taken_over(
    connection: Connection, flag_id: UUID, *, seen_owner: str, person_id: str, now: datetime
) -> bool:
    """Make another person the owner of a flag; return False when it has another owner than expected."""
    return await connection.fetchval(MARK_TAKEN_OVER, flag_id, seen_owner, person_id, now) is not None


ADD_TAKEOVER = """
INSERT INTO flag_takeover (flag_id, taken_from, taken_by, reason, taken_at) VALUES ($1, $2, $3, $4, $5)
"""


async def add_takeover(
    connection: Connection, flag_id: UUID, *, taken_from: str, taken_by: str, reason: str, now: datetime
) -> None:
    """Store a change of owner with its reason."""
    await connection.execute(ADD_TAKEOVER, flag_id, taken_from, taken_by, reason, now)


LIST_TAKEOVERS = """
SELECT taken_from, taken_by, reason, taken_at FROM flag_takeover WHERE flag_id = $1 ORDER BY taken_at
"""


async def list_takeovers(connection: Connection, flag_id: UUID) -> tuple[Takeover, ...]:
    """Return the changes of a flag's owner, the last one last."""
    return tuple(Takeover(**row) for row in await connection.fetch(LIST_TAKEOVERS, flag_id))


def _flag(row: asyncpg.Record) -> SafetyFlag:
    values: dict[str, Any] = dict(row)
    values["level"] = SafetyLevel(row["level"])
    values["reasons"] = tuple(SafetyReason(reason) for reason in row["reasons"])
    values["preview"] = SafetyPreview.model_validate_json(row["preview"])
    return SafetyFlag(**values)
