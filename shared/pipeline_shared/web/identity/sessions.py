"""Sessions are in the database, so that they can be ended: the browser holds 32 random bytes, the table their hash.

Only the database's clock decides their end: after 15 minutes without use, and after 8 hours in all.
"""

import hashlib
import secrets
from dataclasses import dataclass

import asyncpg
from starlette.requests import Request
from starlette.responses import Response

from pipeline_shared.web.identity.people import Person, SignIn

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person, and the token that each of their forms must carry."""

    person: Person
    csrf: str


BACKGROUND_HEADER = "x-background"


class Cookies:
    """The cookies of a site: hidden from scripts and other sites, and sent over https only unless the site is local.

    Names carry the service's name, because browsers share cookies between the ports of one host.
    """

    def __init__(self, service: str, *, secure: bool) -> None:
        self._prefix = f"{'__Host-' if secure else ''}{service}-"
        self._secure = secure

    def read(self, request: Request, name: str) -> str:
        """Return the value of a cookie, or an empty text."""
        return request.cookies.get(self._prefix + name, "")

    def set(self, response: Response, name: str, *, value: str) -> None:
        """Set a cookie for as long as the browser runs."""
        response.set_cookie(self._prefix + name, value, path="/", httponly=True, secure=self._secure, samesite="lax")

    def drop(self, response: Response, name: str) -> None:
        """Remove a cookie."""
        response.delete_cookie(self._prefix + name, path="/", httponly=True, secure=self._secure, samesite="lax")


class Sessions:
    """The sessions of one service."""

    COOKIE = "session"

    def __init__(self, pool: asyncpg.Pool, sign_in: SignIn, *, cookies: Cookies) -> None:
        self._pool = pool
        self._sign_in = sign_in
        self._cookies = cookies

    # `seen_at` changes once a minute, not with every page, so that most reads write nothing. Requests that a page makes
    # by itself do not change it: otherwise a page that refreshes would keep the session of a person who has left.
    FIND = """
        WITH live AS (
            SELECT person, roles, csrf, seen_at FROM session
            WHERE token_hash = $1
              AND seen_at > now() - interval '15 minutes' AND created_at > now() - interval '8 hours'
        ), seen AS (
            UPDATE session SET seen_at = now()
            WHERE token_hash = $1 AND $2 AND EXISTS (SELECT FROM live WHERE seen_at < now() - interval '1 minute')
        )
        SELECT person, roles, csrf FROM live
    """

    async def find(self, request: Request) -> Session | None:
        """Return the person who asks, unless the session expired or the person lost a role that it was opened with."""
        token = self._cookies.read(request, self.COOKIE)
        by_person = BACKGROUND_HEADER not in request.headers
        row = await self._pool.fetchrow(self.FIND, _hash(token), by_person) if token else None
        person = self._sign_in.find(row["person"]) if row else None
        if row is None or person is None or sorted(row["roles"]) != sorted(person.roles):
            return None
        return Session(person, row["csrf"])

    ADD = """
        INSERT INTO session (token_hash, person, roles, csrf, created_at, seen_at)
        VALUES ($1, $2, $3::text[], $4, now(), now())
    """
    REMOVE = """
        DELETE FROM session
        WHERE token_hash = $1 OR seen_at < now() - interval '15 minutes' OR created_at < now() - interval '8 hours'
    """

    async def open(self, person: Person, request: Request, response: Response) -> None:
        """Open a session under a new token; end the browser's old session and all expired ones."""
        token, csrf = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(self.REMOVE, _hash(self._cookies.read(request, self.COOKIE)))
            await connection.execute(self.ADD, _hash(token), person.id, sorted(person.roles), csrf)
        self._cookies.set(response, self.COOKIE, value=token)

    async def close(self, request: Request, response: Response) -> None:
        """End the browser's session."""
        await self._pool.execute(self.REMOVE, _hash(self._cookies.read(request, self.COOKIE)))
        self._cookies.drop(response, self.COOKIE)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
