"""Sessions in the database, each with a proof by the site's key: what the site has not proven is no session.

A key derived from it proves the entries of the audit: one that somebody writes into the database has no proof.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import structlog

from pipeline_shared.audit import entries as audit
from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.work import Proof
from pipeline_shared.web.identity import session_store
from pipeline_shared.web.identity.entry_proofs import AuditKey
from pipeline_shared.web.identity.provider import ProviderTokens
from pipeline_shared.web.identity.session_facts import LONGEST, SessionFacts
from pipeline_shared.web.identity.session_key import SessionKey
from pipeline_shared.web.identity.session_store import StoredSession
from pipeline_shared.web.identity.session_tokens import SessionTokens

SESSION = "session"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A proven session that has not expired."""

    token: str
    facts: SessionFacts
    stored: StoredSession

    @property
    def hash(self) -> bytes:
        """Return the key of its row."""
        return hash_of(self.token)

    @property
    def unchecked_for(self) -> timedelta:
        """Return the time since the last check; the longest time if a notice of the provider came since."""
        due = self.stored.check_due
        if due and self.facts.checked_at <= due <= self.stored.now:
            return timedelta.max
        return self.stored.now - self.facts.checked_at


class ProvenSessions:
    """The session rows of one site."""

    def __init__(self, pool: asyncpg.Pool, key: SessionKey) -> None:
        self._pool = pool
        self._key = key
        self._tokens = SessionTokens(key)
        self._audit_key = AuditKey.of(key)

    async def find(self, token: str, *, by_person: bool = False) -> LiveSession | None:
        """Return the session of a token if it has not expired; a person's own request keeps it alive."""
        stored = await session_store.find(self._pool, hash_of(token), by_person=by_person)
        if stored is None:
            return None
        if not self._key.is_proven(SESSION, stored.proof, hash_of(token), stored.facts, stored.tokens):
            log.error("session_not_authentic")
            return None
        facts = SessionFacts.read(stored.facts)
        # The columns beside the facts are not proven: they must not make a session longer or hide it from its end.
        if (stored.person, stored.sid) != (facts.person, facts.sid) or stored.now - facts.opened_at >= LONGEST:
            log.error("session_not_authentic")
            return None
        return LiveSession(token, facts, stored)

    def columns(self, token: str, facts: SessionFacts, provider_tokens: ProviderTokens) -> dict[str, bytes]:
        """Return the columns of a row that are proven, with their proof."""
        stored, tokens = facts.stored(), self._tokens.seal(provider_tokens, token)
        proof = self._key.prove(SESSION, hash_of(token), stored, tokens)
        return {"facts": stored, "proof": proof, "tokens": tokens}

    def tokens_of(self, live: LiveSession) -> ProviderTokens:
        """Return the provider's tokens in a session."""
        return self._tokens.read(live.stored.tokens, live.token)

    async def add_entry(self, connection: Connection, action: str, facts: SessionFacts, reason: str) -> None:
        """Add an entry about a session, with its proof."""
        sign_in = str(facts.sign_in)
        entry = audit.AuditEntry(None, facts.person, action, sign_in, reason)
        await audit.add(connection, [Proof(sign_in, self.prove_entry).on(entry)])

    async def add_without_session(
        self, connection: Connection, people: Sequence[str], action: str, reason: str
    ) -> None:
        """Add an entry about each of these people, with its proof but without a sign-in."""
        entries = [audit.AuditEntry(None, person, action, person, reason) for person in people]
        await audit.add(connection, [Proof("", self.prove_entry).on(entry) for entry in entries])

    def prove_entry(self, entry: audit.AuditEntry) -> str:
        """Return the proof that this site made an entry of the audit."""
        return self._audit_key.prove(entry)


def hash_of(token: str) -> bytes:
    """Return what the database holds of a browser's token."""
    return hashlib.sha256(token.encode()).digest()
