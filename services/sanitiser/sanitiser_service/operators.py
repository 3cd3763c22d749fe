"""SQL for operators: numbers of sanitised and held submissions, and the references of submissions on the open side.

Only the restricted store has those references, so only its administrator can follow a submission (D-S1).
"""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from pipeline_shared.audit.entries import Operator
from pipeline_shared.messaging.operators import StateCount
from pipeline_shared.runtime.db import Connection

COUNT_STATES = """
SELECT 'sanitised' AS state, count(*) AS number, NULL::float AS oldest FROM source_record s
WHERE NOT EXISTS (SELECT FROM held h WHERE h.submission_ref = s.submission_ref AND h.state <> 'released')
UNION ALL SELECT 'held', count(*), extract(epoch FROM now() - min(held_at))::float
FROM held WHERE state <> 'released'
"""


async def count_states(connection: Connection) -> list[StateCount]:
    """Return the number of sanitised submissions and of held ones, with the age of the oldest held one."""
    return [StateCount(**row) for row in await connection.fetch(COUNT_STATES)]


COUNT_HELD = "SELECT state, count(*) AS number FROM held WHERE submission_ref = ANY($1::uuid[]) GROUP BY state"


async def count_held(connection: Connection, submissions: Sequence[UUID]) -> Counter[str]:
    """Count the held ones among some submissions, by their state at the source desk."""
    return Counter({row["state"]: row["number"] for row in await connection.fetch(COUNT_HELD, submissions)})


COUNT_HELD_LEVELS = """
SELECT CASE WHEN soon THEN 'soon' WHEN high THEN 'now' ELSE 'ordinary' END AS level, count(*) AS number
FROM held WHERE submission_ref = ANY($1::uuid[]) AND state <> 'released' GROUP BY level
"""


async def count_held_levels(connection: Connection, submissions: Sequence[UUID]) -> Counter[str]:
    """Count those of some submissions that are still held, by their safety level."""
    return Counter({row["level"]: row["number"] for row in await connection.fetch(COUNT_HELD_LEVELS, submissions)})


COUNT_SANITISED = """
SELECT count(*) FROM source_record s WHERE submission_ref = ANY($1::uuid[])
AND NOT EXISTS (SELECT FROM held h WHERE h.submission_ref = s.submission_ref AND h.state <> 'released')
"""


async def count_sanitised(connection: Connection, submissions: Sequence[UUID]) -> int:
    """Count the published or released ones among some submissions."""
    return await connection.fetchval(COUNT_SANITISED, submissions) or 0


TAKE_SOURCE = "SELECT take_sealed_source($1, $2, $3, $4)"


async def take_sealed_source(connection: Connection, source_ref: UUID, operator: Operator, reason: str) -> bytes | None:
    """Return the sealed record of a source, which only the offline keys open, or None; the audit gets the act."""
    return await connection.fetchval(TAKE_SOURCE, source_ref, operator.actor, reason, operator.sign_in)


LIST_SOURCES = "SELECT source_ref FROM source_record WHERE submission_ref = ANY($1::uuid[])"


async def list_sources(connection: Connection, submissions: Sequence[UUID]) -> list[UUID]:
    """Return the references of submissions on the open side."""
    return [row["source_ref"] for row in await connection.fetch(LIST_SOURCES, submissions)]


LIST_CARRIED = "SELECT subject, reason FROM audit WHERE action = $1"


async def list_carried(connection: Connection, action: str) -> set[tuple[str, str]]:
    """Return the hashes and texts of the ceremony's acts that are in the audit, carried by this action."""
    return {(row["subject"], row["reason"]) for row in await connection.fetch(LIST_CARRIED, action)}


LIST_SUBMISSIONS = "SELECT submission_ref FROM source_record"


async def list_submissions(connection: Connection) -> list[UUID]:
    """Return the references of all separated submissions."""
    return [row["submission_ref"] for row in await connection.fetch(LIST_SUBMISSIONS)]
