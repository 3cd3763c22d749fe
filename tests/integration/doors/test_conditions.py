"""Every condition of the table is enforced by the route of its action: a reason, another person, a fresh sign-in."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import httpx
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.access.permissions import PERMISSIONS, Action, Permission
from pipeline_shared.web.site import Site
from pipeline_simulators.provider.tokens import Fault
from tests.integration.doors.errands import (
    REASON,
    to_acknowledge,
    to_decide,
    to_reopen,
    to_take_over,
    with_form,
)
from tests.integration.doors.world import Errand, Prepare, World
from tests.support.application import application
from tests.support.provider import ProviderControl
from tests.support.visitor import Visitor

TOO_LONG = "x" * 2_001
# What each action with a condition needs before a person can carry it out: site, person, errand.
ON_PAGES: Mapping[Action, tuple[str, str, Prepare]] = {
    Action.DECIDE_CASE: ("triage", "officer-1", to_decide),
    Action.REOPEN_CASE: ("triage", "supervisor-1", to_reopen),
    Action.TAKE_OVER_FLAG: ("triage", "officer-1", to_take_over),
    Action.RELEASE_HELD: ("desk", "desk-1", with_form("release", **REASON)),
    Action.KEEP_HELD: ("desk", "desk-1", with_form("hold", **REASON)),
}
BY_COMMAND = {
    Action.REPLAY_PARKED,
    Action.RESEND_EVENTS,
    Action.PROVISION,
    Action.CHANGE_AGENCIES,
    Action.CHANGE_KEYS,
    Action.TAKE_SOURCE,
    Action.RESTORE,
}


def on_pages_with(holds: Callable[[Permission], bool]) -> list[Action]:
    return [action for action in ON_PAGES if holds(PERMISSIONS[action])]


def has_a_condition(row: Permission) -> bool:
    return row.needs_reason or row.needs_another_person or row.needs_step_up


def test_every_action_with_a_condition_belongs_to_a_route_or_to_a_command(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    routed: set[Action] = set()
    create = Site.action

    def noted(site: Site, view: object, action: Action | None, **values: object) -> object:
        routed.update([action] if action else [])
        return create(site, view, action, **values)  # pyright: ignore[reportArgumentType] - passed on as it came

    monkeypatch.setattr(Site, "action", noted)
    for site in ("triage", "desk"):
        application(stack, site, monkeypatch)
    assert {action for action in routed if has_a_condition(PERMISSIONS[action])} == set(ON_PAGES)
    assert {action for action in Action if has_a_condition(PERMISSIONS[action])} == set(ON_PAGES) | BY_COMMAND


@pytest.mark.parametrize("reason", ["", " \n", TOO_LONG])
@pytest.mark.parametrize("action", on_pages_with(lambda row: row.needs_reason))
async def test_without_a_reason_the_form_comes_back(world: World, action: Action, reason: str) -> None:
    site, person, prepare = ON_PAGES[action]
    errand = await prepare(world)
    field = "reopen-reason" if "reopen-reason" in errand.form else "reason"
    visitor = await signed_in_afresh(world, site, person)
    before = await world.state(site, errand.subject)
    answer = await visitor.send(errand.address, {**errand.form, field: reason})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert await world.state(site, errand.subject) == before
    assert (await visitor.send(errand.address, errand.form)).status_code == 303
    assert await world.state(site, errand.subject) != before
    await visitor.leave()


async def own_decision(world: World, visitor: Visitor) -> Errand:
    decided = await to_decide(world)
    assert (await visitor.send(decided.address, decided.form)).status_code == 303
    form = {"version": "2", "reopen-reason": "New facts"}
    return Errand(f"/cases/{decided.subject}/reopening", decided.subject, form)


async def own_flag(world: World, visitor: Visitor) -> Errand:
    flag = await to_acknowledge(world)
    assert (await visitor.send(flag.address, {})).status_code == 303
    form = {"owner": world.id_of(visitor.person), **REASON}
    return Errand(f"/flags/{flag.subject}/takeover", flag.subject, form)


ACTED_BEFORE: Mapping[Action, Callable[[World, Visitor], Awaitable[Errand]]] = {
    Action.REOPEN_CASE: own_decision,
    Action.TAKE_OVER_FLAG: own_flag,
}


@pytest.mark.parametrize("action", on_pages_with(lambda row: row.needs_another_person))
async def test_attack_44_the_person_who_acted_before_is_refused(world: World, action: Action) -> None:
    site, person, _ = ON_PAGES[action]
    visitor = await signed_in_afresh(world, site, person)
    errand = await ACTED_BEFORE[action](world, visitor)
    before = await world.state(site, errand.subject)
    answer = await visitor.send(errand.address, errand.form)
    assert (answer.status_code, "Another person must do this" in answer.text) == (403, True)
    assert await world.state(site, errand.subject) == before
    await visitor.leave()


@pytest.mark.parametrize("action", on_pages_with(lambda row: row.needs_step_up))
async def test_an_old_sign_in_leads_to_a_fresh_one_and_back_to_the_form_as_it_was(world: World, action: Action) -> None:
    site, person, prepare = ON_PAGES[action]
    errand = await prepare(world)
    typed = "Typed before <signing in>"
    form = {name: typed if "reason" in name else value for name, value in errand.form.items()}
    visitor = await signed_in_long_ago(world, site, person)
    before = await world.state(site, errand.subject)
    answer = await visitor.send(errand.address, form)
    assert answer.headers["location"].startswith("/sign-in?step-up=1&next=%2F")
    assert await world.state(site, errand.subject) == before
    back = await visitor.sign_in(answer.headers["location"])
    page = await visitor.get(back.headers["location"])
    assert "Typed before &lt;signing in&gt;" in page.text
    await accept(world, visitor, replace(errand, form=form), page)
    await visitor.leave()


async def accept(world: World, visitor: Visitor, errand: Errand, page: httpx.Response) -> None:
    """Send the form that came back."""
    site = "desk" if errand.address.startswith("/held") else "triage"
    before = await world.state(site, errand.subject)
    visitor.csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    assert (await visitor.send(errand.address, errand.form)).status_code == 303
    assert await world.state(site, errand.subject) != before


@pytest.mark.parametrize("action", [action for action in ON_PAGES if not PERMISSIONS[action].needs_step_up])
async def test_without_that_condition_an_old_sign_in_is_enough(world: World, action: Action) -> None:
    site, person, prepare = ON_PAGES[action]
    errand = await prepare(world)
    visitor = await signed_in_long_ago(world, site, person)
    before = await world.state(site, errand.subject)
    assert (await visitor.send(errand.address, errand.form)).status_code == 303
    assert await world.state(site, errand.subject) != before
    await visitor.leave()


async def signed_in_afresh(world: World, site: str, person: str) -> Visitor:
    return await Visitor.enter(world.pipeline.address(site), person)


async def signed_in_long_ago(world: World, site: str, person: str) -> Visitor:
    """Return a person whom the provider knew already for an hour when they came to the site."""
    async with ProviderControl.open(world.pipeline) as control:
        await control.misbehave(Fault.NOT_FRESH)
        return await Visitor.enter(world.pipeline.address(site), person)
