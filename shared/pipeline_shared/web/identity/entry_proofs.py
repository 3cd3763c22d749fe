"""The proof of an entry in the audit: who has the database, but not the site's key, cannot make it."""

import hmac

from pipeline_shared.audit.entries import AuditEntry
from pipeline_shared.web.identity.session_key import SessionKey, joined

ENTRY = "audit entry"


class AuditKey:
    """The key that proves a site's entries: derived from the site's session key; nobody can make a session with it."""

    def __init__(self, key: bytes) -> None:
        self.key = key

    @classmethod
    def of(cls, session_key: SessionKey) -> "AuditKey":
        """Return the key of the site that has this session key."""
        return cls(session_key.derive(ENTRY))

    def prove(self, entry: AuditEntry) -> str:
        """Return the proof that a holder of the key made an entry; the time, which the database sets, is not proven."""
        return hmac.digest(self.key, joined(_proven(entry)), "sha256").hex()

    def is_proven(self, entry: AuditEntry) -> bool:
        """Tell whether the proof in an entry was made with this key."""
        return hmac.compare_digest(self.prove(entry).encode(), entry.proof.encode())


def _proven(entry: AuditEntry) -> list[bytes]:
    return [part.encode() for part in (entry.sign_in, entry.actor, entry.action, entry.subject, entry.reason)]
