"""Made-up sessions, and settings of pages whose provider does not answer."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr

from pipeline_shared.access.people import Role
from pipeline_shared.web.identity.session_facts import SessionFacts
from pipeline_shared.web.identity.settings import PagesSettings

SETTINGS = PagesSettings(
    operations_port=1,
    port=1,
    database_url=SecretStr("postgresql://nowhere"),
    public_url="http://triage.example",
    signing_key=Path("-"),
    key_bundle=Path("-"),
    trust_root=base64.b64encode(b"r" * 32).decode(),
    session_key=SecretStr(base64.b64encode(b"s" * 32).decode()),
    oidc_issuer="http://127.0.0.1:9",  # nobody answers there
    oidc_client_id="triage",
    oidc_client_secret=SecretStr("x"),
)
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


def facts_of(name: str, *roles: Role) -> SessionFacts:
    """Return the facts of a session of a person with these roles."""
    return SessionFacts(
        sign_in=UUID(int=1),
        subject=name,
        sid="sid",
        person=f"person:{name}",
        name=name,
        roles=roles,
        auth_time=int(NOW.timestamp()),
        acr="",
        opened_at=NOW,
        checked_at=NOW,
    )
