"""What a session says: who signed in, how it was proven, and when it was last checked.

The process proves these facts with its key. The database keeps them, and cannot change or invent them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter

from pipeline_shared.access.people import Person, Role, person_id
from pipeline_shared.web.identity.claims import Identity

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """The proven facts of a session. `sign_in` is the id of the proof in the audit; times are the database's."""

    sign_in: UUID
    subject: str
    sid: str
    person: str
    name: str
    roles: tuple[Role, ...]
    auth_time: int
    acr: str
    opened_at: datetime
    checked_at: datetime

    @classmethod
    def of(cls, identity: Identity, roles: frozenset[Role], *, sign_in: UUID, now: datetime) -> "SessionFacts":
        """Return the facts of a new session."""
        return cls(
            sign_in=sign_in,
            subject=identity.subject,
            sid=identity.sid,
            person=person_id(identity.issuer, identity.subject),
            name=identity.name,
            roles=tuple(sorted(roles)),
            auth_time=identity.auth_time,
            acr=identity.acr,
            opened_at=now,
            checked_at=now,
        )

    @classmethod
    def read(cls, stored: bytes) -> "SessionFacts":
        """Return stored facts."""
        return FACTS.validate_json(stored)

    def stored(self) -> bytes:
        """Return the facts as the database keeps them."""
        return FACTS.dump_json(self)

    def who(self) -> Person:
        """Return the person."""
        return Person(self.person, self.name, frozenset(self.roles))


FACTS = TypeAdapter(SessionFacts)
