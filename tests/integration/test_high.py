"""HIGH submissions through the running pipeline: flagged at once, whatever happens to their text."""

import json
import signal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import psutil
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import HighSubmissionReceived, SafetyFlagged, SafetyPreview, SafetyPreviewed
from pipeline_shared.language.vocabulary import SafetyReason
from pipeline_simulators.browsing import Browser, Page
from tests.support.building import NOW, a_form
from tests.support.canary import has_mark
from tests.support.intake import Frontend
from tests.support.kafka import send
from tests.support.waiting import wait_for

Databases = dict[str, asyncpg.Connection]

DANGER = "Lee Hargreaves has a knife under his coat at the bus station and is going to stab Dean Porter there tonight."
FLAG = "SELECT flag_id, reasons, preview, acknowledged_by FROM safety_flag WHERE flag_id = $1"
PREVIEW = "SELECT preview FROM safety_preview WHERE flag_id = $1"
CASE = "SELECT case_id, priority FROM triage_case WHERE flag_id = $1"
SUBMISSION = "SELECT submission_ref FROM submission WHERE receipt = $1"
FLAGGED = "SELECT reason::uuid FROM audit WHERE action = 'safety_flagged' AND subject = $1::uuid::text"
SOURCE = "SELECT source_ref FROM source_record WHERE submission_ref = $1"
CONTENT = "SELECT content::text FROM triage_case WHERE source_ref = $1"
HELD = "SELECT state FROM held JOIN source_record USING (submission_ref) WHERE submission_ref = $1"


async def flag_of(databases: Databases, submission_ref: Any) -> asyncpg.Record:
    async def found() -> asyncpg.Record | None:
        flag_id = await databases["restricted"].fetchval(FLAGGED, submission_ref)
        return await databases["triage"].fetchrow(FLAG, flag_id)

    flag = await wait_for(found, "the flag")
    assert flag
    return flag


async def until_flagged(databases: Databases, flag_id: UUID) -> None:
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
    status, answer = await frontend.submit(a_form(**{"narrative": DANGER, **changes}))
    assert status == 202
    return answer, await databases["intake"].fetchval(SUBMISSION, answer["receipt"])


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
    assert not has_mark(flag["preview"])
    assert SafetyPreview.model_validate_json(flag["preview"]).withheld == ("phrases", "subjects", "district")
    preview = await preview_of_flag(databases, flag["flag_id"])
    assert any("knife" in phrase for phrase in preview.phrases)

    async def case() -> asyncpg.Record | None:
        return await databases["triage"].fetchrow(CASE, flag["flag_id"])

    opened = await wait_for(case, "the case")
    assert opened
    assert opened["priority"] == "immediate"


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
        event_id=uuid4(), occurred_at=NOW, submission_ref=ref, sealed=b"not sealed by anybody"
    )
    topic = "submission.received.high.v1"
    partition, offset = await send(pipeline, topic, ref, event.model_dump_json().encode(), principal="intake")
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


async def test_a_flag_is_shown_without_its_preview_and_with_it_once_that_has_come_also_when_it_is_taken_on(
    pipeline: LocalStack, databases: Databases
) -> None:
    flag_id, phrase = uuid4(), f"has a knife {uuid4()}"
    common: dict[str, Any] = {"occurred_at": NOW, "flag_id": flag_id}
    choices, full = SafetyPreview(withheld=("phrases",)), SafetyPreview(phrases=(phrase,))
    flagged = SafetyFlagged(**common, event_id=uuid4(), reasons=(SafetyReason.WEAPON,), preview=choices)
    await publish(pipeline, flagged)
    await until_flagged(databases, flag_id)
    async with Browser(pipeline.address("triage"), "demo:officer-1") as officer:
        before = await officer.read(f"/flags/{flag_id}")
        assert "follow within seconds" in before.text
        await officer.send(f"/flags/{flag_id}/acknowledge", Page.read(before.text).fields)
        await publish(pipeline, SafetyPreviewed(**common, event_id=uuid4(), preview=full))
        await preview_of_flag(databases, flag_id)
        after = (await officer.read(f"/flags/{flag_id}")).text
        assert (phrase in after, "follow within seconds" in after) == (True, False)


