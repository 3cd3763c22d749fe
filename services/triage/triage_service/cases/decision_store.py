"""All SQL of decisions and of the reopenings that take them back."""

from typing import Any
from uuid import UUID

import asyncpg

from pipeline_shared.access.states import CaseState
from pipeline_shared.runtime.db import Connection
from triage_service.cases.decision import Decision, Outcome, ReasonCode, Reopening
from triage_service.rules.recommendation import Route

ADD_DECISION = """
INSERT INTO decision (case_id, number, outcome, route, reason_code, reason, decided_by, decided_at, disposal_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def add_decision(connection: Connection, case_id: UUID, number: int, decision: Decision) -> None:
    """Store a decision on a case; there is only one of each number."""
    await connection.execute(
        ADD_DECISION,
        case_id,
        number,
        decision.outcome.value,
        decision.route and decision.route.value,
        decision.reason_code and decision.reason_code.value,
        decision.reason,
        decision.decided_by,
        decision.decided_at,
        decision.disposal_on,
    )


async def count_decisions(connection: Connection, case_id: UUID) -> int:
    """Return how many decisions a case has had."""
    return await connection.fetchval("SELECT max(number) FROM decision WHERE case_id = $1", case_id) or 0


LIST_DECISIONS = """
SELECT outcome, route, reason_code, reason, decided_by, decided_at, disposal_on FROM decision
WHERE case_id = $1 ORDER BY number
"""


async def list_decisions(connection: Connection, case_id: UUID) -> tuple[Decision, ...]:
    """Return the decisions on a case, the last one last."""
    return tuple(_decision(row) for row in await connection.fetch(LIST_DECISIONS, case_id))


FIND_DECIDER = "SELECT decided_by FROM decision WHERE case_id = $1 ORDER BY number DESC LIMIT 1"


async def find_decider(connection: Connection, case_id: UUID) -> str | None:
    """Return the id of the person who made the last decision on a case, or None without one."""
    return await connection.fetchval(FIND_DECIDER, case_id)


# The decider stands in the row, so that the database itself refuses a reopening by the same person.
ADD_REOPENING = """
INSERT INTO reopening (case_id, number, decided_by, reopened_by, reason, reopened_at, state_after)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def add_reopening(
    connection: Connection, case_id: UUID, number: int, decision: Decision, reopening: Reopening
) -> None:
    """Store that the decision of that number was taken back."""
    values = reopening.reopened_by, reopening.reason, reopening.reopened_at, reopening.state_after.value
    await connection.execute(ADD_REOPENING, case_id, number, decision.decided_by, *values)


LIST_REOPENINGS = """
SELECT reason, reopened_by, reopened_at, state_after FROM reopening WHERE case_id = $1 ORDER BY number
"""


async def list_reopenings(connection: Connection, case_id: UUID) -> tuple[Reopening, ...]:
    """Return the reopenings of a case, the last one last."""
    rows = await connection.fetch(LIST_REOPENINGS, case_id)
    return tuple(_reopening(row) for row in rows)


def _reopening(row: asyncpg.Record) -> Reopening:
    values: dict[str, Any] = dict(row)
    values["state_after"] = CaseState(row["state_after"])
    return Reopening(**values)


def _decision(row: asyncpg.Record) -> Decision:
    values: dict[str, Any] = dict(row)
    values["outcome"] = Outcome(row["outcome"])
    values["route"] = Route(row["route"]) if row["route"] else None
    values["reason_code"] = ReasonCode(row["reason_code"]) if row["reason_code"] else None
    return Decision(**values)
