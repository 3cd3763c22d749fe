"""Sessions: who is signed in, proven by the site's key, and checked again at the provider.

A session is checked at the provider when its last check is 30 seconds old. A role or an account that was taken away
therefore counts on the next request after at most 60 seconds, and at the next request when the provider has ended a
session of the person. While the provider is away, people who are signed in work
on until their session ends.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import asyncpg
from starlette.requests import Request
from starlette.responses import Response

from pipeline_shared.access.people import Person, Role, person_id
from pipeline_shared.audit import entries as audit
from pipeline_shared.runtime.retry import pause
from pipeline_shared.web.identity import directory, kept_forms, session_store
from pipeline_shared.web.identity.claims import Identity, LogoutNotice, RefusedTokenError
from pipeline_shared.web.identity.cookies import Cookies
from pipeline_shared.web.identity.form_token import FormTokens
from pipeline_shared.web.identity.proven_sessions import LiveSession, ProvenSessions, hash_of
from pipeline_shared.web.identity.provider import Grant, Provider
from pipeline_shared.web.identity.provider_calls import ProviderAwayError
from pipeline_shared.web.identity.session_facts import SessionFacts
from pipeline_shared.web.identity.session_key import SessionKey

TOKEN_BYTES = 32
BACKGROUND_HEADER = "x-background"
CHECK_AFTER = timedelta(seconds=30)
CHECK_AT_LATEST = timedelta(seconds=60)
WAIT_SECONDS = 0.1
MOST_WAITS = 100
SWEEP_SECONDS = 600.0


def _prove_nothing(_entry: audit.AuditEntry) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person, and the token that each of their forms must carry.

    `kept` is the number of their kept forms. `prove` returns the proof of an entry in the audit.
    """

    facts: SessionFacts
    csrf: str
    kept: int = 0
    prove: Callable[[audit.AuditEntry], str] = _prove_nothing

    @property
    def person(self) -> Person:
        """Return the person."""
        return self.facts.who()

    @property
    def sign_in(self) -> str:
        """Return the id of the sign-in, which the audit names as the proof of who acted."""
        return str(self.facts.sign_in)


