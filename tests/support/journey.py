"""Submissions on their way through the running pipeline, followed with an administrator's connections."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from pipeline_local.stack import LocalStack
from pipeline_simulators.browsing import Browser, Page
from pipeline_simulators.people import SOURCE_DESK, answers_on
from tests.support.building import a_form
from tests.support.intake import Frontend
from tests.support.waiting import wait_for

Databases = Mapping[str, asyncpg.Connection]

SUBMISSION = "SELECT submission_ref FROM submission WHERE receipt = $1"
# Only the restricted store can link a case or a flag to its submission.
SOURCE = "SELECT source_ref FROM source_record WHERE submission_ref = $1"
FLAGGED = "SELECT reason::uuid FROM audit WHERE action = 'safety_flagged' AND subject = $1::uuid::text"
CASE = "SELECT case_id FROM triage_case WHERE source_ref = $1"
FLAG = "SELECT flag_id FROM safety_flag WHERE flag_id = $1"
HELD = "SELECT submission_ref FROM held WHERE submission_ref = $1"

# The surname is part of another word: the matcher leaves it, and the leak check finds it.
HIDDEN_SURNAME = "A grey van stood outside theEntwistlehousehold until three in the morning."


async def open_case(frontend: Frontend, databases: Databases, **changes: Any) -> UUID:
    """Submit a form and return the case that triage opens for it."""
    return await case_of(databases, await submit(frontend, **changes))


async def hold_submission(frontend: Frontend, databases: Databases, **changes: Any) -> tuple[str, UUID]:
    """Submit a form that the sanitiser holds; return its receipt and its reference at the sanitiser."""
    receipt = await submit(frontend, **{"narrative": HIDDEN_SURNAME, **changes})
    return receipt, await _find(databases["restricted"], HELD, await submission_of(databases, receipt))


async def open_reviewed_case(pipeline: LocalStack, frontend: Frontend, databases: Databases, **changes: Any) -> UUID:
    """Submit a form that the sanitiser holds, release it with every word kept, and return its case."""
    plain = a_form()["narrative"]
    receipt, submission_ref = await hold_submission(frontend, databases, **{"narrative": plain, **changes})
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        page = Page.read((await desk.read(f"/held/{submission_ref}")).text)
        decided = answers_on(page, keep=True)
        form = page.fields | decided | {"reason": "Many could have told it"}
        answer = await desk.send(f"/held/{submission_ref}/release", form)
    assert answer.status == 303, answer.text
    return await case_of(databases, receipt)


async def case_of(databases: Databases, receipt: str) -> UUID:
    """Return the case of a receipt once it is there."""
    source_ref = await _find(databases["restricted"], SOURCE, await submission_of(databases, receipt))
    return await _find(databases["triage"], CASE, source_ref)


async def flag_of(databases: Databases, receipt: str) -> UUID:
    """Return the safety flag of a receipt once it is there."""
    flag_id = await _find(databases["restricted"], FLAGGED, await submission_of(databases, receipt))
    return await _find(databases["triage"], FLAG, flag_id)


async def submit(frontend: Frontend, **changes: Any) -> str:
    """Submit a form and return its receipt."""
    status, answer = await frontend.submit(a_form(**changes))
    assert status == 202, answer
    return answer["receipt"]


async def submission_of(databases: Databases, receipt: str) -> UUID:
    """Return the reference of a submission at intake and the sanitiser."""
    return await _find(databases["intake"], SUBMISSION, receipt)


async def _find(connection: asyncpg.Connection, query: str, ref: UUID | str) -> UUID:
    async def found() -> UUID | None:
        return await connection.fetchval(query, ref)

    arrived = await wait_for(found, "a submission to arrive")
    assert arrived
    return arrived
