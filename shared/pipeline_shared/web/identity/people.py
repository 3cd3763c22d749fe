"""The people who may sign in, and their roles.

`SignIn` is the place for another kind of sign-in. Today it offers a few demonstration people and refuses to exist
outside the local environment; OpenID Connect replaces it later. If a person loses a role, every session opened with
this role ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A role that a person may have in this product."""

    TRIAGE_OFFICER = "triage officer"
    TRIAGE_SUPERVISOR = "triage supervisor"
    SOURCE_DESK_OFFICER = "source desk officer"
    SOURCE_DESK_APPROVER = "source desk approver"
    OPERATIONS = "operations"


@dataclass(frozen=True, slots=True)
class Person:
    """A person who signs in: the audit keeps `id`; `name` is only shown."""

    id: str
    name: str
    roles: frozenset[Role]

    @property
    def role_names(self) -> str:
        """Return the names of the roles for people."""
        return ", ".join(sorted(self.roles)).capitalize()


def _demonstration(person_id: str, name: str, role: Role) -> Person:
    return Person(f"demo:{person_id}", name, frozenset({role}))


DEMONSTRATION_PEOPLE = (
    _demonstration("officer-1", "Robin Ashdown", Role.TRIAGE_OFFICER),
    _demonstration("officer-2", "Jas Thorncliffe", Role.TRIAGE_OFFICER),
    _demonstration("supervisor-1", "Morgan Eldwick", Role.TRIAGE_SUPERVISOR),
    _demonstration("desk-1", "Kit Harrowgill", Role.SOURCE_DESK_OFFICER),
    _demonstration("desk-2", "Ashby Fenwright", Role.SOURCE_DESK_APPROVER),
    _demonstration("operations-1", "Lee Cragmoor", Role.OPERATIONS),
)


class SignInRefusedError(Exception):
    """A sign-in without proof of identity was requested outside the local environment."""


class SignIn:
    """Sign in by choosing a demonstration person; raise SignInRefusedError unless the environment is local."""

    def __init__(self, environment: str, people: Sequence[Person] = DEMONSTRATION_PEOPLE) -> None:
        if environment != "local":
            raise SignInRefusedError("demonstration people may sign in only where the environment is local")
        self.people = tuple(people)
        self._by_id = {person.id: person for person in people}

    def find(self, person_id: str) -> Person | None:
        """Return the person with that id, if there is one."""
        return self._by_id.get(person_id)
