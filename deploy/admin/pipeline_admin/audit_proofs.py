"""Checks the proofs in the audit of a site: an entry about a person that the site itself did not make has none."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from pipeline_shared.audit.entries import AuditEntry
from pipeline_shared.web.identity.entry_proofs import AuditKey

# Services and operators act without a session of a site.
LIST_OF_PEOPLE = """
SELECT id, at, actor, action, subject, reason, sign_in, proof FROM audit
WHERE actor !~ '^(service|operator):' AND ($1::timestamptz IS NULL OR at >= $1) ORDER BY id
"""
# Each act of an operator names a sign-in, which has an entry of its own (`operator_proven`).
LIST_OF_OPERATORS = """
SELECT id, at, actor, action, subject, reason, sign_in, proof, EXISTS (
    SELECT FROM audit AS proven
    WHERE proven.subject = audit.sign_in AND proven.action = 'operator_proven' AND proven.actor = audit.actor)
FROM audit WHERE actor LIKE 'operator:person:%' AND ($1::timestamptz IS NULL OR at >= $1) ORDER BY id
"""

COUNT = "SELECT count(*) FROM audit WHERE $1::timestamptz IS NULL OR at >= $1"


@dataclass(frozen=True, slots=True)
class CheckedEntry:
    """An entry of the audit with its number; `fault` says what is wrong with its proof, or is empty."""

    number: int
    entry: AuditEntry
    fault: str


async def count_entries(connection: asyncpg.Connection, since: datetime | None) -> int:
    """Return how many entries there are since a time."""
    return await connection.fetchval(COUNT, since) or 0


async def check_proofs(
    connection: asyncpg.Connection, keys: Sequence[AuditKey], since: datetime | None
) -> AsyncGenerator[CheckedEntry, None]:
    """Yield the entries about people since a time, in their order, then those about operators.

    `keys` are the site's audit key, and former ones.
    """
    async with connection.transaction(readonly=True):
        async for row in connection.cursor(LIST_OF_PEOPLE, since, prefetch=1_000):
            number, *values = row
            entry = AuditEntry(*values)
            fault = "" if any(key.is_proven(entry) for key in keys) else "wrong proof" if entry.proof else "no proof"
            yield CheckedEntry(number, entry, fault)
        async for row in connection.cursor(LIST_OF_OPERATORS, since, prefetch=1_000):
            number, *values, is_shown = row
            yield CheckedEntry(number, AuditEntry(*values), "" if is_shown else "nobody proven")
