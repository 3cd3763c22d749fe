"""HIGH submissions on a running pipeline, with the flags and previews that follow them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from pipeline_shared.language.events import SafetyPreview
from tests.support.building import a_form
from tests.support.canary import has_mark
from tests.support.intake import Frontend
from tests.support.waiting import wait_for

Databases = Mapping[str, asyncpg.Connection]


DANGER = "Lee Hargreaves has a knife under his coat at the bus station and is going to stab Dean Porter there tonight."
FLAG = "SELECT flag_id, level, model, reasons, preview, acknowledged_by FROM safety_flag WHERE flag_id = $1"
PREVIEW = "SELECT preview FROM safety_preview WHERE flag_id = $1"
SUBMISSION = "SELECT submission_ref FROM submission WHERE receipt = $1"
FLAGGED = "SELECT reason::uuid FROM audit WHERE action = 'safety_flagged' AND subject = $1::uuid::text"
HELD = "SELECT state FROM held JOIN source_record USING (submission_ref) WHERE submission_ref = $1"


async def flag_of(databases: Databases, submission_ref: Any) -> asyncpg.Record:
    """Return the flag of a submission once it is there."""

    async def found() -> asyncpg.Record | None:
        flag_id = await databases["restricted"].fetchval(FLAGGED, submission_ref)
        return await databases["triage"].fetchrow(FLAG, flag_id)

    flag = await wait_for(found, "the flag")
    assert flag
    return flag


async def until_flagged(databases: Databases, flag_id: UUID) -> None:
    """Wait until a flag is there."""

    async def found() -> asyncpg.Record | None:
        return await databases["triage"].fetchrow(FLAG, flag_id)

    await wait_for(found, "the flag")


async def preview_of_flag(databases: Databases, flag_id: Any) -> SafetyPreview:
    """Return the preview of a flag once it is there."""

    async def found() -> str | None:
        return await databases["triage"].fetchval(PREVIEW, flag_id)

    text = await wait_for(found, "the preview") or ""
    assert not has_mark(text)
    return SafetyPreview.model_validate_json(text)


async def submit_high(frontend: Frontend, databases: Databases, **changes: Any) -> tuple[dict[str, Any], Any]:
    """Submit a text about a danger; return the answer and the reference of the submission."""
    status, answer = await frontend.submit(a_form(**{"narrative": DANGER, **changes}))
    assert status == 202
    return answer, await databases["intake"].fetchval(SUBMISSION, answer["receipt"])
