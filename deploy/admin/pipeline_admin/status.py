"""The current state of the pipeline from each service's database and metrics: counts and ages, never content."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from urllib.request import urlopen

import asyncpg
from prometheus_client.parser import text_string_to_metric_families

from intake_service import operators as intake
from pipeline_admin.installation import Installation
from pipeline_shared.messaging.operators import Delivery, StateCount, measure_delivery
from pipeline_shared.runtime.db import Connection
from sanitiser_service import operators as sanitiser
from transfer_service import operators as transfer
from triage_service import operators as triage

SECONDS = 3

# For each stage: the count of each state, and the age of the oldest waiting entry.
COUNT_STATES: Mapping[str, Callable[[Connection], Awaitable[list[StateCount]]]] = {
    "intake": intake.count_states,
    "sanitiser": sanitiser.count_states,
    "triage": triage.count_states,
    "transfer": transfer.count_states,
}

AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, HTTPException)


@dataclass(frozen=True, slots=True)
class Stage:
    """One service: the count of each state, and the numbers of entries that have not moved on. Ages are in seconds.

    Database values are None while the database is unreachable, and the lag is None while the service is.
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


async def read_status(installation: Installation) -> list[Stage]:
    """Return every stage for which the operator has credentials, in the order of a submission's path."""
    services = [service for service in COUNT_STATES if service in installation.databases]
    beside = [process for process in installation.operations if process not in COUNT_STATES]
    stages = (_read_stage(installation, service) for service in services)
    others = (_read_beside(installation, process) for process in beside)
    return list(await asyncio.gather(*stages, *others))


async def _read_beside(installation: Installation, process: str) -> Stage:
    """Return a process that works on a service's tables and reads nothing from Kafka: it needs its database alone."""
    address, tls = installation.operations[process], _tls(installation)
    answers = await asyncio.to_thread(_get, f"{address}/health/live", tls) is not None
    ready = answers and await asyncio.to_thread(_get, f"{address}/health/ready", tls) is not None
    lag, database = (0, ready) if answers else (None, True)
    return Stage(process, ready, {}, None, lag, outbox=None, outbox_age=None, parked=None, database=database)


async def _read_stage(installation: Installation, service: str) -> Stage:
    address = installation.operations.get(service)
    (ready, lag), held = await asyncio.gather(
        asyncio.to_thread(_read_metrics, address, _tls(installation)),
        _read_database(installation.database(service), service),
    )
    if held is None:
        return Stage(service, ready, {}, None, lag, outbox=None, outbox_age=None, parked=None, database=False)
    states, delivery = held
    counts = {each.state: each.number for each in states}
    return Stage(
        name=service,
        ready=ready,
        counts=counts,
        oldest_waiting=max((each.oldest for each in states if each.oldest is not None), default=None),
        lag=lag,
        outbox=delivery.outbox,
        outbox_age=delivery.outbox_age,
        parked=delivery.parked + counts.get("parked", 0),  # Kafka records, and transfers
    )


async def _read_database(dsn: str, service: str) -> tuple[Sequence[StateCount], Delivery] | None:
    """Return the state of a database, or None when it is unreachable: the status must work during faults."""
    try:
        connection = await asyncpg.connect(dsn, timeout=SECONDS, command_timeout=SECONDS)
        try:
            return await COUNT_STATES[service](connection), await measure_delivery(connection)
        finally:
            await connection.close(timeout=SECONDS)
    except AWAY:
        return None


def _tls(installation: Installation) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=installation.authorities)


def _read_metrics(address: str | None, tls: ssl.SSLContext) -> tuple[bool, int | None]:
    """Return whether a service is ready and its number of unread records; False and None when unreachable."""
    text = _get(f"{address}/metrics", tls) if address else None
    if text is None:
        return False, None
    lags = [
        sample.value
        for family in text_string_to_metric_families(text)
        if family.name == "pipeline_consumer_lag"
        for sample in family.samples
    ]
    return _get(f"{address}/health/ready", tls) is not None, int(sum(lags)) if lags else None


def _get(url: str, tls: ssl.SSLContext) -> str | None:
    """Return the answer of an address, or None when it is unreachable or not ready."""
    try:
        with urlopen(url, timeout=SECONDS, context=tls) as answer:  # noqa: S310 - the operator's own address
            return answer.read().decode()
    except AWAY:  # an HTTP error is an OSError
        return None