async def test_a_preview_that_comes_before_its_flag_joins_it(pipeline: LocalStack, databases: Databases) -> None:
    flag_id, phrase = uuid4(), f"has a knife {uuid4()}"
    common: dict[str, Any] = {"occurred_at": NOW, "flag_id": flag_id}
    await publish(pipeline, SafetyPreviewed(**common, event_id=uuid4(), preview=SafetyPreview(phrases=(phrase,))))
    await preview_of_flag(databases, flag_id)
    flagged = SafetyFlagged(**common, event_id=uuid4(), reasons=(SafetyReason.WEAPON,), preview=SafetyPreview())
    await publish(pipeline, flagged)
    await until_flagged(databases, flag_id)
    async with Browser(pipeline.address("triage"), "demo:officer-1") as officer:
        assert phrase in (await officer.read(f"/flags/{flag_id}")).text


async def publish(pipeline: LocalStack, event: SafetyFlagged | SafetyPreviewed) -> None:
    """Write an event as the sanitiser does."""
    await send(pipeline, event.type, event.flag_id, event.model_dump_json().encode(), principal="sanitiser")


async def every_flag(officer: Browser) -> str:
    """Return all pages of flags."""
    pages = [(await officer.read("/flags")).text]
    while f'href="/flags?page={len(pages) + 1}"' in pages[-1]:
        pages.append((await officer.read(f"/flags?page={len(pages) + 1}")).text)
    return "\n".join(pages)


async def test_of_two_officers_one_owns_the_flag(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    _, ref = await submit_high(frontend, databases)
    flag_id = (await flag_of(databases, ref))["flag_id"]
    triage = pipeline.address("triage")
    async with Browser(triage, "demo:officer-1") as one, Browser(triage, "demo:officer-2") as other:
        forms = [Page.read((await each.read(f"/flags/{flag_id}")).text).fields for each in (one, other)]
        sent = [
            await each.send(f"/flags/{flag_id}/acknowledge", form)
            for each, form in zip((one, other), forms, strict=True)
        ]
        assert [answer.status for answer in sent] == [303, 409]
        assert "Robin Ashdown" in sent[1].text
        assert f'data-flag="{flag_id}" data-owner="demo:officer-1"' in await every_flag(other)
    assert (await flag_of(databases, ref))["acknowledged_by"] == "demo:officer-1"


SURNAME = "Zqorvexilname"  # the canary's mark is a name here, so the later search finds any trace of it
DISGUISED = {
    "nickname": "Mags has seen it.",
    "misspelling": "Mrs Zqorvexillname has seen it.",
    "initials": "M.Z. has seen it.",
    "employer": "Somebody who works for Brambleford has seen it.",
    "role": "The housing officer has seen it.",
    "phone in words": "Ring oh seven seven double oh nine double oh one one eight.",
    "e-mail spelled out": "Write to m dot zqorvexilname at post dot example dot org.",
    "part of the phone": "Her number ends 900118.",
}


@pytest.mark.parametrize("disguise", DISGUISED)
async def test_what_shows_the_source_in_disguise_is_taken_out_or_held_for_a_person(
    frontend: Frontend, databases: Databases, disguise: str
) -> None:
    form = a_form(
        narrative=f"A white van stands outside number 31. {DISGUISED[disguise]}",
        source={
            "kind": "person",
            "name": f"Margaret {SURNAME}",
            "phone": "07700 900118",
            "email": f"m.{SURNAME.lower()}@post.example.org",
        },
        submitter={"name": "Colin Adeyemi", "role": "housing officer", "organisation": "Brambleford Homes"},
    )
    status, answer = await frontend.submit(form)
    assert status == 202
    ref = await databases["intake"].fetchval(SUBMISSION, answer["receipt"])

    async def arrived() -> str | None:
        held = await databases["restricted"].fetchval(HELD, ref)
        source_ref = await databases["restricted"].fetchval(SOURCE, ref)
        return held or await databases["triage"].fetchval(CONTENT, source_ref)

    found = await wait_for(arrived, "the submission, held or as a case") or ""
    said = DISGUISED[disguise].split()[-1] if disguise.startswith("phone") else "900118"
    assert found == "waiting" or (said not in found and "[SOURCE CONTACT]" in found)
