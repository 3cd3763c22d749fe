"""Proves at the provider who gives a command, and asks the table of permissions whether they may."""

import time
from dataclasses import dataclass
from uuid import uuid4

from pipeline_admin.operator.device import DeviceCode, DeviceProvider, Tokens
from pipeline_admin.operator.refusal import OperatorError
from pipeline_admin.operator.settings import IdentitySettings
from pipeline_admin.operator.sign_in_file import SignInFile
from pipeline_shared.access.people import Person, person_id
from pipeline_shared.access.permissions import PERMISSIONS, Action, may
from pipeline_shared.audit.entries import Operator
from pipeline_shared.web.identity.claims import Identity


@dataclass(frozen=True, slots=True)
class ProvenPerson:
    """A person whom the provider proves now; `auth_time` is when they authenticated there, in seconds since 1970."""

    person: Person
    auth_time: int
    shown_by: str

    @classmethod
    def of(cls, identity: Identity, settings: IdentitySettings) -> "ProvenPerson":
        """Return the person of a checked ID token, with the roles that their groups give."""
        roles = frozenset(settings.roles[group] for group in identity.groups & settings.roles.keys())
        person = Person(person_id(identity.issuer, identity.subject), identity.name, roles)
        return cls(person, identity.auth_time, identity.proof)

    def operator_for(self, action: Action, *, step_up_seconds: int, now: float) -> Operator:
        """Return the operator whom the audit names; raise OperatorError if the table does not permit the action."""
        if not may(self.person.roles, action):
            raise OperatorError("not_permitted", action)
        if PERMISSIONS[action].needs_step_up and now - self.auth_time > step_up_seconds:
            raise OperatorError("not_fresh", action)
        return Operator(f"operator:{self.person.id}", str(uuid4()), self.shown_by)


def prove_operator(settings: IdentitySettings, action: Action) -> Operator:
    """Return the person who signed in on this computer, if they may do this now; raise OperatorError.

    The provider is asked at each command, so a role or an account that was taken away counts at once.
    """
    file = SignInFile.of(settings)
    with file.locked():
        refresh_token = file.read()
        provider = DeviceProvider.find(settings)
        tokens = provider.refresh(refresh_token)
        file.write(tokens.refresh_token)  # first of all: the one before may be used up
    proven = ProvenPerson.of(provider.read(tokens), settings)
    return proven.operator_for(action, step_up_seconds=settings.step_up_seconds, now=time.time())


def keep_sign_in(provider: DeviceProvider, code: DeviceCode) -> Person:
    """Return the person who approved a code, and keep their sign-in on this computer; raise OperatorError."""
    tokens: Tokens = provider.wait(code)
    proven = ProvenPerson.of(provider.read(tokens), provider.settings)
    if not tokens.refresh_token:
        raise OperatorError("sign_in_ended", "no refresh token: see `scopes`")
    file = SignInFile.of(provider.settings)
    with file.locked():
        file.write(tokens.refresh_token)
    return proven.person
