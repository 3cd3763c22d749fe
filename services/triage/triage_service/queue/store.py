"""All SQL of the queue."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from pipeline_shared.runtime.db import Connection


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A row of the queue. The last three fields are empty while the case waits."""

    case_id: UUID
    version: int
    headline: str
    category: str
    priority: str
    level: str
    recommended: str
    route: str | None
    state: str
    received_on: date
    police_reference: str | None
    decided_at: datetime | None
    decided_by: str | None


QUEUE_COLUMNS = """
case_id, version, headline, category, priority, level, recommended, recommendation ->> 'route' AS route, state,
received_on, police_reference
"""
LIST_WAITING = f"""
SELECT {QUEUE_COLUMNS}, NULL::timestamptz AS decided_at, NULL::text AS decided_by
FROM triage_case WHERE state = 'waiting'
ORDER BY (CASE level WHEN 'now' THEN 1 WHEN 'soon' THEN 2 ELSE 3 END), priority_rank, queue_number LIMIT $1 OFFSET $2
"""  # noqa: S608


async def list_waiting(connection: Connection, *, limit: int, offset: int) -> list[QueueRow]:
    """Return a page of the waiting cases: NOW, then SOON, then the rest; in each by priority and age."""
    return [QueueRow(**row) for row in await connection.fetch(LIST_WAITING, limit, offset)]


LIST_DECIDED = f"""
SELECT {QUEUE_COLUMNS}, decided_at, decided_by
FROM (
    SELECT case_id, decided_at, decided_by FROM decision
    WHERE NOT EXISTS (SELECT FROM reopening WHERE reopening.case_id = decision.case_id
                      AND reopening.number = decision.number AND state_after = 'waiting')
    ORDER BY decided_at DESC, case_id LIMIT $1 OFFSET $2
) AS last
JOIN triage_case USING (case_id)
ORDER BY decided_at DESC, case_id
"""  # noqa: S608


async def list_decided(connection: Connection, *, limit: int, offset: int) -> list[QueueRow]:
    """Return a page of the decided cases, the latest decision first."""
    return [QueueRow(**row) for row in await connection.fetch(LIST_DECIDED, limit, offset)]


COUNT_STATES = """
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
       count(*) FILTER (WHERE state <> 'waiting') AS decided
FROM triage_case
"""


async def count_states(connection: Connection) -> dict[str, int]:
    """Return how many cases wait, and how many are decided."""
    return dict(await connection.fetchrow(COUNT_STATES) or {})


MEASURE_WAITING = """
SELECT count(*) AS waiting, coalesce($1::date - min(received_on), 0) AS days
FROM triage_case WHERE state = 'waiting'
"""


async def measure_waiting(connection: Connection, today: date) -> tuple[int, timedelta]:
    """Return how many cases wait for a decision, and the age of the oldest in whole days."""
    (row,) = await connection.fetch(MEASURE_WAITING, today)
    return row["waiting"], timedelta(days=row["days"])
