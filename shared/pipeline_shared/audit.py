"""The audit: who did what to which reference, when and why (D-L1, DPA 2018 s.62).

It only grows, and holds references, never content.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline_shared.db import Connection


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing done: `subject` is a reference (a case id, a submission ref), never a name."""

    actor: str
    action: str
    subject: str
    reason: str


ADD = """
INSERT INTO audit (actor, action, subject, reason)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
"""


async def add(connection: Connection, entries: Sequence[AuditEntry]) -> None:
    """Store entries in the order given, in the transaction under way."""
    if entries:
        columns = [[getattr(entry, name) for entry in entries] for name in AuditEntry.__slots__]
        await connection.execute(ADD, *columns)