class Sessions:
    """The sessions of one site."""

    COOKIE = "session"

    def __init__(
        self,
        pool: asyncpg.Pool,
        provider: Provider,
        key: SessionKey,
        *,
        cookies: Cookies,
        roles: Mapping[str, Role],
    ) -> None:
        """Prepare; `roles` gives the role of each of the provider's groups."""
        self._pool = pool
        self._provider = provider
        self._rows = ProvenSessions(pool, key)
        self._cookies = cookies
        self._roles = roles
        self.forms = FormTokens(key)

    def token_of(self, request: Request) -> str:
        """Return the token in the browser's cookie, or an empty text."""
        return self._cookies.read(request, self.COOKIE)

    def roles_of(self, identity: Identity) -> frozenset[Role]:
        """Return the roles that the provider's groups give a person."""
        return frozenset(self._roles[group] for group in identity.groups & self._roles.keys())

    async def find(self, request: Request) -> Session | None:
        """Return the session of who asks, or None if there is none, it expired, or its person lost a role."""
        token = self.token_of(request)
        live = await self._rows.find(token, by_person=BACKGROUND_HEADER not in request.headers) if token else None
        live = await self._check(live) if live else None
        if live is None:
            return None
        csrf = self.forms.issue(token, live.facts.person)
        return Session(live.facts, csrf, live.stored.kept, self._rows.prove_entry)

    async def open(self, grant: Grant, request: Request, response: Response) -> SessionFacts:
        """Open a session under a new token; end the browser's old session and all expired ones."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        async with self._pool.acquire() as connection, connection.transaction():
            now = await connection.fetchval("SELECT now()")
            facts = SessionFacts.of(grant.identity, self.roles_of(grant.identity), sign_in=uuid4(), now=now)
            await session_store.remove(connection, hash_of(self.token_of(request)))
            await session_store.add(
                connection,
                hash_of(token),
                person=facts.person,
                sid=facts.sid,
                **self._rows.columns(token, facts, grant.tokens),
            )
            await directory.remember(connection, facts, grant.identity.issuer)
            await self._rows.add_entry(connection, "signed_in", facts, grant.identity.proof)
        self._cookies.set(response, self.COOKIE, value=token)
        return facts

    async def close(self, request: Request, response: Response) -> str:
        """End the browser's session; return the ID token that it was opened with, or an empty text."""
        token = self.token_of(request)
        live = await self._rows.find(token, by_person=True) if token else None
        await self._remove(hash_of(token), live.facts if live else None, "signed_out")
        self._cookies.drop(response, self.COOKIE)
        return self._rows.tokens_of(live).id_token if live else ""

    async def sweep(self, stop: asyncio.Event) -> None:
        """Delete expired sessions and kept forms every ten minutes until `stop`, whether anybody signs in or not."""
        while not stop.is_set():
            async with self._pool.acquire() as connection, connection.transaction():
                await session_store.remove(connection, b"")
                await kept_forms.delete_expired(connection)
            await pause(stop, SWEEP_SECONDS)

    async def end(self, notice: LogoutNotice) -> None:
        """End the sessions that the provider has ended, and have it asked about the person's others at once.

        A provider may end all sessions of a person and tell each site of one only (Keycloak does).
        """
        person = person_id(notice.issuer, notice.subject)
        async with self._pool.acquire() as connection, connection.transaction():
            ended = await session_store.end(connection, sid=notice.sid, person=person, until=notice.issued_at)
            await self._rows.add_without_session(connection, ended, "session_ended", "ended_by_provider")
            await session_store.ask_again(connection, {*ended, person})

    async def note_refusal(self, person: str) -> None:
        """Add to the audit that a person without a role was not let in."""
        async with self._pool.acquire() as connection:
            await self._rows.add_without_session(connection, [person], "sign_in_refused", "no_role")

    async def _check(self, live: LiveSession) -> LiveSession | None:
        """Ask the provider about a person; if another request is asking already, wait only when it is high time."""
        found: LiveSession | None = live
        for _ in range(MOST_WAITS):
            if found is None or found.unchecked_for < CHECK_AFTER or self._provider.is_away:
                return found
            if await session_store.lease_check(self._pool, found.hash):
                return await self._check_leased(found)
            if found.unchecked_for < CHECK_AT_LATEST:
                return found
            await asyncio.sleep(WAIT_SECONDS)
            found = await self._rows.find(found.token)
        return None

    async def _check_leased(self, live: LiveSession) -> LiveSession | None:
        """Read the session again, because another request may just have used its refresh token; then ask."""
        current = await self._rows.find(live.token)
        if current and current.unchecked_for >= CHECK_AFTER:
            return await self._ask(current)
        await session_store.drop_lease(self._pool, live.hash)
        return current

    async def _ask(self, live: LiveSession) -> LiveSession | None:
        """Refresh what the provider says; end the session if it ended the person's, or gives other roles.

        The new tokens are stored even if they cannot be checked now: the old ones may be used up.
        """
        tokens = self._rows.tokens_of(live)
        facts = live.facts
        try:
            tokens = await self._provider.refresh(tokens.refresh_token)
            identity = await self._provider.read(tokens, subject=facts.subject)
            if self.roles_of(identity) != frozenset(facts.roles):
                return await self._end_unless_changed(live, "roles_changed")
            facts = replace(facts, checked_at=live.stored.now)
        except ProviderAwayError:
            pass
        except RefusedTokenError as refused:
            return await self._end_unless_changed(live, refused.code)
        stored = self._rows.columns(live.token, facts, tokens)
        renewed = await session_store.renew(self._pool, live.hash, was=live.stored.proof, **stored)
        return replace(live, facts=facts) if renewed else await self._rows.find(live.token)

    async def _end_unless_changed(self, live: LiveSession, code: str) -> LiveSession | None:
        """End a session that the provider refuses, unless another request has renewed it meanwhile."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await session_store.is_unchanged(connection, live.hash, live.stored.proof):
                await session_store.remove(connection, live.hash)
                await self._rows.add_entry(connection, "session_ended", live.facts, f"ended_{code}")
                return None
        return await self._rows.find(live.token)

    async def _remove(self, token_hash: bytes, facts: SessionFacts | None, reason: str) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await session_store.remove(connection, token_hash)
            if facts:
                await self._rows.add_entry(connection, "session_ended", facts, reason)
