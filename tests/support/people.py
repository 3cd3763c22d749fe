"""The made-up people of the stack's identity provider, and their ids."""

from pipeline_local.stack import LocalStack
from pipeline_shared.access.people import Role, person_id
from pipeline_simulators.provider.people import ACCOUNTS, GROUPS

ROLES_OF = {each.subject: frozenset(GROUPS[group] for group in each.groups) for each in ACCOUNTS if each.groups}
PERSON_WITH: dict[Role, str] = {role: person for person, roles in reversed(ROLES_OF.items()) for role in roles}


def id_of(stack: LocalStack, person: str) -> str:
    """Return the id of a person by their subject at the provider."""
    return person_id(stack.address("provider"), person)
