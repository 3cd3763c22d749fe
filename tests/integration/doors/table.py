"""The table of doors: every way into the two sites, with the roles that may use it and the audit rows that it leaves.

A route that is neither here nor in OPEN fails `test_roles.py`, so the author of a new route must say here who may use
it. One route may have several rows, for its behaviour when something is missing or another person was first.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from pipeline_local.stack import LocalStack
from pipeline_shared.web.identity.people import DEMONSTRATION_PEOPLE, Role
from pipeline_simulators.browsing import Page
from pipeline_simulators.people import findings_to_decide
from tests.support.intake import Frontend
from tests.support.journey import Databases, flag_of, hold_submission, open_case, submit
from tests.support.visitor import Visitor
from tests.support.waiting import wait_for

DECIDERS = frozenset({Role.TRIAGE_OFFICER, Role.TRIAGE_SUPERVISOR})
SOURCE_DESK = frozenset({Role.SOURCE_DESK_OFFICER, Role.SOURCE_DESK_APPROVER})
PERSON_WITH = {role: person.id for person in DEMONSTRATION_PEOPLE for role in person.roles}
PEOPLE = (*(person.id for person in DEMONSTRATION_PEOPLE), "")  # and a person who has not signed in

OPEN = frozenset({"/", "/sign-in", "/sign-out", "/static"})  # before the sign-in: they show nothing of a submission

VAN = "A white van stands outside number 31. Mags has seen it."
DANGER = "Lee Hargreaves has a knife under his coat at the bus station and is going to stab Dean Porter there tonight."
REASON = {"reason": "Many could have told it"}
STATES = {
    "triage": """
        SELECT (SELECT state || version FROM triage_case WHERE case_id = $1), (SELECT count(*) FROM decision
                WHERE case_id = $1), (SELECT acknowledged_by FROM safety_flag WHERE flag_id = $1)
    """,
    "desk": "SELECT state, version, decided_by FROM held WHERE submission_ref = $1",
}
PREVIEWED = "SELECT flag_id FROM safety_preview WHERE flag_id = $1"
DATABASE = {"triage": "triage", "desk": "restricted"}


@dataclass(slots=True)
class World:
    """The running sites, people signed in at them, and a frontend that submits."""

    pipeline: LocalStack
    frontend: Frontend
    databases: Databases
    _visitors: dict[tuple[str, str], Visitor] = field(default_factory=dict[tuple[str, str], Visitor])

    async def visitor(self, site: str, person: str) -> Visitor:
        """Return a person at a site, signed in once."""
        if (site, person) not in self._visitors:
            self._visitors[site, person] = await Visitor.enter(self.pipeline.address(site), person)
        return self._visitors[site, person]

    async def state(self, site: str, subject: UUID | None) -> tuple[object, ...]:
        """Return everything that a person can change about a case, a flag or a held submission at a site."""
        row = await self.database(site).fetchrow(STATES[site], subject)
        return tuple(row) if row else ()

    async def audit(self, site: str, after: int) -> list[tuple[str, str, str]]:
        """Return (actor, action, subject) of each act by a person after a row of the audit."""
        query = "SELECT actor, action, subject FROM audit WHERE id > $1 AND actor LIKE 'demo:%' ORDER BY id"
        return [tuple(row) for row in await self.database(site).fetch(query, after)]

    async def last_audit(self, site: str) -> int:
        """Return the id of the last audit row."""
        return await self.database(site).fetchval("SELECT coalesce(max(id), 0) FROM audit") or 0

    def database(self, site: str) -> asyncpg.Connection:
        """Return an administrator's connection to the database of a site."""
        return self.databases[DATABASE[site]]

    async def leave(self) -> None:
        """Close every browser."""
        for visitor in self._visitors.values():
            await visitor.leave()


@dataclass(frozen=True, slots=True)
class Errand:
    """One request that a person with the role may make: its address, its form and its subject."""

    address: str
    subject: UUID | None = None
    form: Mapping[str, str] = field(default_factory=dict[str, str])


Prepare = Callable[[World], Awaitable[Errand]]


@dataclass(frozen=True, slots=True)
class Door:
    """One row of the table; `shows` lists the content of the answer that must leave an audit row."""

    site: str
    method: str
    path: str
    roles: frozenset[Role]
    prepare: Prepare
    audit: tuple[str, ...] = ()
    status: int = 200
    shows: str = ""
    what: str = ""

    def __str__(self) -> str:
        """Return the name of the row among the tests."""
        return " ".join(filter(None, (self.site, self.method, self.path, self.what)))


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
    first = await world.visitor("triage", "demo:officer-2")
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
    first = await world.visitor("triage", "demo:officer-2")
    assert (await first.send(errand.address, errand.form)).status_code == 303
    return errand


