"""Every route with every person and every method: without the role a page does not exist, and nothing changes."""

import re
from collections.abc import Mapping
from uuid import uuid4

import httpx
import pytest
from starlette.routing import Mount, Route

from pipeline_local.stack import LocalStack
from pipeline_shared.access.people import Role
from tests.integration.doors.table import DOORS, OPEN, Door
from tests.integration.doors.world import PEOPLE, Errand, World
from tests.support import people
from tests.support.application import application
from tests.support.visitor import Visitor, look_of

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SITES = ("triage", "desk")
FIRST_OF_ROUTE = list({(door.site, door.method, door.path): door for door in reversed(DOORS)}.values())
ACTIONS = [door for door in FIRST_OF_ROUTE if door.method == "POST"]
ROLES_OF = people.ROLES_OF | {"": frozenset[Role]()}
SUBJECT = re.compile("[0-9a-f-]{36}")
FOREIGN: list[dict[str, str]] = [
    {"origin": "https://elsewhere.example"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site"},
]


@pytest.mark.parametrize("site", SITES)
async def test_every_route_of_a_site_says_who_may_use_it(
    stack: LocalStack, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes: list[tuple[str, str]] = []
    for route in application(stack, site, monkeypatch).routes:
        assert isinstance(route, Route | Mount)
        methods = {"GET"} if isinstance(route, Mount) else (route.methods or set[str]()) - {"HEAD"}
        routes += [(method, route.path) for method in methods if route.path not in OPEN]
    assert sorted(routes) == sorted({(door.method, door.path) for door in DOORS if door.site == site})


def test_every_role_has_a_person_who_tries_every_door() -> None:
    assert set(Role) == {role for roles in ROLES_OF.values() for role in roles}


@pytest.mark.parametrize("door", FIRST_OF_ROUTE, ids=str)
async def test_a_door_opens_to_its_roles_and_is_not_there_for_others(world: World, door: Door) -> None:
    errand = await door.prepare(world)
    before = await facts(world, door, errand)
    for person in PEOPLE:
        if not ROLES_OF[person] & door.roles:
            visitor = await world.visitor(door.site, person)
            other = await asked(visitor, door, Errand(SUBJECT.sub(str(uuid4()), errand.address), None, errand.form))
            check_refusal(door, visitor, await asked(visitor, door, errand), other)
    assert await facts(world, door, errand) == before
    for person in PEOPLE:
        if ROLES_OF[person] & door.roles:
            errand = errand if door.method == "GET" else await door.prepare(world)
            answer = await asked(await world.visitor(door.site, person), door, errand)
            assert (person, answer.status_code) == (person, door.status)


def check_refusal(door: Door, visitor: Visitor, answer: httpx.Response, of_nothing: httpx.Response) -> None:
    """Check the refusal: without a sign-in, a redirect to it; without the role, the answer of a missing page (D-S7).

    Whoever may see the thing is told that they may not do this to it.
    """
    if not visitor.person:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
        return
    expected = 403 if ROLES_OF[visitor.person] & door.known_to else 404
    assert (visitor.person, answer.status_code) == (visitor.person, expected)
    assert look_of(answer) == look_of(of_nothing)


async def asked(
    visitor: Visitor, door: Door, errand: Errand, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """Send the request of an errand."""
    form = {**errand.form, "csrf": visitor.csrf} if door.method == "POST" else None
    return await visitor.ask(door.method, errand.address, form, headers)


async def facts(world: World, door: Door, errand: Errand) -> tuple[object, ...]:
    """Return everything that must not change: the subject, and the people's acts in the audit."""
    return await world.state(door.site, errand.subject), await world.audit(door.site, 0)


@pytest.mark.parametrize(("site", "path"), sorted({(door.site, door.path) for door in DOORS}), ids=str)
async def test_no_other_method_than_its_own_gets_anybody_further(world: World, site: str, path: str) -> None:
    doors = [door for door in FIRST_OF_ROUTE if (door.site, door.path) == (site, path)]
    own = {door.method for door in doors} | ({"HEAD"} if any(door.method == "GET" for door in doors) else set())
    errand = await doors[0].prepare(world)
    before = await facts(world, doors[0], errand)
    for person in PEOPLE:
        visitor = await world.visitor(site, person)
        for method in METHODS:
            if method not in own:
                answer = await visitor.ask(method, errand.address, {**errand.form, "csrf": visitor.csrf})
                assert (person, method, answer.status_code) == (person, method, 405)
    assert await facts(world, doors[0], errand) == before


@pytest.mark.parametrize("door", [door for door in FIRST_OF_ROUTE if door.method == "GET"], ids=str)
async def test_the_head_of_a_page_is_for_those_who_may_read_it(world: World, door: Door) -> None:
    errand = await door.prepare(world)
    for person in PEOPLE:
        answer = await (await world.visitor(door.site, person)).ask("HEAD", errand.address)
        expected = 200 if ROLES_OF[person] & door.roles else 404 if person else 303
        assert (person, answer.status_code, answer.content) == (person, expected, b"")


@pytest.mark.parametrize("door", ACTIONS, ids=str)
async def test_a_form_counts_only_with_its_own_token_and_from_its_own_site(world: World, door: Door) -> None:
    one, other = [p for p in PEOPLE if ROLES_OF[p] & door.roles][:2]
    errand = await door.prepare(world)
    visitor, stranger = await world.visitor(door.site, one), await world.visitor(door.site, other)
    before = await facts(world, door, errand)
    for token in ("", "x", stranger.csrf, f"x{visitor.csrf}"):
        answer = await visitor.ask("POST", errand.address, {**errand.form, "csrf": token})
        assert (token, answer.status_code) == (token, 403)
    for headers in FOREIGN:
        assert (headers, (await asked(visitor, door, errand, headers)).status_code) == (headers, 403)
    assert await facts(world, door, errand) == before
    assert (await asked(visitor, door, errand)).status_code == door.status
