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
    """A person whom the provider proves now."""

    identity: Identity
    settings: IdentitySettings

    @property
    def person(self) -> Person:
        """Return the person, with the roles that their groups give."""
        roles = frozenset(self.settings.roles[group] for group in self.identity.groups & self.settings.roles.keys())
        return Person(person_id(self.identity.issuer, self.identity.subject), self.identity.name, roles)

    def operator_for(self, action: Action, now: float) -> Operator:
        """Return the operator whom the audit names; raise OperatorError if the table does not permit the action."""
        if not may(self.person.roles, action):
            raise OperatorError("not_permitted", action)
        if PERMISSIONS[action].needs_step_up and not self.settings.is_fresh(self.identity, now):
            raise OperatorError("not_fresh", action)
        return Operator(f"operator:{self.person.id}", str(uuid4()), self.identity.proof)


def prove_person(settings: IdentitySettings) -> ProvenPerson:
    """Return the person who signed in on this computer; raise OperatorError.

    The provider is asked at each command, so a role or an account that was taken away counts at once.
    """
    file = SignInFile.of(settings)
    with file.locked():
        sign_in = file.read(time.time())
        provider = DeviceProvider.find(settings)
        tokens = provider.refresh(sign_in.refresh_token)
        file.write(tokens.refresh_token, sign_in.began_at)  # at once: the provider may accept each token only once
    return ProvenPerson(provider.read(tokens), settings)


def keep_sign_in(provider: DeviceProvider, code: DeviceCode) -> Person:
    """Return the person who approved a code, and keep their sign-in on this computer; raise OperatorError."""
    tokens: Tokens = provider.wait(code)
    proven = ProvenPerson(provider.read(tokens), provider.settings)
    if not tokens.refresh_token:
        raise OperatorError("sign_in_ended", "no refresh token: see `scopes`")
    file = SignInFile.of(provider.settings)
    with file.locked():
        file.write(tokens.refresh_token, time.time())
    return proven.person


def end_sign_in(settings: IdentitySettings) -> bool:
    """Forget the sign-in on this computer; return whether the provider has ended it, too. Raises OperatorError."""
    file = SignInFile.of(settings)
    with file.locked():
        sign_in = file.read(time.time())
        file.forget()
        return DeviceProvider.find(settings).revoke(sign_in.refresh_token)
