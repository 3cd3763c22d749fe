"""All SQL of cases. Rows become domain objects here and nowhere else."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from pipeline_shared.access.states import CaseState
from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.language.vocabulary import AgencyCategory
from pipeline_shared.runtime.db import Connection
from triage_service.cases.domain import Case
from triage_service.rules.recommendation import Recommendation

RECOMMENDATION = TypeAdapter(Recommendation)


class CaseNotFoundError(LookupError):
    """There is no such case."""


ADD_CASES = """
INSERT INTO triage_case (case_id, source_ref, flag_id, status_token, agency_category, received_on,
                         content, recommendation, state, version)
SELECT *, 'waiting', 1
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::date[],
            $7::jsonb[], $8::jsonb[])
ON CONFLICT (source_ref) DO NOTHING
RETURNING case_id
"""


async def add_cases(connection: Connection, cases: Sequence[Case]) -> set[UUID]:
    """Add waiting cases; return the ids of those with a new source reference."""
    rows = await connection.fetch(
        ADD_CASES,
        [case.case_id for case in cases],
        [case.source_ref for case in cases],
        [case.flag_id for case in cases],
        [case.status_token for case in cases],
        [case.agency_category.value for case in cases],
        [case.received_on for case in cases],
        [case.content.model_dump_json() for case in cases],
        [RECOMMENDATION.dump_json(case.recommendation).decode() for case in cases],
    )
    return {row["case_id"] for row in rows}


CASE_COLUMNS = """
case_id, source_ref, flag_id, status_token, agency_category, received_on, content, recommendation, state,
version, assessment, record_ref, police_reference, transferred_at
"""
GET_CASE = f"SELECT {CASE_COLUMNS} FROM triage_case WHERE case_id = $1"  # noqa: S608 - made of constants, as below


async def get_case(connection: Connection, case_id: UUID) -> Case:
    """Return a case; raise CaseNotFoundError."""
    return _case_or_raise(await connection.fetchrow(GET_CASE, case_id))


LOCK_CASE = f"{GET_CASE} FOR UPDATE"


async def lock_case(connection: Connection, case_id: UUID) -> Case:
    """Return a case, locked until this transaction ends; raise CaseNotFoundError."""
    return _case_or_raise(await connection.fetchrow(LOCK_CASE, case_id))


# In a fixed order, so that two transactions never wait for each other.
LOCK_CASES = f"""
SELECT {CASE_COLUMNS} FROM triage_case WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE
"""  # noqa: S608


async def lock_cases(connection: Connection, case_ids: Sequence[UUID]) -> dict[UUID, Case]:
    """Return the existing cases by id, locked until this transaction ends."""
    rows = await connection.fetch(LOCK_CASES, case_ids)
    return {row["case_id"]: _case(row) for row in rows}


MARK_DECIDED = """
UPDATE triage_case SET state = $2, version = $3, assessment = $4, record_ref = $5 WHERE case_id = $1
"""


async def mark_decided(connection: Connection, case: Case) -> None:
    """Store the changes that a decision or a reopening made to a case."""
    changed = case.state.value, case.version, case.assessment, case.record_ref
    await connection.execute(MARK_DECIDED, case.case_id, *changed)


MARK_TRANSFERRED = """
UPDATE triage_case SET state = t.state, version = t.version, police_reference = t.reference,
                       transferred_at = t.transferred_at, record_ref = t.record_ref
FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::timestamptz[], $5::text[], $6::uuid[])
    AS t (case_id, version, reference, transferred_at, state, record_ref)
WHERE triage_case.case_id = t.case_id
"""


async def mark_transferred(connection: Connection, cases: Sequence[Case]) -> None:
    """Store the police references of cases."""
    await connection.execute(
        MARK_TRANSFERRED,
        [case.case_id for case in cases],
        [case.version for case in cases],
        [case.police_reference for case in cases],
        [case.transferred_at for case in cases],
        [case.state.value for case in cases],
        [case.record_ref for case in cases],
    )


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
