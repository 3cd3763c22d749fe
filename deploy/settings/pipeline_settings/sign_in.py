"""Sign-in at the pages: the settings of a process with pages, and the roles that the provider's groups give."""

import json

from pipeline_settings.setting import CONTAINERS, DEMONSTRATION, LOCAL, PRODUCTION, Setting
from pipeline_settings.sources import AUTHORITIES, Address, Given, KeyFile, Public, Secret, Text

PROVIDER_AUTHORITIES = "provider-ca.pem"  # of the force's provider, beside the one of the wires inside
REALM = "/realms/pipeline"  # of Keycloak in docker-compose.yml

# The groups of the simulated provider, and the roles that they give here.
ROLES = (
    "triage officer",
    "triage supervisor",
    "source desk officer",
    "source desk approver",
    "rules author",
    "auditor",
    "operations",
    "agency administrator",
)
ROLE_OF_GROUP = {f"pip-{role.replace(' ', '-')}": role for role in ROLES}


def sign_in_settings(name: str) -> tuple[Setting, ...]:
    """Return the settings by which people sign in at the pages of a process."""
    return (
        Setting("PUBLIC_URL", Public(name)),
        Setting("SESSION_KEY", Secret("session", name)),
        Setting("OIDC_ADDRESS", Address("provider", "https://", REALM), CONTAINERS),  # browsers use another name
        Setting("OIDC_CLIENT_SECRET", Secret("oidc_client", name)),
        *_simulated_provider(name),
        *_provider_of_the_force(name),
    )


def _simulated_provider(name: str) -> tuple[Setting, ...]:
    return (
        Setting("OIDC_ISSUER", Public("provider"), LOCAL),
        Setting("OIDC_ISSUER", Public("provider", path=REALM), CONTAINERS),
        Setting("OIDC_ROLES_CLAIM", Text("groups"), CONTAINERS),
        Setting("OIDC_STEP_UP_ACR", Text("1"), CONTAINERS),  # a fresh sign-in, as Keycloak calls it
        Setting("OIDC_CA_FILE", KeyFile(AUTHORITIES), DEMONSTRATION),
        Setting("OIDC_CLIENT_ID", Text(name), DEMONSTRATION),
        Setting("OIDC_ROLES", Text(json.dumps(ROLE_OF_GROUP)), DEMONSTRATION),
    )


def _provider_of_the_force(name: str) -> tuple[Setting, ...]:
    rows = {
        "OIDC_ISSUER": Given("OIDC_ISSUER"),
        "OIDC_CA_FILE": KeyFile(PROVIDER_AUTHORITIES),
        "OIDC_CLIENT_ID": Given(f"{name}_CLIENT_ID".upper(), f"pipeline-{name}"),
        "OIDC_ROLES": Given("OIDC_ROLES"),
        "OIDC_ROLES_CLAIM": Given("OIDC_ROLES_CLAIM", "roles"),
        "OIDC_SCOPES": Given("OIDC_SCOPES", "openid profile"),
        "OIDC_STEP_UP_ACR": Given("OIDC_STEP_UP_ACR", ""),
        "ROLE_CONTACT": Given("ROLE_CONTACT", "your supervisor"),
    }
    return tuple(Setting(setting, source, PRODUCTION) for setting, source in rows.items())
