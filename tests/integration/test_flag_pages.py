"""Flags on the officers' pages: one is shown before and after its preview has come, and one officer owns it."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import SafetyFlagged, SafetyPreview, SafetyPreviewed
from pipeline_shared.language.vocabulary import SafetyReason
from pipeline_simulators.browsing import Browser, Page
from tests.support.flags import Databases, flag_of, preview_of_flag, submit_high, until_flagged
from tests.support.intake import Frontend
from tests.support.people import id_of
from tests.support.signing import publish


async def test_a_flag_is_shown_without_its_preview_and_with_it_once_that_has_come_also_when_it_is_taken_on(
    pipeline: LocalStack, databases: Databases
) -> None:
    flag_id, phrase = uuid4(), f"has a knife {uuid4()}"
    common: dict[str, Any] = {"occurred_at": datetime.now(UTC), "flag_id": flag_id}
    choices, full = SafetyPreview(withheld=("phrases",)), SafetyPreview(phrases=(phrase,))
    flagged = SafetyFlagged(**common, event_id=uuid4(), reasons=(SafetyReason.WEAPON,), preview=choices)
    await publish(pipeline, flagged)
    await until_flagged(databases, flag_id)
    async with Browser(pipeline.address("triage"), "officer-1") as officer:
        before = await officer.read(f"/flags/{flag_id}")
        assert "follow within seconds" in before.text
        await officer.send(f"/flags/{flag_id}/acknowledge", Page.read(before.text).fields)
        await publish(pipeline, SafetyPreviewed(**common, event_id=uuid4(), preview=full))
        await preview_of_flag(databases, flag_id)
        after = (await officer.read(f"/flags/{flag_id}")).text
        assert (phrase in after, "follow within seconds" in after) == (True, False)


async def test_a_preview_that_comes_before_its_flag_joins_it(pipeline: LocalStack, databases: Databases) -> None:
    flag_id, phrase = uuid4(), f"has a knife {uuid4()}"
    common: dict[str, Any] = {"occurred_at": datetime.now(UTC), "flag_id": flag_id}
    await publish(pipeline, SafetyPreviewed(**common, event_id=uuid4(), preview=SafetyPreview(phrases=(phrase,))))
    await preview_of_flag(databases, flag_id)
    flagged = SafetyFlagged(**common, event_id=uuid4(), reasons=(SafetyReason.WEAPON,), preview=SafetyPreview())
    await publish(pipeline, flagged)
    await until_flagged(databases, flag_id)
    async with Browser(pipeline.address("triage"), "officer-1") as officer:
        assert phrase in (await officer.read(f"/flags/{flag_id}")).text


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
    triage, owner = pipeline.address("triage"), id_of(pipeline, "officer-1")
    async with Browser(triage, "officer-1") as one, Browser(triage, "officer-2") as other:
        forms = [Page.read((await each.read(f"/flags/{flag_id}")).text).fields for each in (one, other)]
        sent = [
            await each.send(f"/flags/{flag_id}/acknowledge", form)
            for each, form in zip((one, other), forms, strict=True)
        ]
        assert [answer.status for answer in sent] == [303, 409]
        assert "Robin Ashdown" in sent[1].text
        assert f'data-flag="{flag_id}" data-owner="{owner}"' in await every_flag(other)
    assert (await flag_of(databases, ref))["acknowledged_by"] == owner
