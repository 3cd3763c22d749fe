"""The made-up people of the provider, and the groups that give them their roles."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline_shared.access.people import Role

GROUPS: Mapping[str, Role] = {f"pip-{role.value.replace(' ', '-')}": role for role in Role}
GROUP_OF: Mapping[Role, str] = {role: group for group, role in GROUPS.items()}


@dataclass(frozen=True, slots=True)
class Account:
    """An account at the provider; `groups` are those of the force, not roles of ours."""

    subject: str
    name: str
    groups: tuple[str, ...]
    enabled: bool = True


def _account(subject: str, name: str, *roles: Role) -> Account:
    return Account(subject, name, tuple(GROUP_OF[role] for role in roles))


ACCOUNTS = (
    _account("officer-1", "Robin Ashdown", Role.TRIAGE_OFFICER),
    _account("officer-2", "Jas Thorncliffe", Role.TRIAGE_OFFICER),
    _account("supervisor-1", "Morgan Eldwick", Role.TRIAGE_SUPERVISOR),
    _account("supervisor-2", "Sandy Hartwell", Role.TRIAGE_SUPERVISOR),
    _account("desk-1", "Kit Harrowgill", Role.SOURCE_DESK_OFFICER),
    _account("desk-2", "Ashby Fenwright", Role.SOURCE_DESK_APPROVER),
    _account("operations-1", "Lee Cragmoor", Role.OPERATIONS),
    _account("agencies-1", "Drew Pellbrook", Role.AGENCY_ADMINISTRATOR),
    _account("rules-1", "Ellis Marwood", Role.RULES_AUTHOR),
    _account("auditor-1", "Noor Tarnside", Role.AUDITOR),
    _account("nobody-1", "Val Oxley"),
)
