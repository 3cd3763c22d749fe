"""Operators' queries on cases: counts by state, and the police references of records."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from pipeline_shared.messaging.operators import StateCount
from pipeline_shared.runtime.db import Connection

COUNT_STATES = """
SELECT state, count(*) AS number,
    CASE WHEN state = 'waiting' THEN 86400 * (current_date - min(received_on)) END::float AS oldest
FROM triage_case GROUP BY state
"""


async def count_states(connection: Connection) -> list[StateCount]:
    """Return how many cases are in each state; the age of the oldest waiting case is in whole days."""
    return [StateCount(**row) for row in await connection.fetch(COUNT_STATES)]


COUNT_CASES = "SELECT state, count(*) AS number FROM triage_case WHERE source_ref = ANY($1::uuid[]) GROUP BY state"


async def count_cases(connection: Connection, sources: Sequence[UUID]) -> Counter[str]:
    """Return the number of cases in each state for some submissions. `sources` are source references."""
    return Counter({row["state"]: row["number"] for row in await connection.fetch(COUNT_CASES, sources)})


COUNT_LEVELS = "SELECT level, count(*) AS number FROM triage_case WHERE source_ref = ANY($1::uuid[]) GROUP BY level"


async def count_levels(connection: Connection, sources: Sequence[UUID]) -> Counter[str]:
    """Return the number of cases of each safety level for some submissions. `sources` are source references."""
    return Counter({row["level"]: row["number"] for row in await connection.fetch(COUNT_LEVELS, sources)})


FIND_SOURCE_REF = "SELECT source_ref FROM triage_case WHERE case_id = $1"


async def find_source_ref(connection: Connection, case_id: UUID) -> UUID | None:
    """Return the reference of a case's source, or None."""
    return await connection.fetchval(FIND_SOURCE_REF, case_id)


LIST_REFERENCES = """
SELECT record_ref, police_reference FROM triage_case WHERE source_ref = ANY($1::uuid[]) AND record_ref IS NOT NULL
"""


async def list_references(connection: Connection, sources: Sequence[UUID]) -> dict[UUID, str]:
    """Return the police reference of each record from these submissions; empty when there is none yet."""
    rows = await connection.fetch(LIST_REFERENCES, sources)
    return {row["record_ref"]: row["police_reference"] or "" for row in rows}
