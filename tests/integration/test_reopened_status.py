"""What an agency reads about a case that a supervisor reopens: it is in assessment again, and nothing else (D-T6)."""

from uuid import UUID

from pipeline_local.stack import LocalStack
from tests.support.intake import Frontend
from tests.support.journey import Databases, case_of, submit
from tests.support.visitor import Visitor
from tests.support.waiting import wait_for

ANSWER = {"receipt", "status", "accepted_at", "status_at"}


async def until_told(frontend: Frontend, receipt: str, status: str) -> None:
    async def is_told() -> bool:
        return await frontend.status(receipt) == status

    await wait_for(is_told, f"intake to tell {status}")


async def decide(pipeline: LocalStack, case_id: UUID, *, version: str, **fields: str) -> None:
    officer = await Visitor.enter(pipeline.address("triage"), "officer-1")
    form = {"version": version, "reason": "As the law says", **fields}
    assert (await officer.send(f"/cases/{case_id}/decision", form)).status_code == 303
    await officer.leave()


async def test_an_agency_reads_that_a_reopened_case_is_in_assessment_and_then_how_it_ended(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    receipt = await submit(frontend)
    case_id = await case_of(databases, receipt)
    await decide(pipeline, case_id, version="1", outcome="not_record", reason_code="not_timely")
    await until_told(frontend, receipt, "closed")
    supervisor = await Visitor.enter(pipeline.address("triage"), "supervisor-1")
    form = {"version": "2", "reopen-reason": "New facts"}
    assert (await supervisor.send(f"/cases/{case_id}/reopening", form)).status_code == 303
    await supervisor.leave()
    await until_told(frontend, receipt, "in_assessment")
    async with frontend.session.get(f"/v1/submissions/{receipt}") as answer:
        assert set(await answer.json()) == ANSWER
    await decide(pipeline, case_id, version="3", outcome="record")
    await until_told(frontend, receipt, "accepted")
