"""Operators' queries and changes on transfers: counts by state, and transfers that the police system refused."""

from pipeline_shared.messaging.operators import ParkedFacts, Request, StateCount, audit_replays
from pipeline_shared.messaging.topics import CASE_DECIDED
from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.work import Work

COUNT_STATES = """
SELECT state, count(*) AS number,
    CASE WHEN state = 'waiting' THEN extract(epoch FROM now() - min(accepted_at)) END::float AS oldest
FROM transfer GROUP BY state
"""


async def count_states(connection: Connection) -> list[StateCount]:
    """Return how many transfers are in each state."""
    return [StateCount(**row) for row in await connection.fetch(COUNT_STATES)]


COLUMNS = f"""
    record_ref::text AS id, '{CASE_DECIDED.name}' AS topic, 'police system' AS place, error, attempts, state,
    settled_at AS parked_at
"""
LIST_PARKED = f"SELECT {COLUMNS} FROM transfer WHERE state = 'parked' ORDER BY settled_at"  # noqa: S608 - constants


async def list_parked(connection: Connection) -> list[ParkedFacts]:
    """Return the transfers that wait for a person."""
    return [ParkedFacts(**row) for row in await connection.fetch(LIST_PARKED)]


FIND_PARKED = f"SELECT {COLUMNS} FROM transfer WHERE record_ref::text = $1 AND state = 'parked'"  # noqa: S608


async def find_parked(connection: Connection, record_ref: str) -> ParkedFacts | None:
    """Return the facts of one parked transfer."""
    row = await connection.fetchrow(FIND_PARKED, record_ref)
    return ParkedFacts(**row) if row else None


AFTER_RESTORE = (
    "INSERT INTO restored DEFAULT VALUES",
    "UPDATE transfer SET in_doubt = true, lease = NULL, due_at = now() WHERE state = 'waiting'",
)


async def doubt_all(connection: Connection) -> None:
    """Have every record that is not confirmed looked up before it is created: after a restore it may have been sent."""
    for statement in AFTER_RESTORE:
        await connection.execute(statement)


# Always in doubt, so that the record is looked up first and a replay can never create it twice.
REPLAY_PARKED = """
UPDATE transfer
SET state = 'waiting', settled_at = NULL, error = NULL, in_doubt = true, unclear = 0, due_at = now()
FROM (
    SELECT record_ref, error FROM transfer
    WHERE state = 'parked' AND ($1::text IS NULL OR record_ref::text = $1) FOR UPDATE
) AS chosen
WHERE transfer.record_ref = chosen.record_ref
RETURNING transfer.record_ref::text AS subject, chosen.error AS reason
"""


async def replay_parked(work: Work, record_ref: str | None, request: Request) -> int:
    """Replay one parked transfer, or all; return how many."""
    return audit_replays(work, await work.connection.fetch(REPLAY_PARKED, record_ref), request)
