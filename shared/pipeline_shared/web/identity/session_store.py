"""All SQL of sessions. The browser holds a random token, the table its hash.

Only the database's clock decides when a session ends.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from pipeline_shared.runtime.db import Connection
from pipeline_shared.web.identity.session_facts import IDLE, LONGEST

LEASE = timedelta(seconds=30)  # longer than a check can take


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One row: the facts with their proof, and the sealed tokens. Nothing of it is believed before it is checked.

    `person` and `sid` are what a session is ended by. After `check_due` the provider must be asked again. `kept` is the
    number of the person's kept forms.
    """

    person: str
    sid: str
    facts: bytes
    proof: bytes
    tokens: bytes
    now: datetime
    kept: int
    check_due: datetime | None = None


# `seen_at` changes once a minute, not with every page, so that most reads write nothing. Requests that a page makes by
# itself do not change it: otherwise a page that refreshes would keep the session of a person who has left.
FIND = """
WITH live AS (
    SELECT person, sid, facts, proof, tokens, seen_at, check_due FROM session
    WHERE token_hash = $1 AND seen_at > now() - $3::interval AND opened_at > now() - $4::interval
), seen AS (
    UPDATE session SET seen_at = now()
    WHERE token_hash = $1 AND $2 AND EXISTS (SELECT FROM live WHERE seen_at < now() - interval '1 minute')
)
SELECT person, sid, facts, proof, tokens, check_due, now() AS now, (
    SELECT count(*) FROM kept_form
    WHERE kept_form.person = live.person AND kept_at > now() - interval '8 hours')::integer AS kept
FROM live
"""


async def find(pool: asyncpg.Pool, token_hash: bytes, *, by_person: bool) -> StoredSession | None:
    """Return a session that has not expired; a person's own request keeps it alive."""
    row = await pool.fetchrow(FIND, token_hash, by_person, IDLE, LONGEST)
    return StoredSession(**row) if row else None


ADD = """
INSERT INTO session (token_hash, person, sid, facts, proof, tokens, opened_at, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, now(), now())
"""


async def add(
    connection: Connection, token_hash: bytes, *, person: str, sid: str, facts: bytes, proof: bytes, tokens: bytes
) -> None:
    """Add a session."""
    await connection.execute(ADD, token_hash, person, sid, facts, proof, tokens)


RENEW = """
UPDATE session SET facts = $3, proof = $4, tokens = $5, checking_until = NULL WHERE token_hash = $1 AND proof = $2
RETURNING true
"""


async def renew(
    pool: asyncpg.Pool, token_hash: bytes, *, was: bytes, facts: bytes, proof: bytes, tokens: bytes
) -> bool:
    """Store what a check has found; return False if the session has ended or changed meanwhile. `was`: its proof."""
    return bool(await pool.fetchval(RENEW, token_hash, was, facts, proof, tokens))


# A lease that ends much too late was not set by this statement, so it counts for nothing. One of a transaction that
# began after this one ends a little later than ours would.
LEASE_CHECK = """
UPDATE session SET checking_until = now() + $2::interval
WHERE token_hash = $1 AND (checking_until IS NULL OR checking_until NOT BETWEEN now() AND now() + 2 * $2::interval)
RETURNING true
"""


async def lease_check(pool: asyncpg.Pool, token_hash: bytes) -> bool:
    """Reserve the check of a session for this request; a refresh token can often be used only once."""
    return bool(await pool.fetchval(LEASE_CHECK, token_hash, LEASE))


async def drop_lease(pool: asyncpg.Pool, token_hash: bytes) -> None:
    """Give up a reserved check."""
    await pool.execute("UPDATE session SET checking_until = NULL WHERE token_hash = $1", token_hash)


REMOVE = (
    "DELETE FROM session WHERE token_hash = $1 OR seen_at < now() - $2::interval OR opened_at < now() - $3::interval"
)


async def is_unchanged(connection: Connection, token_hash: bytes, proof: bytes) -> bool:
    """Tell whether a session still has this proof; lock it if so."""
    query = "SELECT true FROM session WHERE token_hash = $1 AND proof = $2 FOR UPDATE"
    return bool(await connection.fetchval(query, token_hash, proof))


async def remove(connection: Connection, token_hash: bytes) -> None:
    """Remove a session, and all that have expired."""
    await connection.execute(REMOVE, token_hash, IDLE, LONGEST)


# A provider's session never comes back, but a person does: a notice about a person that is sent again must not end what
# they opened after it. The 30 seconds are for clocks that differ.
END = """
DELETE FROM session
WHERE ($1 <> '' AND sid = $1)
   OR ($1 = '' OR sid = '') AND person = $2 AND opened_at <= to_timestamp($3::bigint + 30)
RETURNING person
"""


async def end(connection: Connection, *, sid: str, person: str, until: int) -> list[str]:
    """End a provider's session, or what a person opened until then (seconds since 1970); return whose they were."""
    return [row["person"] for row in await connection.fetch(END, sid, person, until)]


async def ask_again(connection: Connection, people: Collection[str]) -> None:
    """Have the provider asked at the next request of each session of these people."""
    await connection.execute("UPDATE session SET check_due = now() WHERE person = ANY($1::text[])", list(people))
