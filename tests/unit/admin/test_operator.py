"""Who may give a command: the table's roles and fresh authentication, and the file that keeps a sign-in."""

import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline_admin.operator.device import DeviceCode
from pipeline_admin.operator.proving import ProvenPerson
from pipeline_admin.operator.refusal import OperatorError
from pipeline_admin.operator.settings import IdentitySettings
from pipeline_admin.operator.sign_in_file import SignInFile
from pipeline_shared.access.people import Role, person_id
from pipeline_shared.access.permissions import PERMISSIONS, Action
from pipeline_shared.web.identity.claims import Identity

ISSUER, NOW = "https://sign-in.force.example", 1_800_000_000
GROUP_OF = {f"group {role}": role for role in Role}


def settings(tmp_path: Path, issuer: str = ISSUER, **changes: Any) -> IdentitySettings:
    return IdentitySettings(issuer=issuer, roles=GROUP_OF, session_file=tmp_path / "folder" / "sign-in.json", **changes)


def proven(tmp_path: Path, *groups: str, auth_time: int = NOW, acr: str = "", **changes: Any) -> ProvenPerson:
    identity = Identity(ISSUER, "sam", "Sam", frozenset(groups), auth_time, acr, "sid-1", "digest")
    return ProvenPerson(identity, settings(tmp_path, **changes))


@pytest.mark.parametrize("action", [action for action in Action if PERMISSIONS[action].needs_step_up])
def test_what_needs_a_fresh_sign_in_is_refused_after_it_has_aged(tmp_path: Path, action: Action) -> None:
    every = proven(tmp_path, *GROUP_OF)
    assert every.operator_for(action, NOW + 300).actor == f"operator:{person_id(ISSUER, 'sam')}"
    with pytest.raises(OperatorError, match="not_fresh"):
        every.operator_for(action, NOW + 301)


def test_a_provider_that_does_not_say_when_a_person_signed_in_gives_nothing_that_needs_it(tmp_path: Path) -> None:
    silent = proven(tmp_path, *GROUP_OF, auth_time=0)
    with pytest.raises(OperatorError, match="not_fresh"):
        silent.operator_for(Action.CHANGE_AGENCIES, NOW)
    assert silent.operator_for(Action.SEE_AGENCIES, NOW)


def test_an_authentication_of_another_kind_or_from_the_future_is_not_fresh(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="not_fresh"):
        proven(tmp_path, *GROUP_OF, acr="password", step_up_acr="card").operator_for(Action.RESTORE, NOW)
    assert proven(tmp_path, *GROUP_OF, acr="card", step_up_acr="card").operator_for(Action.RESTORE, NOW)
    with pytest.raises(OperatorError, match="not_fresh"):
        proven(tmp_path, *GROUP_OF, auth_time=NOW + 3_600).operator_for(Action.RESTORE, NOW)


def test_groups_that_are_not_mapped_give_no_role(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="not_permitted"):
        proven(tmp_path, "operations", "admins").operator_for(Action.SEE_STATUS, NOW)


def test_each_command_has_a_proof_of_its_own(tmp_path: Path) -> None:
    person = proven(tmp_path, "group operations")
    first, second = (person.operator_for(Action.SEE_STATUS, NOW) for _ in range(2))
    assert first.actor == second.actor
    assert first.sign_in != second.sign_in
    assert first.shown_by == f"auth_time={NOW} acr= sid=sid-1 id_token=sha256:digest"


def test_a_sign_in_is_kept_for_its_owner_alone_and_counts_at_its_provider_alone(tmp_path: Path) -> None:
    file = SignInFile.of(settings(tmp_path))
    with pytest.raises(OperatorError, match="not_signed_in"):
        file.read(NOW)
    with file.locked():
        file.write("refresh-1", NOW)
        file.write("refresh-2", NOW)
    assert file.read(NOW).refresh_token == "refresh-2"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    with pytest.raises(OperatorError, match="not_signed_in"):
        SignInFile.of(settings(tmp_path, "https://elsewhere.example")).read(NOW)
    file.forget()
    with pytest.raises(OperatorError, match="not_signed_in"):
        file.read(NOW)


@pytest.mark.parametrize("later", [-1, 3_600])
def test_a_sign_in_ends_after_its_time_whoever_sits_there_then(tmp_path: Path, later: int) -> None:
    file = SignInFile.of(settings(tmp_path))
    with file.locked():
        file.write("refresh-1", NOW)
    assert file.read(NOW + 3_599)
    with pytest.raises(OperatorError, match="sign_in_ended"):
        file.read(NOW + later)


@pytest.mark.parametrize("content", ["", "{}", "[]", "\x00", '{"issuer": 1}'])
def test_a_file_that_is_no_sign_in_counts_as_none(tmp_path: Path, content: str) -> None:
    file = SignInFile.of(settings(tmp_path))
    with file.locked():
        file.path.write_text(content)
        file.path.chmod(0o600)
    with pytest.raises(OperatorError, match="not_signed_in"):
        file.read(NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"user_code": "A\x1b[2J"},  # it is printed on a terminal
        {"user_code": ""},
        {"verification_uri": "http://sign-in.force.example/device"},
        {"verification_uri": "https://sign-in.force.example/\n"},
        {"expires_in": 0},
        {"interval": 10_000},
    ],
)
def test_a_code_that_could_mislead_the_operator_is_refused(wrong: dict[str, object]) -> None:
    right = {"device_code": "d", "user_code": "AB-CD", "verification_uri": f"{ISSUER}/device", "expires_in": 300}
    assert DeviceCode.model_validate(right).interval == 5
    with pytest.raises(ValidationError):
        DeviceCode.model_validate(right | wrong)
