"""All SQL of the worker. It only adds rows to the restricted store; it never reads or changes one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_shared.runtime.db import Connection


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """The identity and the original, sealed to the source desk."""

    source_ref: UUID
    submission_ref: UUID
    sealed: bytes


@dataclass(frozen=True, slots=True)
class NewHeld:
    """A submission to hold, sealed to the desk, with the level of the safety screen."""

    submission_ref: UUID
    sealed: bytes
    reasons: tuple[str, ...]
    level: SafetyLevel


ADD_SOURCES = """
INSERT INTO source_record (source_ref, submission_ref, sealed, sealed_at)
SELECT source_ref, submission_ref, sealed, $4
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) AS new (source_ref, submission_ref, sealed)
"""


async def add_sources(connection: Connection, records: Sequence[SourceRecord], now: datetime) -> None:
    """Store sealed source records."""
    columns = [[getattr(record, name) for record in records] for name in SourceRecord.__slots__]
    await connection.execute(ADD_SOURCES, *columns, now)


# PostgreSQL needs rectangular arrays, so the reasons of a row are joined with line breaks; no code contains one.
# `high` stands before the rest, and of these `soon` after the others.
ADD_HELD = """
INSERT INTO held (submission_ref, sealed, reasons, high, soon, held_at)
SELECT submission_ref, sealed, string_to_array(reasons, E'\\n'), level <> 'ordinary', level = 'soon', $5
FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[]) AS new (submission_ref, sealed, reasons, level)
"""


async def add_held(connection: Connection, held: Sequence[NewHeld], now: datetime) -> None:
    """Hold submissions for review."""
    await connection.execute(
        ADD_HELD,
        [item.submission_ref for item in held],
        [item.sealed for item in held],
        ["\n".join(item.reasons) for item in held],
        [item.level.value for item in held],
        now,
    )
