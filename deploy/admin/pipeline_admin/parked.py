"""What operators do with what is parked: list, look at the facts, ask for another try. Content stays out of sight.

Three kinds are parked: Kafka records that a service could not handle (under the service's name), events that the broker
refused to take from a service's outbox (`<service>-outbox`), and transfers that the police system refused
(`police-system`). All are shown alike.
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

OUTBOX_COLUMNS = """
    id::text AS id, topic, partition::text AS place, error, attempts, 'parked' AS state, set_aside_at AS parked_at
"""
REFUSED = "published_at IS NULL AND set_aside_at IS NOT NULL"


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

# The relay takes them like any other that waits; what has waited behind one for its key follows in its order.
OUTBOX = Queries(
    list=f"SELECT {OUTBOX_COLUMNS} FROM outbox WHERE {REFUSED} ORDER BY outbox.id",  # noqa: S608 - constants
    show=f"""
        SELECT {OUTBOX_COLUMNS}, octet_length(value) AS bytes, event_id,
            (SELECT count(*) FROM outbox AS later WHERE later.published_at IS NULL AND later.topic = outbox.topic
                AND later.key = outbox.key AND later.id > outbox.id) AS waiting_behind
        FROM outbox WHERE {REFUSED} AND id::text = $1
    """,  # noqa: S608
    replay=f"""
        WITH chosen AS (
            UPDATE outbox SET set_aside_at = NULL WHERE {REFUSED} AND ($1::text IS NULL OR id::text = $1)
            RETURNING event_id),
        audited AS (
            INSERT INTO audit (actor, action, subject) SELECT $2, 'parked_replay_asked', event_id::text FROM chosen)
        SELECT count(*) FROM chosen
    """,  # noqa: S608
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
    outboxes = {f"{name}-outbox": ParkingPlace(f"{name}-outbox", dsn, OUTBOX) for name, dsn in databases.items()}
    return {**places, **outboxes, "police-system": ParkingPlace("police-system", databases["transfer"], TRANSFERS)}


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
