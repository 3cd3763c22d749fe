"""The settings of a process with pages: its address, its identity provider, and the key of its sessions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from pipeline_shared.access.people import Role
from pipeline_shared.language.encoding import decode_base64
from pipeline_shared.runtime.settings import HttpSettings

KEY_BYTES = 32


def _whole_key(value: SecretStr) -> SecretStr:
    """Return the key; raise ValueError unless it is 32 bytes in base64."""
    if len(decode_base64(value.get_secret_value())) != KEY_BYTES:
        raise ValueError("key_length")
    return value


def _without_slash(value: str) -> str:
    return value.rstrip("/")


class PagesSettings(HttpSettings):
    """Where people reach the pages, who proves their identity, and which of their groups gives which role."""

    # The address that browsers use, for example https://triage.force.example
    public_url: Annotated[str, Field(pattern=r"^https?://[^/?#@\s]+/?$"), AfterValidator(_without_slash)]
    session_key: Annotated[SecretStr, AfterValidator(_whole_key)]
    # Exactly as the provider writes it in its tokens, with or without a slash at the end.
    oidc_issuer: Annotated[str, Field(pattern=r"^https?://[^?#@\s]+$", max_length=255)]
    # Where this process reaches the provider's description, if not at its issuer.
    oidc_address: Annotated[str, Field(pattern=r"^(https?://[^?#@\s]+)?$")] = ""
    oidc_client_id: Annotated[str, Field(min_length=1, max_length=255)]
    oidc_client_secret: SecretStr
    oidc_ca_file: Path | None = None
    # A refresh token must come with them: some providers give it only with `offline_access`.
    oidc_scopes: str = "openid profile"
    # The claim of the ID token that lists a person's groups or roles; dots lead into objects: realm_access.roles
    oidc_roles_claim: str = "roles"
    oidc_roles: Mapping[str, Role] = {}
    # How old the provider's own session may be at a sign-in.
    oidc_max_age_seconds: Annotated[int, Field(gt=0, le=7 * 24 * 3600)] = 8 * 3600
    # The authentication that a step-up asks for (`acr`); empty: any, if it is fresh.
    oidc_step_up_acr: str = ""
    step_up_seconds: Annotated[int, Field(gt=0, le=3_600)] = 300
    # Whom a person without a role is told to ask.
    role_contact: Annotated[str, Field(min_length=1, max_length=200)] = "your supervisor"

    @property
    def is_secure(self) -> bool:
        """Tell whether browsers reach the pages over https."""
        return self.public_url.startswith("https://")
