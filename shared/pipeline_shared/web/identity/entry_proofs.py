"""The proof of an entry in the audit: who has the database, but not the site's key, cannot make it."""

from collections.abc import Sequence

from pipeline_shared.audit.entries import AuditEntry
from pipeline_shared.web.identity.session_key import SessionKey

ENTRY = "audit entry"


def prove_entry(key: SessionKey, entry: AuditEntry) -> str:
    """Return the proof that the holder of the key made an entry; the time, which the database sets, is not proven."""
    return key.prove(ENTRY, *_proven(entry)).hex()


def is_proven(keys: Sequence[SessionKey], entry: AuditEntry) -> bool:
    """Tell whether an entry has a proof by one of these keys."""
    try:
        proof = bytes.fromhex(entry.proof)
    except ValueError:
        return False
    return any(key.is_proven(ENTRY, proof, *_proven(entry)) for key in keys)


def _proven(entry: AuditEntry) -> list[bytes]:
    return [part.encode() for part in (entry.sign_in, entry.actor, entry.action, entry.subject, entry.reason)]
