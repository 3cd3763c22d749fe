"""All SQL of triage. Rows become domain objects here and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from pipeline_shared.contracts import SafetyPreview, SanitisedContent
from pipeline_shared.db import Connection
from pipeline_shared.submission import AgencyCategory, SafetyReason
from triage_service.domain import Case, CaseState, Decision, Outcome, ReasonCode, Recommendation, Route
from triage_service.flags import SafetyFlag

RECOMMENDATION = TypeAdapter(Recommendation)


class CaseNotFoundError(LookupError):
    """There is no such case."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """What the queue shows of a case; the last three are empty while it waits."""

    case_id: UUID
    version: int
    headline: str
    category: str
    priority: str
    recommended: str
    route: str | None
    state: str
    opened_at: datetime
    police_reference: str | None
    decided_at: datetime | None
    decided_by: str | None


class CaseStore:
    """The cases and decisions, through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    ADD_CASES = """
        INSERT INTO triage_case (case_id, source_ref, status_ref, agency_category, received_on, opened_at,
                                 content, recommendation, state, version)
        SELECT *, 'waiting', 1
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::date[],
                    $6::timestamptz[], $7::jsonb[], $8::jsonb[])
        ON CONFLICT (source_ref) DO NOTHING
        RETURNING case_id
    """

    async def add_cases(self, cases: Sequence[Case]) -> set[UUID]:
        """Add waiting cases; return the ids of those whose source reference was not known yet."""
        rows = await self._connection.fetch(
            self.ADD_CASES,
            [case.case_id for case in cases],
            [case.source_ref for case in cases],
            [case.status_ref for case in cases],
            [case.agency_category.value for case in cases],
            [case.received_on for case in cases],
            [case.opened_at for case in cases],
            [case.content.model_dump_json() for case in cases],
            [RECOMMENDATION.dump_json(case.recommendation).decode() for case in cases],
        )
        return {row["case_id"] for row in rows}

    CASE_COLUMNS = """
        case_id, source_ref, status_ref, agency_category, received_on, opened_at, content, recommendation, state,
        version, record_ref, police_reference, transferred_at
    """
    GET_CASE = f"SELECT {CASE_COLUMNS} FROM triage_case WHERE case_id = $1"  # noqa: S608 - made of constants, as below

    async def get_case(self, case_id: UUID) -> Case:
        """Return a case; raise CaseNotFoundError."""
        return _case_or_raise(await self._connection.fetchrow(self.GET_CASE, case_id))

    LOCK_CASE = f"{GET_CASE} FOR UPDATE"

    async def lock_case(self, case_id: UUID) -> Case:
        """Return a case that nobody else can change before this transaction ends; raise CaseNotFoundError."""
        return _case_or_raise(await self._connection.fetchrow(self.LOCK_CASE, case_id))

    # In one order, so that two transactions never wait for each other.
    LOCK_CASES = f"""
        SELECT {CASE_COLUMNS} FROM triage_case WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE
    """  # noqa: S608

    async def lock_cases(self, case_ids: Sequence[UUID]) -> dict[UUID, Case]:
        """Return those of the cases that exist, by id, locked until this transaction ends."""
        rows = await self._connection.fetch(self.LOCK_CASES, case_ids)
        return {row["case_id"]: _case(row) for row in rows}

    MARK_DECIDED = "UPDATE triage_case SET state = $2, version = $3, record_ref = $4 WHERE case_id = $1"

    async def mark_decided(self, case: Case) -> None:
        """Store what a decision changed of a case."""
        await self._connection.execute(self.MARK_DECIDED, case.case_id, case.state.value, case.version, case.record_ref)

    ADD_DECISION = """
        INSERT INTO decision (case_id, outcome, route, reason_code, reason, decided_by, decided_at, disposal_on)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    """

    async def add_decision(self, case_id: UUID, decision: Decision) -> None:
        """Store a case's one decision."""
        await self._connection.execute(
            self.ADD_DECISION,
            case_id,
            decision.outcome.value,
            decision.route and decision.route.value,
            decision.reason_code and decision.reason_code.value,
            decision.reason,
            decision.decided_by,
            decision.decided_at,
            decision.disposal_on,
        )

    FIND_DECISION = """
        SELECT outcome, route, reason_code, reason, decided_by, decided_at, disposal_on FROM decision WHERE case_id = $1
    """

    async def find_decision(self, case_id: UUID) -> Decision | None:
        """Return a case's decision, once it has one."""
        row = await self._connection.fetchrow(self.FIND_DECISION, case_id)
        return _decision(row) if row else None

    MARK_TRANSFERRED = """
        UPDATE triage_case SET state = 'transferred', version = t.version, police_reference = t.reference,
                               transferred_at = t.transferred_at
        FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::timestamptz[])
            AS t (case_id, version, reference, transferred_at)
        WHERE triage_case.case_id = t.case_id
    """

    async def mark_transferred(self, cases: Sequence[Case]) -> None:
        """Store the police references of cases."""
        await self._connection.execute(
            self.MARK_TRANSFERRED,
            [case.case_id for case in cases],
            [case.version for case in cases],
            [case.police_reference for case in cases],
            [case.transferred_at for case in cases],
        )

    QUEUE_COLUMNS = """
        case_id, version, headline, category, priority, recommended, recommendation ->> 'route' AS route, state,
        opened_at, police_reference
    """
    LIST_WAITING = f"""
        SELECT {QUEUE_COLUMNS}, NULL::timestamptz AS decided_at, NULL::text AS decided_by
        FROM triage_case WHERE state = 'waiting'
        ORDER BY priority_rank, opened_at, case_id LIMIT $1 OFFSET $2
    """  # noqa: S608
    LIST_DECIDED = f"""
        SELECT {QUEUE_COLUMNS}, decided_at, decided_by
        FROM (
            SELECT case_id, decided_at, decided_by FROM decision
            ORDER BY decided_at DESC, case_id LIMIT $1 OFFSET $2
        ) AS last
        JOIN triage_case USING (case_id)
        ORDER BY decided_at DESC, case_id
    """  # noqa: S608

    async def list_queue(self, *, waiting: bool, limit: int, offset: int) -> list[QueueRow]:
        """Return a page of the queue: waiting cases by priority and age, or decided ones, the latest first."""
        rows = await self._connection.fetch(self.LIST_WAITING if waiting else self.LIST_DECIDED, limit, offset)
        return [QueueRow(**row) for row in rows]

    COUNT_STATES = """
        SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
               count(*) FILTER (WHERE state <> 'waiting') AS decided
        FROM triage_case
    """

    async def count_states(self) -> dict[str, int]:
        """Return how many cases wait and how many are decided."""
        return dict(await self._connection.fetchrow(self.COUNT_STATES) or {})

    MEASURE_WAITING = """
        SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(opened_at)), 0)::float AS oldest
        FROM triage_case WHERE state = 'waiting'
    """

    async def measure_waiting(self) -> tuple[int, float]:
        """Return how many cases wait for a decision, and the age of the oldest in seconds."""
        (row,) = await self._connection.fetch(self.MEASURE_WAITING)
        return row["waiting"], row["oldest"]


