"""The table of permissions, cell by cell: what is not granted here is refused."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_shared.access.people import Role, person_id
from pipeline_shared.access.permissions import PERMISSIONS, Action, Refusal, allowed_actions, may, refusal
from pipeline_shared.access.states import CaseState, FlagState, HeldState, State

OFFICER, SUPERVISOR = Role.TRIAGE_OFFICER, Role.TRIAGE_SUPERVISOR
DESK, APPROVER = Role.SOURCE_DESK_OFFICER, Role.SOURCE_DESK_APPROVER

# The same table, written by hand a second time: a change of one of them needs a change of the other.
GRANTED: dict[Action, set[Role]] = {
    Action.LIST_CASES: {OFFICER, SUPERVISOR},
    Action.READ_CASE: {OFFICER, SUPERVISOR},
    Action.DECIDE_CASE: {OFFICER, SUPERVISOR},
    Action.REOPEN_CASE: {SUPERVISOR},
    Action.LIST_FLAGS: {OFFICER, SUPERVISOR},
    Action.READ_FLAG: {OFFICER, SUPERVISOR},
    Action.ACKNOWLEDGE_FLAG: {OFFICER, SUPERVISOR},
    Action.TAKE_OVER_FLAG: {OFFICER, SUPERVISOR},
    Action.LIST_HELD: {DESK, APPROVER},
    Action.OPEN_HELD: {DESK, APPROVER},
    Action.RELEASE_HELD: {DESK, APPROVER},
    Action.KEEP_HELD: {DESK, APPROVER},
    Action.VERIFY_AUDIT: {Role.AUDITOR},
    Action.SEE_STATUS: {Role.OPERATIONS},
    Action.SEE_PARKED: {Role.OPERATIONS},
    Action.REPLAY_PARKED: {Role.OPERATIONS},
    Action.RESEND_EVENTS: {Role.OPERATIONS},
    Action.PROVISION: {Role.OPERATIONS},
    Action.SEE_AGENCIES: {Role.AGENCY_ADMINISTRATOR},
    Action.CHANGE_AGENCIES: {Role.AGENCY_ADMINISTRATOR},
    Action.CHANGE_KEYS: {Role.OPERATIONS},
    Action.TAKE_SOURCE: {Role.OPERATIONS},
    Action.RESTORE: {Role.OPERATIONS},
}
STATES: dict[Action, set[State]] = {
    Action.DECIDE_CASE: {CaseState.WAITING},
    Action.REOPEN_CASE: {CaseState.RECORDED, CaseState.NOT_RECORDED, CaseState.PASSED_ON, CaseState.TRANSFERRED},
    Action.ACKNOWLEDGE_FLAG: {FlagState.OPEN},
    Action.TAKE_OVER_FLAG: {FlagState.OWNED},
    Action.OPEN_HELD: {HeldState.WAITING, HeldState.KEPT},
    Action.RELEASE_HELD: {HeldState.WAITING, HeldState.KEPT},
    Action.KEEP_HELD: {HeldState.WAITING, HeldState.KEPT},
}
ANOTHER_PERSON = {Action.REOPEN_CASE, Action.TAKE_OVER_FLAG}
REASON = {
    Action.DECIDE_CASE,
    Action.REOPEN_CASE,
    Action.TAKE_OVER_FLAG,
    Action.RELEASE_HELD,
    Action.KEEP_HELD,
    Action.REPLAY_PARKED,
    Action.RESEND_EVENTS,
    Action.TAKE_SOURCE,
}
STEP_UP = {
    Action.REOPEN_CASE,
    Action.RELEASE_HELD,
    Action.PROVISION,
    Action.CHANGE_AGENCIES,
    Action.CHANGE_KEYS,
    Action.TAKE_SOURCE,
    Action.RESTORE,
}
EVERY_STATE: tuple[State, ...] = (*CaseState, *FlagState, *HeldState)


@pytest.mark.parametrize(("role", "action", "state"), list(product(Role, Action, EVERY_STATE)))
def test_a_role_may_do_in_a_state_what_the_table_grants_and_nothing_else(
    role: Role, action: Action, state: State
) -> None:
    granted = role in GRANTED[action] and (action not in STATES or state in STATES[action])
    assert may([role], action, state) is granted


@pytest.mark.parametrize("action", Action)
def test_every_action_has_a_row_with_its_conditions(action: Action) -> None:
    row = PERMISSIONS[action]
    assert row.needs_another_person is (action in ANOTHER_PERSON)
    assert row.needs_step_up is (action in STEP_UP)
    assert row.needs_reason is (action in REASON)


@pytest.mark.parametrize(("role", "action"), list(product(Role, Action)))
def test_who_may_not_even_see_the_thing_is_told_that_it_is_not_there(role: Role, action: Action) -> None:
    refused = refusal(frozenset({role}), action)
    if role in GRANTED[action]:
        assert refused is None
    else:
        seen_by = PERMISSIONS[action].seen_by
        assert refused is (Refusal.FORBIDDEN if seen_by and role in GRANTED[seen_by] else Refusal.NOT_FOUND)


def test_a_supervisor_without_more_may_not_open_what_the_source_desk_holds() -> None:
    assert refusal(frozenset({SUPERVISOR, Role.OPERATIONS, Role.AUDITOR}), Action.OPEN_HELD) is Refusal.NOT_FOUND


@given(st.frozensets(st.sampled_from(Role)))
def test_several_roles_allow_what_any_of_them_allows(roles: frozenset[Role]) -> None:
    assert allowed_actions(roles) == [action for action in Action if roles & GRANTED[action]]


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_two_people_have_the_same_id_only_with_the_same_issuer_and_subject(a: str, b: str, c: str, d: str) -> None:
    assert (person_id(a, b) == person_id(c, d)) is ((a, b) == (c, d))
