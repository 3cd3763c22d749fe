"""The joins that are possible in the databases, over every table and column of the catalogue.

A value counts as a reference if it has the length of one: UUIDs, digests, receipts. Rows with the same reference can be
joined, and so on from row to row. A reference inside a text, a JSON document or bytes counts like one in its own
column, in any spelling.
"""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

TABLES = """
SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
UUIDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
PEOPLE = re.compile(rf"person:{UUIDS.pattern}", re.IGNORECASE)
MOMENTS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
SHORTEST = 12  # bytes in the prefix of a key


@dataclass(frozen=True, slots=True)
class Row:
    """One row of some table."""

    place: str
    values: Mapping[str, Any]

    def text(self) -> str:
        """Return the whole content of the row, with bytes both as they are and in hexadecimal."""
        return "\n".join(part for value in self.values.values() for part in _spelled(value)).lower()

    def uuids(self) -> set[UUID]:
        """Return every UUID in the row, but for those of the officer and their sign-in.

        An officer acts on thousands of cases: that two rows name the same one says nothing of a submission.
        """
        values = {column: value for column, value in self.values.items() if column != "sign_in"}
        return {UUID(found) for found in UUIDS.findall(PEOPLE.sub("", Row(self.place, values).text()))}

    def moments(self) -> Iterator[tuple[str, datetime]]:
        """Yield every moment in the row, with its column."""
        for column, value in self.values.items():
            if isinstance(value, datetime):
                yield f"{self.place}.{column}", value
            for part in _spelled(value):
                yield from ((f"{self.place}.{column}", datetime.fromisoformat(at)) for at in MOMENTS.findall(part))


def _spelled(value: Any) -> Iterator[str]:
    match value:
        case None:
            return
        case bytes():
            yield value.hex()
            yield value.decode("latin-1")
        case list():
            for item in value:
                yield from _spelled(item)
        case datetime():
            return
        case _:
            yield str(value)


async def rows_of(connection: asyncpg.Connection, database: str) -> list[Row]:
    """Return every row of every table of a database."""
    rows: list[Row] = []
    for table in await connection.fetch(TABLES):
        name = table["relname"]
        found = await connection.fetch(f'SELECT * FROM "{name}"')  # noqa: S608 - names from the catalogue
        rows += [Row(f"{database}.{name}", dict(row)) for row in found]
    return rows


def joined(rows: Sequence[Row], *first: UUID) -> list[Row]:
    """Return every row that can be joined to a reference, from row to row."""
    by_uuid: dict[UUID, list[int]] = {}
    for n, row in enumerate(rows):
        for ref in row.uuids():
            by_uuid.setdefault(ref, []).append(n)
    seen, new, found = set(first), list(first), set[int]()
    while new:
        for n in by_uuid.get(new.pop(), []):
            if n not in found:
                found.add(n)
                more = rows[n].uuids() - seen
                seen |= more
                new += more
    return [rows[n] for n in sorted(found)]


def spellings(value: Any) -> Iterator[str]:
    """Yield the possible spellings of a reference, in small letters; nothing for a value too short to be one."""
    raw = value.bytes if isinstance(value, UUID) else value if isinstance(value, bytes) else str(value).encode()
    if len(raw) < SHORTEST:
        return
    yield str(value).lower() if not isinstance(value, bytes) else raw.hex()
    yield raw.hex()
    yield base64.b64encode(raw).decode().rstrip("=").lower()
    yield raw.decode("latin-1").lower()
