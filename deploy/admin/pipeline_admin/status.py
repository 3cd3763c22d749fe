"""What the pipeline holds right now, read from each service's database and metrics: counts and ages, never content."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, TypedDict, cast
from urllib.request import urlopen

import asyncpg
from prometheus_client.parser import text_string_to_metric_families

from pipeline_shared.messaging.topics import SERVICES

SECONDS = 3

# Per stage: how many are in each state, and how old the oldest is that waits.
COUNTS: Mapping[str, str] = {
    "intake": """
        SELECT 'accepted' AS state, count(*) AS number, NULL::float AS oldest FROM submission
    """,
    "sanitiser": """
        SELECT 'sanitised' AS state, count(*) AS number, NULL::float AS oldest FROM source_record s
        WHERE NOT EXISTS (SELECT FROM held h WHERE h.submission_ref = s.submission_ref AND h.state <> 'released')
        UNION ALL SELECT 'held', count(*), extract(epoch FROM now() - min(held_at))::float
        FROM held WHERE state <> 'released'
    """,
    "triage": """
        SELECT state, count(*) AS number,
            CASE WHEN state = 'waiting' THEN 86400 * (current_date - min(received_on)) END::float AS oldest
        FROM triage_case GROUP BY state
    """,
    "transfer": """
        SELECT state, count(*) AS number,
            CASE WHEN state = 'waiting' THEN extract(epoch FROM now() - min(accepted_at)) END::float AS oldest
        FROM transfer GROUP BY state
    """,
}

DELIVERY = """
SELECT count(*) FILTER (WHERE set_aside_at IS NULL) AS outbox,
    extract(epoch FROM now() - min(created_at) FILTER (WHERE set_aside_at IS NULL))::float AS outbox_age,
    count(*) FILTER (WHERE set_aside_at IS NOT NULL)
        + (SELECT count(*) FROM parked WHERE state <> 'replayed') AS parked
FROM outbox WHERE published_at IS NULL
"""

AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, HTTPException)


class Places(TypedDict):
    """Where a running stack can be looked at: part of its state file."""

    operations: dict[str, str]
    databases: dict[str, str]


@dataclass(frozen=True, slots=True)
class Stage:
    """One service: how many it holds in each state, and what has not moved on yet. Ages are seconds.

    Nothing is known of what its database holds while that is away, and nothing of its lag while the service is.
    """

    name: str
    ready: bool
    counts: Mapping[str, int]
    oldest_waiting: float | None
    lag: int | None
    outbox: int | None
    outbox_age: float | None
    parked: int | None
    database: bool = True


def places_of(state: Mapping[str, Any]) -> Places:
    """Return the part of a stack's state that `read_status` needs."""
    return {"operations": state["operations"], "databases": state["admin"]["databases"]}


async def read_status(places: Places) -> list[Stage]:
    """Return every stage, in the order a submission passes them."""
    return list(await asyncio.gather(*(_read_stage(places, service) for service in SERVICES)))


async def _read_stage(places: Places, service: str) -> Stage:
    (ready, lag), held = await asyncio.gather(
        asyncio.to_thread(_read_metrics, places["operations"][service]),
        _read_database(places["databases"][service], COUNTS[service]),
    )
    if held is None:
        return Stage(service, ready, {}, None, lag, outbox=None, outbox_age=None, parked=None, database=False)
    states, delivery = held
    counts = {row["state"]: row["number"] for row in states}
    return Stage(
        name=service,
        ready=ready,
        counts=counts,
        oldest_waiting=max((row["oldest"] for row in states if row["oldest"] is not None), default=None),
        lag=lag,
        outbox=delivery["outbox"],
        outbox_age=delivery["outbox_age"],
        parked=delivery["parked"] + counts.get("parked", 0),  # records, and transfers that a person must look at
    )


async def _read_database(dsn: str, counts: str) -> tuple[list[asyncpg.Record], asyncpg.Record] | None:
    """Return what a database holds, or nothing when it is away: this is asked most when something is."""
    try:
        connection = await asyncpg.connect(dsn, timeout=SECONDS, command_timeout=SECONDS)
        try:
            delivery = await connection.fetchrow(DELIVERY)
            return await connection.fetch(counts), cast("asyncpg.Record", delivery)
        finally:
            await connection.close(timeout=SECONDS)
    except AWAY:
        return None


def _read_metrics(address: str) -> tuple[bool, int | None]:
    """Return whether a service says it is ready, and how many records it has not read; nothing when it is away."""
    text = _get(f"{address}/metrics")
    if text is None:
        return False, None
    lags = [
        sample.value
        for family in text_string_to_metric_families(text)
        if family.name == "pipeline_consumer_lag"
        for sample in family.samples
    ]
    return _get(f"{address}/health/ready") is not None, int(sum(lags)) if lags else None


def _get(url: str) -> str | None:
    """Return what an address answers, or nothing when it is away or says that it is not ready."""
    try:
        with urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - our own loopback address
            return answer.read().decode()
    except AWAY:  # an HTTP error is an OSError
        return None
