"""What operators do with what is parked: list, look at the facts, ask for another try. Content stays out of sight.

Two kinds are parked: Kafka records that a service could not handle (in each service's database), and transfers that the
police system refused (in transfer's). Both are shown alike; the latter under the name `police-system`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

COLUMNS = "id::text AS id, topic, partition || ':' || kafka_offset AS place, error, attempts, state, parked_at"
TRANSFER_COLUMNS = """
    record_ref::text AS id, 'case.decided.v1' AS topic, 'police system' AS place, error, attempts, state,
    settled_at AS parked_at
"""


@dataclass(frozen=True, slots=True)
class Queries:
    """How one kind of parked thing is listed, shown and asked to be tried again; ids are text."""

    list: str
    show: str
    replay: str


RECORDS = Queries(
    list=f"SELECT {COLUMNS} FROM parked WHERE state <> 'replayed' ORDER BY parked.id",  # noqa: S608 - constants
    show=f"SELECT {COLUMNS}, octet_length(sealed) AS sealed_bytes FROM parked WHERE id::text = $1",  # noqa: S608
    replay="""
        WITH chosen AS (
            UPDATE parked SET state = 'replay' WHERE state = 'parked' AND ($1::text IS NULL OR id::text = $1)
            RETURNING id),
        audited AS (INSERT INTO audit (actor, action, subject) SELECT $2, 'parked_replay_asked', id::text FROM chosen)
        SELECT count(*) FROM chosen
    """,
)

# In doubt whatever it was before: the police system is asked first, so that another try can never create twice.
TRANSFERS = Queries(
    list=f"SELECT {TRANSFER_COLUMNS} FROM transfer WHERE state = 'parked' ORDER BY settled_at",  # noqa: S608
    show=f"SELECT {TRANSFER_COLUMNS} FROM transfer WHERE record_ref::text = $1 AND state = 'parked'",  # noqa: S608
    replay="""
        WITH chosen AS (
            UPDATE transfer
            SET state = 'waiting', settled_at = NULL, error = NULL, in_doubt = true, unclear = 0, due_at = now()
            WHERE state = 'parked' AND ($1::text IS NULL OR record_ref::text = $1) RETURNING record_ref),
        audited AS (
            INSERT INTO audit (actor, action, subject) SELECT $2, 'parked_replay_asked', record_ref::text FROM chosen)
        SELECT count(*) FROM chosen
    """,
)


@dataclass(frozen=True, slots=True)
class ParkingPlace:
    """One place where things are parked: a service's database, and how it is asked."""

    name: str
    dsn: str
    queries: Queries = RECORDS


def parking_places(databases: Mapping[str, str]) -> dict[str, ParkingPlace]:
    """Return every parking place by name, from the services' databases."""
    places = {name: ParkingPlace(name, dsn) for name, dsn in databases.items()}
    return {**places, "police-system": ParkingPlace("police-system", databases["transfer"], TRANSFERS)}


async def list_parked(place: ParkingPlace) -> list[Mapping[str, Any]]:
    """Return the facts of everything that waits for a person."""
    return await _fetch(place, place.queries.list)


async def find_parked(place: ParkingPlace, parked_id: str) -> Mapping[str, Any] | None:
    """Return the facts of one parked thing."""
    rows = await _fetch(place, place.queries.show, parked_id)
    return rows[0] if rows else None


async def ask_replay(place: ParkingPlace, parked_id: str | None, *, actor: str) -> int:
    """Mark one, or all, to be tried again; return how many."""
    rows = await _fetch(place, place.queries.replay, parked_id, actor)
    return rows[0]["count"]


async def _fetch(place: ParkingPlace, sql: str, *arguments: object) -> list[Mapping[str, Any]]:
    connection = await asyncpg.connect(place.dsn, timeout=5)
    try:
        return [dict(row) for row in await connection.fetch(sql, *arguments)]
    finally:
        await connection.close()
