"""HIGH submissions through the running pipeline: flagged at once, whatever happens to their text."""

import json
import signal
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import psutil
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import HighSubmissionReceived, SafetyPreview
from tests.support.building import a_form
from tests.support.canary import has_mark
from tests.support.flags import (
    DANGER,
    HELD,
    Databases,
    flag_of,
    preview_of_flag,
    submit_high,
)
from tests.support.intake import Frontend
from tests.support.signing import publish
from tests.support.waiting import wait_for

CASE = "SELECT case_id, level, priority FROM triage_case WHERE flag_id = $1"


async def test_the_submitter_is_told_at_once_what_immediate_risk_means(
    frontend: Frontend, databases: Databases
) -> None:
    answer, _ = await submit_high(frontend, databases)
    assert [advice["code"] for advice in answer["advice"]][:1] == ["call_999"]
    assert "999" in answer["advice"][0]["text"]
    _, calm = await frontend.submit(a_form())
    assert calm["advice"] == []


async def test_a_flag_holds_no_free_text_and_joins_the_case_that_follows(
    frontend: Frontend, databases: Databases
) -> None:
    _, ref = await submit_high(frontend, databases)
    flag = await flag_of(databases, ref)
    assert flag["reasons"]
    assert flag["level"] == "now"
    assert not has_mark(flag["preview"])
    assert SafetyPreview.model_validate_json(flag["preview"]).withheld == ("phrases", "subjects", "district")
    preview = await preview_of_flag(databases, flag["flag_id"])
    assert any("knife" in phrase for phrase in preview.phrases)

    async def case() -> asyncpg.Record | None:
        return await databases["triage"].fetchrow(CASE, flag["flag_id"])

    opened = await wait_for(case, "the case")
    assert opened
    assert (opened["level"], opened["priority"]) == ("now", "immediate")


async def test_a_risk_answer_alone_is_enough(frontend: Frontend, databases: Databases) -> None:
    _, ref = await submit_high(frontend, databases, narrative="A quiet street.", risk={"child_at_risk": "yes"})
    assert list((await flag_of(databases, ref))["reasons"]) == ["child_at_risk"]


async def test_a_submission_that_is_held_is_flagged_all_the_same(frontend: Frontend, databases: Databases) -> None:
    _, ref = await submit_high(frontend, databases, narrative=f"{DANGER} Mags said so.")
    flag = await flag_of(databases, ref)
    assert not has_mark(flag["preview"])

    async def state() -> str | None:
        return await databases["restricted"].fetchval(HELD, ref)

    assert await wait_for(state, "the hold") == "waiting"
    assert await databases["triage"].fetchrow(CASE, flag["flag_id"]) is None


async def test_what_cannot_even_be_opened_is_flagged_without_a_word_and_parked(
    pipeline: LocalStack, databases: Databases
) -> None:
    ref = uuid4()
    event = HighSubmissionReceived(
        event_id=uuid4(), occurred_at=datetime.now(UTC), submission_ref=ref, sealed=b"not sealed by anybody"
    )
    topic = "submission.received.high.v1"
    partition, offset = await publish(pipeline, event)
    flag = await flag_of(databases, ref)
    assert json.loads(flag["preview"])["withheld"] == ["everything"]
    query = "SELECT consumer, error FROM parked WHERE topic = $1 AND partition = $2 AND kafka_offset = $3"

    async def parked() -> asyncpg.Record | None:
        return await databases["restricted"].fetchrow(query, topic, partition, offset)

    row = await wait_for(parked, "the parked record")
    assert row
    assert (row["consumer"], row["error"]) == ("sanitiser", "cannot_be_opened")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_the_flag_comes_while_the_matcher_is_dead_or_hangs(
    pipeline: LocalStack, frontend: Frontend, databases: Databases, how: signal.Signals
) -> None:
    await submit_high(frontend, databases)  # the matcher process is ready
    sanitiser = psutil.Process(pipeline.processes.pid("sanitiser"))
    for child in sanitiser.children():
        child.send_signal(how)
    _, ref = await submit_high(frontend, databases)
    flag = await flag_of(databases, ref)
    assert flag["reasons"]
    _, next_ref = await submit_high(frontend, databases)  # its flag does not wait for the first text
    assert (await flag_of(databases, next_ref))["reasons"]
    if how is signal.SIGSTOP:
        assert await databases["triage"].fetchrow(CASE, flag["flag_id"]) is None

    async def case() -> asyncpg.Record | None:
        return await databases["triage"].fetchrow(CASE, flag["flag_id"])

    assert await wait_for(case, "the case, from another child")
