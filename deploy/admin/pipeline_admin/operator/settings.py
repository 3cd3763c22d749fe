"""The identity provider of an installation's operators, and which of its groups gives which role."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipeline_shared.access.people import Role
from pipeline_shared.web.identity.claims import LEEWAY_SECONDS, Identity


class IdentitySettings(BaseModel):
    """The same provider and the same groups as the pages have, and a client of its own for devices (RFC 8628)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Exactly as the provider writes it in its tokens, with or without a slash at the end.
    issuer: Annotated[str, Field(pattern=r"^https://[^?#@\s]+$", max_length=255)]
    # Where the commands reach the provider's description, if not at its issuer.
    address: Annotated[str, Field(pattern=r"^(https://[^?#@\s]+)?$")] = ""
    client_id: Annotated[str, Field(min_length=1, max_length=255)] = "operators"
    ca_file: Path | None = None
    # A refresh token must come with them: some providers give it only with `offline_access`.
    scopes: str = "openid profile"
    roles_claim: str = "roles"
    roles: Mapping[str, Role] = {}
    # What needs a fresh authentication: how old it may be, and its kind (`acr`; empty: any).
    step_up_seconds: Annotated[int, Field(gt=0, le=3_600)] = 300
    step_up_acr: str = ""
    # The length of a sign-in on this computer, so that the next person at it has to sign in.
    sign_in_minutes: Annotated[int, Field(gt=0, le=480)] = 60
    # Where the operator's sign-in is kept, readable by their account alone.
    session_file: Path = Path("~/.config/pipeline/sign-in.json")

    def tls(self) -> ssl.SSLContext:
        """Return the context of a client of the provider. Raises OSError."""
        return ssl.create_default_context(cafile=self.ca_file)

    def is_fresh(self, identity: Identity, now: float) -> bool:
        """Tell whether a person has authenticated lately, and well enough."""
        age = now - identity.auth_time
        return -LEEWAY_SECONDS <= age <= self.step_up_seconds and self.step_up_acr in ("", identity.acr)

    @property
    def description_url(self) -> str:
        """Return the address of the provider's description of itself."""
        return f"{(self.address or self.issuer).rstrip('/')}/.well-known/openid-configuration"
