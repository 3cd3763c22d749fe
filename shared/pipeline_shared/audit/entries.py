"""The audit: each act with its actor, its subject's reference, its time and its reason (D-L1, DPA 2018 s.62).

The audit only grows. It holds references, never content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline_shared.runtime.db import Connection


@dataclass(frozen=True, slots=True)
class Operator:
    """Who operates the pipeline, in the audit's words.

    `actor` is `operator:` and the id of a person; `sign_in` is then the id of the proof in the audit, and `shown_by`
    what proved them. `account:` and a name is an account of a computer that reaches no provider, `service:` a program.
    """

    actor: str
    sign_in: str = ""
    shown_by: str = ""


PROVEN = "operator_proven"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act: `subject` is a reference (a case id, a submission ref), never a name; without `at`, the time is now.

    `sign_in` is the sign-in of the person who acted: the id of a `signed_in` entry. `proof` is made with a key that the
    database lacks, so an entry written straight into the database has none. Acts of services have neither.
    """

    at: datetime | None
    actor: str
    action: str
    subject: str
    reason: str
    sign_in: str = ""
    proof: str = ""


def proof_of(operator: Operator) -> list[AuditEntry]:
    """Return the entry that the operator's other entries name by `sign_in`; none for a program or an account."""
    if not operator.sign_in:
        return []
    return [AuditEntry(None, operator.actor, PROVEN, operator.sign_in, operator.shown_by, operator.sign_in)]


ADD = """
INSERT INTO audit (at, actor, action, subject, reason, sign_in, proof)
SELECT coalesce(at, now()), actor, action, subject, reason, sign_in, proof
FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS new (at, actor, action, subject, reason, sign_in, proof)
"""


async def add(connection: Connection, entries: Sequence[AuditEntry]) -> None:
    """Store entries in the given order, in the current transaction."""
    if entries:
        columns = [[getattr(entry, name) for entry in entries] for name in AuditEntry.__slots__]
        await connection.execute(ADD, *columns)
