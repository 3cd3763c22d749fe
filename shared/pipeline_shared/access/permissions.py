"""The one table of permissions: which role may do what, in which state of the thing, and under which conditions.

Every route, every button and every operator's command asks this table. What is not in it is refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType

from pipeline_shared.access.people import Role
from pipeline_shared.access.states import CaseState, FlagState, HeldState, State


class Action(StrEnum):
    """Something that a person does, in the words of the page that lists a person's permissions."""

    LIST_CASES = "see the queue"
    READ_CASE = "read a case"
    DECIDE_CASE = "decide a case"
    REOPEN_CASE = "reopen a decided case"
    LIST_FLAGS = "see the safety flags"
    READ_FLAG = "read a safety flag"
    ACKNOWLEDGE_FLAG = "take on a safety flag"
    TAKE_OVER_FLAG = "take over a safety flag from its owner"
    LIST_HELD = "see the held submissions"
    OPEN_HELD = "open a held submission, with its source"
    RELEASE_HELD = "release a held submission"
    KEEP_HELD = "keep a submission held"
    VERIFY_AUDIT = "check who made the entries of the audit"
    SEE_STATUS = "see what the services hold"
    SEE_PARKED = "see what could not be handled"
    REPLAY_PARKED = "have parked records handled again"
    RESEND_EVENTS = "publish events again"
    PROVISION = "set up topics, users and permissions"
    SEE_AGENCIES = "see the agencies and their keys"
    CHANGE_AGENCIES = "add agencies, change their keys and limits"
    CHANGE_KEYS = "make, change and sign keys"
    TAKE_SOURCE = "take the sealed record of a source, where the law requires it"
    RESTORE = "replace the databases by those of a backup"


@dataclass(frozen=True, slots=True)
class Permission:
    """One row: the roles that may act, and in which states (empty: the thing has no state, or any will do).

    `seen_by` is the action that shows the thing: who may not even see it gets the answer of a missing page (D-S7).
    """

    roles: frozenset[Role]
    states: frozenset[State] = frozenset()
    seen_by: Action | None = None
    needs_another_person: bool = False
    needs_step_up: bool = False
    needs_reason: bool = False


class SamePersonError(Exception):
    """A second person is needed, and this is the one who acted before, or that cannot be known."""


class Refusal(Enum):
    """How a refused request is answered."""

    NOT_FOUND = 404  # the thing must not be known
    FORBIDDEN = 403  # the person knows the thing and may not do this to it


def _to(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


def _in(*states: State) -> frozenset[State]:
    return frozenset(states)


TRIAGE = _to(Role.TRIAGE_OFFICER, Role.TRIAGE_SUPERVISOR)
SUPERVISORS = _to(Role.TRIAGE_SUPERVISOR)
SOURCE_DESK = _to(Role.SOURCE_DESK_OFFICER, Role.SOURCE_DESK_APPROVER)
OPERATIONS = _to(Role.OPERATIONS)
AUDITORS = _to(Role.AUDITOR)
AGENCIES = _to(Role.AGENCY_ADMINISTRATOR)
DECIDED = _in(CaseState.RECORDED, CaseState.NOT_RECORDED, CaseState.PASSED_ON, CaseState.TRANSFERRED)
UNRELEASED = _in(HeldState.WAITING, HeldState.KEPT)

PERMISSIONS: Mapping[Action, Permission] = MappingProxyType(
    {
        Action.LIST_CASES: Permission(TRIAGE),
        Action.READ_CASE: Permission(TRIAGE),
        Action.DECIDE_CASE: Permission(TRIAGE, _in(CaseState.WAITING), Action.READ_CASE, needs_reason=True),
        Action.REOPEN_CASE: Permission(
            SUPERVISORS, DECIDED, Action.READ_CASE, needs_another_person=True, needs_step_up=True, needs_reason=True
        ),
        Action.LIST_FLAGS: Permission(TRIAGE),
        Action.READ_FLAG: Permission(TRIAGE),
        Action.ACKNOWLEDGE_FLAG: Permission(TRIAGE, _in(FlagState.OPEN), Action.READ_FLAG),
        Action.TAKE_OVER_FLAG: Permission(
            TRIAGE, _in(FlagState.OWNED), Action.READ_FLAG, needs_another_person=True, needs_reason=True
        ),
        Action.LIST_HELD: Permission(SOURCE_DESK),
        Action.OPEN_HELD: Permission(SOURCE_DESK, UNRELEASED),
        Action.RELEASE_HELD: Permission(
            SOURCE_DESK, UNRELEASED, Action.OPEN_HELD, needs_step_up=True, needs_reason=True
        ),
        Action.KEEP_HELD: Permission(SOURCE_DESK, UNRELEASED, Action.OPEN_HELD, needs_reason=True),
        Action.VERIFY_AUDIT: Permission(AUDITORS),
        Action.SEE_STATUS: Permission(OPERATIONS),
        Action.SEE_PARKED: Permission(OPERATIONS),
        Action.REPLAY_PARKED: Permission(OPERATIONS, seen_by=Action.SEE_PARKED, needs_reason=True),
        Action.RESEND_EVENTS: Permission(OPERATIONS, needs_reason=True),
        Action.PROVISION: Permission(OPERATIONS, needs_step_up=True),
        Action.SEE_AGENCIES: Permission(AGENCIES),
        Action.CHANGE_AGENCIES: Permission(AGENCIES, seen_by=Action.SEE_AGENCIES, needs_step_up=True),
        Action.CHANGE_KEYS: Permission(OPERATIONS, needs_step_up=True),
        Action.TAKE_SOURCE: Permission(OPERATIONS, needs_step_up=True, needs_reason=True),
        Action.RESTORE: Permission(OPERATIONS, needs_step_up=True),
    }
)


def may(roles: Iterable[Role], action: Action, state: State | None = None) -> bool:
    """Tell whether people with these roles may do this to a thing in this state. Without `state`, in some state."""
    permission = PERMISSIONS[action]
    fits = state is None or not permission.states or state in permission.states
    return fits and not permission.roles.isdisjoint(roles)


def refusal(roles: frozenset[Role], action: Action) -> Refusal | None:
    """Return how to refuse people with these roles, or None if they may act."""
    if may(roles, action):
        return None
    seen_by = PERMISSIONS[action].seen_by
    return Refusal.FORBIDDEN if seen_by and may(roles, seen_by) else Refusal.NOT_FOUND


def allowed_actions(roles: Iterable[Role]) -> list[Action]:
    """Return everything that people with these roles may do, in the order of the table."""
    known = frozenset(roles)
    return [action for action in Action if may(known, action)]
