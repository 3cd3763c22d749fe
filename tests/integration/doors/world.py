"""The running sites, the people who are signed in at them, and one request of a person."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from pipeline_local.stack import LocalStack
from pipeline_shared.access.people import Role
from tests.support.intake import Frontend
from tests.support.journey import Databases
from tests.support.people import ROLES_OF, id_of
from tests.support.visitor import Visitor

DECIDERS = frozenset({Role.TRIAGE_OFFICER, Role.TRIAGE_SUPERVISOR})
SOURCE_DESK = frozenset({Role.SOURCE_DESK_OFFICER, Role.SOURCE_DESK_APPROVER})
NONE = frozenset[Role]()
PEOPLE = (*ROLES_OF, "")  # and a person who has not signed in


STATES = {
    "triage": """
        SELECT (SELECT state || version FROM triage_case WHERE case_id = $1), (SELECT count(*) FROM decision
                WHERE case_id = $1), (SELECT acknowledged_by FROM safety_flag WHERE flag_id = $1),
               (SELECT count(*) FROM reopening WHERE case_id = $1)
    """,
    "desk": "SELECT state, version, decided_by FROM held WHERE submission_ref = $1",
}
ACTS = """
    SELECT actor, action, subject FROM audit
    WHERE id > $1 AND actor LIKE 'person:%' AND NOT action = ANY($2) ORDER BY id
"""
SIGNING_IN = ["signed_in", "session_ended"]
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

    def id_of(self, person: str) -> str:
        """Return the id of a person in the audit."""
        return id_of(self.pipeline, person)

    async def renew(self, site: str, *roles: Role) -> None:
        """Have everybody with one of these roles sign in afresh at their next request."""
        for person in [person for at, person in self._visitors if at == site and ROLES_OF.get(person, NONE) & {*roles}]:
            await self._visitors.pop((site, person)).leave()

    async def state(self, site: str, subject: UUID | None) -> tuple[object, ...]:
        """Return everything that a person can change about a case, a flag or a held submission at a site."""
        row = await self.database(site).fetchrow(STATES[site], subject)
        return tuple(row) if row else ()

    async def audit(self, site: str, after: int) -> list[tuple[str, str, str]]:
        """Return (actor, action, subject) of each act by a person after a row, but for signing in."""
        return [tuple(row) for row in await self.database(site).fetch(ACTS, after, SIGNING_IN)]

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
