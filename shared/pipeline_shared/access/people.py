"""People and their roles. A person is an issuer and a subject there, never a name or an e-mail address."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import NAMESPACE_URL, uuid5


class Role(StrEnum):
    """A role that a person may have in this product."""

    TRIAGE_OFFICER = "triage officer"
    TRIAGE_SUPERVISOR = "triage supervisor"
    SOURCE_DESK_OFFICER = "source desk officer"
    SOURCE_DESK_APPROVER = "source desk approver"
    RULES_AUTHOR = "rules author"
    AUDITOR = "auditor"
    OPERATIONS = "operations"
    AGENCY_ADMINISTRATOR = "agency administrator"


@dataclass(frozen=True, slots=True)
class Person:
    """A person with a proven identity: the audit keeps `id`; `name` is only shown."""

    id: str
    name: str
    roles: frozenset[Role]

    @property
    def role_names(self) -> str:
        """Return the names of the roles for people."""
        return ", ".join(sorted(self.roles)).capitalize()


def person_id(issuer: str, subject: str) -> str:
    """Return the id of a person: the same for the same issuer and subject, whatever their name or roles are.

    It has a fixed length and says nothing about the person. The directory keeps issuer and subject beside it.
    """
    return f"person:{uuid5(NAMESPACE_URL, f'{len(issuer)}:{issuer}{subject}')}"