class FlagNotFoundError(LookupError):
    """There is no such flag."""


class FlagStore:
    """The safety flags, through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # Reasons travel joined, for an array of arrays must be rectangular.
    ADD_FLAGS = """
        INSERT INTO safety_flag (flag_id, status_ref, reasons, preview, flagged_at)
        SELECT flag_id, status_ref, string_to_array(reasons, ' '), preview, flagged_at
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::timestamptz[])
            AS new (flag_id, status_ref, reasons, preview, flagged_at)
        ON CONFLICT DO NOTHING
    """

    async def add_flags(self, flags: Sequence[SafetyFlag]) -> None:
        """Add flags that nobody has acknowledged; one that is known already stays as it is."""
        await self._connection.execute(
            self.ADD_FLAGS,
            [flag.flag_id for flag in flags],
            [flag.status_ref for flag in flags],
            [" ".join(flag.reasons) for flag in flags],
            [flag.preview.model_dump_json() for flag in flags],
            [flag.flagged_at for flag in flags],
        )

    ADD_PREVIEWS = """
        INSERT INTO safety_preview (status_ref, preview) SELECT * FROM unnest($1::uuid[], $2::jsonb[])
        ON CONFLICT DO NOTHING
    """

    async def add_previews(self, previews: Mapping[UUID, SafetyPreview]) -> None:
        """Add previews by status reference; the first of each stays."""
        texts = [preview.model_dump_json() for preview in previews.values()]
        await self._connection.execute(self.ADD_PREVIEWS, list(previews), texts)

    SELECT_FLAGS = """
        SELECT flag_id, status_ref, reasons, coalesce(safety_preview.preview, safety_flag.preview) AS preview,
               safety_preview.preview IS NOT NULL AS is_previewed,
               flagged_at, acknowledged_by, acknowledged_at, case_id
        FROM safety_flag LEFT JOIN safety_preview USING (status_ref) LEFT JOIN triage_case USING (status_ref)
    """
    LIST_OPEN = f"{SELECT_FLAGS} WHERE acknowledged_at IS NULL ORDER BY flagged_at, flag_id LIMIT $1"

    async def list_open(self, limit: int) -> list[SafetyFlag]:
        """Return the flags that nobody has acknowledged, the oldest first."""
        return [_flag(row) for row in await self._connection.fetch(self.LIST_OPEN, limit)]

    COUNT_OPEN = "SELECT count(*) FROM safety_flag WHERE acknowledged_at IS NULL"

    async def count_open(self) -> int:
        """Return how many flags nobody has acknowledged."""
        return int(await self._connection.fetchval(self.COUNT_OPEN) or 0)

    MEASURE_OPEN = """
        SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(flagged_at)), 0)::float AS oldest
        FROM safety_flag WHERE acknowledged_at IS NULL
    """

    async def measure_open(self) -> tuple[int, float]:
        """Return how many flags nobody has acknowledged, and the age of the oldest in seconds."""
        (row,) = await self._connection.fetch(self.MEASURE_OPEN)
        return row["waiting"], row["oldest"]

    GET_FLAG = f"{SELECT_FLAGS} WHERE flag_id = $1"

    async def get_flag(self, flag_id: UUID) -> SafetyFlag:
        """Return a flag; raise FlagNotFoundError."""
        row = await self._connection.fetchrow(self.GET_FLAG, flag_id)
        if row is None:
            raise FlagNotFoundError
        return _flag(row)

    MARK_ACKNOWLEDGED = """
        UPDATE safety_flag SET acknowledged_by = $2, acknowledged_at = $3
        WHERE flag_id = $1 AND acknowledged_at IS NULL RETURNING flag_id
    """

    async def mark_acknowledged(self, flag_id: UUID, person_id: str, now: datetime) -> bool:
        """Give a flag its owner; return False when it has one already."""
        return await self._connection.fetchval(self.MARK_ACKNOWLEDGED, flag_id, person_id, now) is not None


def _flag(row: asyncpg.Record) -> SafetyFlag:
    values: dict[str, Any] = dict(row)
    values["reasons"] = tuple(SafetyReason(reason) for reason in row["reasons"])
    values["preview"] = SafetyPreview.model_validate_json(row["preview"])
    return SafetyFlag(**values)


def _case_or_raise(row: asyncpg.Record | None) -> Case:
    if row is None:
        raise CaseNotFoundError
    return _case(row)


def _case(row: asyncpg.Record) -> Case:
    values: dict[str, Any] = dict(row)
    values["agency_category"] = AgencyCategory(row["agency_category"])
    values["content"] = SanitisedContent.model_validate_json(row["content"])
    values["recommendation"] = RECOMMENDATION.validate_json(row["recommendation"])
    values["state"] = CaseState(row["state"])
    return Case(**values)


def _decision(row: asyncpg.Record) -> Decision:
    values: dict[str, Any] = dict(row)
    values["outcome"] = Outcome(row["outcome"])
    values["route"] = Route(row["route"]) if row["route"] else None
    values["reason_code"] = ReasonCode(row["reason_code"]) if row["reason_code"] else None
    return Decision(**values)
