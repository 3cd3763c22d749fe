"""What must be there before a person can go through a door: a flag, a case or a held submission."""

import re
from uuid import UUID

from pipeline_shared.access.people import Role
from pipeline_simulators.browsing import Page
from pipeline_simulators.people import answers_on
from tests.integration.doors.world import SOURCE_DESK, Errand, Prepare, World
from tests.support.journey import flag_of, hold_submission, open_case, submit
from tests.support.people import PERSON_WITH
from tests.support.waiting import wait_for

VAN = "A white van stands outside number 31. Mags has seen it."
DANGER = "Lee Hargreaves has a knife under his coat at the bus station and is going to stab Dean Porter there tonight."
REASON = {"reason": "Many could have told it"}
PREVIEWED = "SELECT flag_id FROM safety_preview WHERE flag_id = $1"


async def opened_by(world: World, site: str, role: Role, address: str) -> Page:
    """Return a page as a person with the role reads it."""
    visitor = await world.visitor(site, PERSON_WITH[role])
    return Page.read((await visitor.ask("GET", address)).text)


def at(address: str) -> Prepare:
    """Return an errand that needs no subject."""

    async def prepare(_world: World) -> Errand:
        return Errand(address)

    return prepare


async def a_flag(world: World) -> Errand:
    """Prepare a flag without an owner, with its preview."""
    flag_id = await flag_of(world.databases, await submit(world.frontend, narrative=DANGER))

    async def previewed() -> UUID | None:
        return await world.databases["triage"].fetchval(PREVIEWED, flag_id)

    await wait_for(previewed, "the preview")
    return Errand(f"/flags/{flag_id}", flag_id)


async def to_acknowledge(world: World) -> Errand:
    """Prepare the same flag for an acknowledgement."""
    errand = await a_flag(world)
    return Errand(f"{errand.address}/acknowledge", errand.subject)


async def taken_before(world: World) -> Errand:
    """Prepare a flag that another person has acknowledged."""
    errand = await to_acknowledge(world)
    first = await world.visitor("triage", "officer-2")
    assert (await first.send(errand.address, {})).status_code == 303
    return errand


async def a_case(world: World) -> Errand:
    """Prepare a case that waits for a decision."""
    case_id = await open_case(world.frontend, world.databases)
    return Errand(f"/cases/{case_id}", case_id)


async def to_decide(world: World) -> Errand:
    """Prepare the same case with a complete verdict."""
    errand = await a_case(world)
    form = {"version": "1", "outcome": "record", **REASON}
    return Errand(f"{errand.address}/decision", errand.subject, form)


async def without_a_reason(world: World) -> Errand:
    """Prepare the same case with a verdict that lacks its reason."""
    errand = await to_decide(world)
    return Errand(errand.address, errand.subject, {**errand.form, "reason": ""})


async def decided_before(world: World) -> Errand:
    """Prepare a case that another person has decided."""
    errand = await to_decide(world)
    first = await world.visitor("triage", "officer-2")
    assert (await first.send(errand.address, errand.form)).status_code == 303
    return errand


async def to_take_over(world: World) -> Errand:
    """Prepare a flag that another person than those who try has taken on."""
    errand = await to_acknowledge(world)
    owner = "person:who-left"
    await world.database("triage").execute(
        "UPDATE safety_flag SET acknowledged_by = $2, acknowledged_at = now() WHERE flag_id = $1", errand.subject, owner
    )
    return Errand(f"/flags/{errand.subject}/takeover", errand.subject, {"owner": owner, "reason": "Off duty"})


async def over_nobody(world: World) -> Errand:
    """Prepare the same form with an owner whom the flag does not have."""
    errand = await to_take_over(world)
    return Errand(errand.address, errand.subject, {**errand.form, "owner": "person:somebody-else"})


async def to_reopen(world: World) -> Errand:
    """Prepare a case that another person decided not to record, and supervisors who signed in just now."""
    errand = await to_decide(world)
    form = {"version": "1", "outcome": "not_record", "reason_code": "not_timely", **REASON}
    first = await world.visitor("triage", "officer-2")
    assert (await first.send(errand.address, form)).status_code == 303
    await world.renew("triage", Role.TRIAGE_SUPERVISOR)
    return Errand(f"/cases/{errand.subject}/reopening", errand.subject, {"version": "2", "reopen-reason": "New facts"})


async def to_reopen_unasked(world: World) -> Errand:
    """Prepare the same case with a form without a reason."""
    errand = await to_reopen(world)
    return Errand(errand.address, errand.subject, {"version": "2"})


async def a_held(world: World) -> Errand:
    """Prepare a held submission."""
    _, ref = await hold_submission(world.frontend, world.databases, narrative=VAN)
    return Errand(f"/held/{ref}", ref)


def with_form(step: str, **fields: str) -> Prepare:
    """Return an errand that sends the review's form to one of its steps, with each finding decided."""

    async def prepare(world: World) -> Errand:
        errand = await a_held(world)
        if step == "release":
            await world.renew("desk", *SOURCE_DESK)
        page = await opened_by(world, "desk", Role.SOURCE_DESK_OFFICER, errand.address)
        decisions = answers_on(page)
        return Errand(f"{errand.address}/{step}", errand.subject, page.fields | decisions | fields)

    return prepare


async def leaving_a_word(world: World) -> Errand:
    """Prepare a review that leaves a word found by the leak check."""
    narrative = "The manager of the car wash was told of it by a driver."
    source = {"kind": "person", "name": "Ellen White", "role": "manager"}
    await world.renew("desk", *SOURCE_DESK)
    _, ref = await hold_submission(world.frontend, world.databases, narrative=narrative, source=source)
    desk = await world.visitor("desk", PERSON_WITH[Role.SOURCE_DESK_OFFICER])
    page = Page.read((await desk.ask("GET", f"/held/{ref}")).text)
    form = page.fields | answers_on(page, keep=True) | REASON
    shown = (await desk.send(f"/held/{ref}/preview", form)).text
    stays = dict.fromkeys(re.findall(r'name="(stay\.[^"]+)"', shown), "yes")
    assert stays
    return Errand(f"/held/{ref}/release", ref, form | stays)
