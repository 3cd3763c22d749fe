"""The directory of people: the names of ids, also of people who have left."""

from collections.abc import Iterable

import asyncpg

from pipeline_shared.runtime.db import Connection
from pipeline_shared.web.identity.session_facts import SessionFacts

REMEMBER = """
INSERT INTO person (person, issuer, subject, name, seen_at) VALUES ($1, $2, $3, $4, now())
ON CONFLICT (person) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at
"""


async def remember(connection: Connection, facts: SessionFacts, issuer: str) -> None:
    """Store the name of a person who signs in."""
    await connection.execute(REMEMBER, facts.person, issuer, facts.subject, facts.name)


async def names(pool: asyncpg.Pool, people: Iterable[str]) -> dict[str, str]:
    """Return the names of those people who are known."""
    wanted = sorted(set(people))
    rows = await pool.fetch("SELECT person, name FROM person WHERE person = ANY($1)", wanted) if wanted else []
    return {row["person"]: row["name"] for row in rows}
