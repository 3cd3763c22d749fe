"""Sessions live in the database, so that they can be ended: the browser holds 32 random bytes, the table their hash.

Expiry is judged by the database's clock alone: 15 minutes without use, 8 hours in all.
"""

import hashlib
import secrets
from dataclasses import dataclass

import asyncpg

from pipeline_shared.ui.people import Person, SignIn

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person, and the token that each of their forms must carry."""

    person: Person
    csrf: str


class Sessions:
    """The sessions of one service."""

    def __init__(self, pool: asyncpg.Pool, sign_in: SignIn) -> None:
        self._pool = pool
        self._sign_in = sign_in

    # `seen_at` moves once a minute, not with every page: reading stays reading.
    FIND = """
        WITH live AS (
            SELECT person, roles, csrf, seen_at FROM session
            WHERE token_hash = $1 AND seen_at > now() - interval '15 minutes' AND created_at > now() - interval '8 hours'
        ), seen AS (
            UPDATE session SET seen_at = now()
            WHERE token_hash = $1 AND EXISTS (SELECT FROM live WHERE seen_at < now() - interval '1 minute')
        )
        SELECT person, roles, csrf FROM live
    """

    async def find(self, token: str) -> Session | None:
        """Return the session, unless it has expired or its person no longer has the roles it was opened with."""
        row = await self._pool.fetchrow(self.FIND, _hash(token))
        person = self._sign_in.find(row["person"]) if row else None
        if row is None or person is None or set(row["roles"]) != person.roles:
            return None
        return Session(person, row["csrf"])

    ADD = """
        INSERT INTO session (token_hash, person, roles, csrf, created_at, seen_at)
        VALUES ($1, $2, $3::text[], $4, now(), now())
    """
    REMOVE_EXPIRED = "DELETE FROM session WHERE seen_at < now() - interval '15 minutes' OR created_at < now() - interval '8 hours'"

    async def open(self, person: Person) -> str:
        """Open a session under a new token and return the token."""
        token, csrf = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(self.REMOVE_EXPIRED)
            await connection.execute(self.ADD, _hash(token), person.id, sorted(person.roles), csrf)
        return token

    REMOVE = "DELETE FROM session WHERE token_hash = $1"

    async def close(self, token: str) -> None:
        """End a session."""
        await self._pool.execute(self.REMOVE, _hash(token))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