async def a_held(world: World) -> Errand:
    """Prepare a held submission."""
    _, ref = await hold_submission(world.frontend, world.databases, narrative=VAN)
    return Errand(f"/held/{ref}", ref)


def with_form(step: str, **fields: str) -> Prepare:
    """Return an errand that sends the review's form to one of its steps, with each finding decided."""

    async def prepare(world: World) -> Errand:
        errand = await a_held(world)
        page = await opened_by(world, "desk", Role.SOURCE_DESK_OFFICER, errand.address)
        decisions = {f"decide.{key}": "accept" for key in findings_to_decide(page)}
        return Errand(f"{errand.address}/{step}", errand.subject, page.fields | decisions | fields)

    return prepare


async def leaving_a_word(world: World) -> Errand:
    """Prepare a review that leaves a word found by the leak check."""
    narrative = "The manager of the car wash was told of it by a driver."
    source = {"kind": "person", "name": "Ellen White", "role": "manager"}
    _, ref = await hold_submission(world.frontend, world.databases, narrative=narrative, source=source)
    desk = await world.visitor("desk", PERSON_WITH[Role.SOURCE_DESK_OFFICER])
    page = Page.read((await desk.ask("GET", f"/held/{ref}")).text)
    form = page.fields | {f"decide.{key}": "reject" for key in findings_to_decide(page)} | REASON
    shown = (await desk.send(f"/held/{ref}/preview", form)).text
    stays = dict.fromkeys(re.findall(r'name="(stay\.[^"]+)"', shown), "yes")
    assert stays
    return Errand(f"/held/{ref}/release", ref, form | stays)


FLAG, CASE, HELD = "/flags/{flag_id:uuid}", "/cases/{case_id:uuid}", "/held/{submission_ref:uuid}"
LISTED = ("queue_listed", "flags_listed")
READ_FLAG, READ_CASE, OPENED = ("safety_flag_read",), ("case_read",), ("held_submission_opened",)

DOORS = (
    Door("triage", "GET", "/queue", DECIDERS, at("/queue"), LISTED),
    Door("triage", "GET", "/queue", DECIDERS, at("/queue?state=decided"), LISTED, what="decided"),
    Door("triage", "GET", "/flags", DECIDERS, at("/flags"), ("flags_listed",)),
    Door("triage", "GET", "/flags/fresh", DECIDERS, at("/flags/fresh"), ("flags_listed",)),
    Door("triage", "GET", FLAG, DECIDERS, a_flag, READ_FLAG, shows="knife"),
    Door("triage", "POST", f"{FLAG}/acknowledge", DECIDERS, to_acknowledge, ("safety_flag_acknowledged",), 303),
    Door("triage", "POST", f"{FLAG}/acknowledge", DECIDERS, taken_before, READ_FLAG, 409, "knife", "taken before"),
    Door("triage", "GET", CASE, DECIDERS, a_case, READ_CASE, shows="Garnet Street"),
    Door("triage", "POST", f"{CASE}/decision", DECIDERS, to_decide, ("case_decided",), 303),
    Door(
        "triage", "POST", f"{CASE}/decision", DECIDERS, without_a_reason, READ_CASE, 422, "Garnet Street", "no reason"
    ),
    Door("triage", "POST", f"{CASE}/decision", DECIDERS, decided_before, READ_CASE, 409, "", "decided before"),
    Door("desk", "GET", "/held", SOURCE_DESK, at("/held"), ("held_listed",)),
    Door("desk", "GET", HELD, SOURCE_DESK, a_held, OPENED, shows="white van"),
    Door("desk", "POST", f"{HELD}/preview", SOURCE_DESK, with_form("preview"), OPENED, shows="white van"),
    Door(
        "desk",
        "POST",
        f"{HELD}/release",
        SOURCE_DESK,
        with_form("release", **REASON),
        (*OPENED, "held_submission_released"),
        303,
    ),
    Door(
        "desk",
        "POST",
        f"{HELD}/release",
        SOURCE_DESK,
        with_form("release"),
        OPENED,
        422,
        "white van",
        "no reason",
    ),
    Door(
        "desk",
        "POST",
        f"{HELD}/release",
        SOURCE_DESK,
        leaving_a_word,
        (*OPENED, "held_submission_released", "left_over_accepted"),
        303,
        what="a word left",
    ),
    Door(
        "desk",
        "POST",
        f"{HELD}/hold",
        SOURCE_DESK,
        with_form("hold", **REASON),
        (*OPENED, "held_submission_kept"),
        303,
    ),
    Door("desk", "POST", f"{HELD}/hold", SOURCE_DESK, with_form("hold"), OPENED, 422, "white van", "no reason"),
)
