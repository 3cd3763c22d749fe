"""Kept forms: a form that arrived after its session had ended is offered to its own person again.

A form is sealed with the session key to its person, so that neither the database nor another person can read it. It is
kept for eight hours, and a person has at most five.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
from pydantic import TypeAdapter

from pipeline_shared.runtime.db import Connection
from pipeline_shared.web.identity.session_key import NotAuthenticError, SessionKey

PURPOSE = "kept form"
MOST = 5
NOT_KEPT = frozenset({"csrf", "kept"})


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form that was not accepted: the page where it can be sent again, and its fields."""

    page: str
    fields: Mapping[str, str]


FORM = TypeAdapter(KeptForm)


@dataclass(frozen=True, slots=True)
class KeptSummary:
    """One line of a person's list of kept forms."""

    kept_id: UUID
    page: str
    kept_at: datetime


KEEP = "INSERT INTO kept_form (kept_id, person, sealed) VALUES ($1, $2, $3)"
REPLACE = "DELETE FROM kept_form WHERE kept_id::text = $1 AND person = $2"  # the same form, kept before
PRUNE = """
DELETE FROM kept_form WHERE kept_at < now() - interval '8 hours' OR kept_id IN (
    SELECT kept_id FROM kept_form WHERE person = $1 ORDER BY kept_at DESC, kept_id OFFSET $2)
"""
FIND = "SELECT sealed FROM kept_form WHERE kept_id = $1 AND person = $2 AND kept_at > now() - interval '8 hours'"
LIST = """
SELECT kept_id, sealed, kept_at FROM kept_form WHERE person = $1 AND kept_at > now() - interval '8 hours'
ORDER BY kept_at DESC, kept_id LIMIT $2
"""


async def delete_expired(connection: Connection) -> None:
    """Delete every form that is too old."""
    await connection.execute("DELETE FROM kept_form WHERE kept_at < now() - interval '8 hours'")


class KeptForms:
    """The kept forms of one site."""

    def __init__(self, pool: asyncpg.Pool, key: SessionKey) -> None:
        self._pool = pool
        self._key = key

    async def keep(self, person: str, page: str, fields: Mapping[str, str]) -> UUID | None:
        """Keep a form for a person, if something is typed in it; the oldest of too many goes."""
        kept_id = uuid4()
        form = KeptForm(page, {name: value for name, value in fields.items() if name not in NOT_KEPT})
        if not form.fields:
            return None
        sealed = self._key.seal(PURPOSE, FORM.dump_json(form), kept_id.bytes, person.encode())
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(REPLACE, fields.get("kept", ""), person)
            await connection.execute(KEEP, kept_id, person, sealed)
            await connection.execute(PRUNE, person, MOST)
        return kept_id

    async def find(self, kept_id: UUID, person: str) -> KeptForm | None:
        """Return a person's own kept form, or None."""
        sealed = await self._pool.fetchval(FIND, kept_id, person)
        return self._open(sealed, kept_id, person) if sealed else None

    async def list_of(self, person: str) -> list[KeptSummary]:
        """Return a person's kept forms, the newest first."""
        rows = await self._pool.fetch(LIST, person, MOST)
        forms = [(row, self._open(row["sealed"], row["kept_id"], person)) for row in rows]
        return [KeptSummary(row["kept_id"], form.page, row["kept_at"]) for row, form in forms if form]

    async def delete(self, kept_id: UUID, person: str) -> None:
        """Remove a person's own kept form."""
        await self._pool.execute("DELETE FROM kept_form WHERE kept_id = $1 AND person = $2", kept_id, person)

    def _open(self, sealed: bytes, kept_id: UUID, person: str) -> KeptForm | None:
        try:
            return FORM.validate_json(self._key.open(PURPOSE, sealed, kept_id.bytes, person.encode()))
        except NotAuthenticError:  # sealed with a former key, or not by us
            return None
