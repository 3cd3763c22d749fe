"""The local stack's installation file for the operator's commands (ADMIN_FILE), written beside its keys."""

import json
from collections.abc import Mapping
from typing import Any

from pipeline_admin.installation import Installation, audit_key_file, audit_key_of
from pipeline_local.home import Home, write_atomically
from pipeline_settings.processes import AUDITOR_ROLE_OF, DATABASE_OF, OPERATOR_ROLE_OF, PAGES, SERVICE_PROCESSES
from pipeline_settings.sign_in import REALM, ROLE_OF_GROUP
from pipeline_settings.sources import AUTHORITIES, Address, DatabaseUrl, Deployment, Place, Public, value_of

ADMIN = "postgres"


def admin_databases(place: Place) -> dict[str, str]:
    """Return the administrator's URL of each service's database."""
    return {service: value_of(DatabaseUrl(database, ADMIN, ADMIN), place) for service, database in DATABASE_OF.items()}


def databases_for(role_of: Mapping[str, str], place: Place) -> dict[str, str]:
    """Return the URL of each service's database for one of its roles."""
    return {
        service: value_of(DatabaseUrl(DATABASE_OF[service], role, role), place) for service, role in role_of.items()
    }


def operations_addresses(place: Place) -> dict[str, str]:
    """Return the base URL of each process's health and metrics."""
    return {each.name: f"https://{place.address(each.operations_name)}" for each in SERVICE_PROCESSES}


def identity_of(place: Place) -> dict[str, str]:
    """Return where the provider is, and the claim that it lists groups in: Keycloak in containers, else a simulator."""
    in_containers = place.deployment is Deployment.CONTAINERS
    path = REALM if in_containers else ""
    return {
        "issuer": value_of(Public("provider", path=path), place),
        "address": value_of(Address("provider", "https://", path), place),
        "roles_claim": "groups" if in_containers else "roles",
    }


def write_installation(home: Home, place: Place) -> None:
    """Write addresses and operators' credentials, readable by their owner only."""
    for site in PAGES:
        write_atomically(home.keys / audit_key_file(site), audit_key_of(place.secret("session", site)))
    description: dict[str, Any] = {
        "databases": databases_for(OPERATOR_ROLE_OF, place),
        "audits": databases_for(AUDITOR_ROLE_OF, place),
        "audit_keys": {site: str(home.keys / audit_key_file(site)) for site in PAGES},
        "identity": {
            **identity_of(place),
            "ca_file": place.paths.key_file(AUTHORITIES),
            "roles": ROLE_OF_GROUP,
            "session_file": str(home.root / "sign-in.json"),
        },
        "operations": operations_addresses(place),
        "authorities": place.paths.key_file(AUTHORITIES),
        "intake_hmac_key": place.secret("intake_hmac", ""),
    }
    write_atomically(home.installation_file, json.dumps(description, indent=2).encode())


def read_installation(home: Home) -> Installation:
    """Return the installation in the file."""
    return Installation(**json.loads(home.installation_file.read_text(encoding="utf-8")))
