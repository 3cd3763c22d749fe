"""Made-up sessions."""

from datetime import UTC, datetime
from uuid import UUID

from pipeline_shared.access.people import Role
from pipeline_shared.web.identity.session_facts import SessionFacts

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
