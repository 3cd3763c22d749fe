"""Gauges of triage: the numbers and ages of flags and cases that wait for an officer. Ages of cases are in days."""

from datetime import UTC, datetime

from pipeline_shared.language.local_time import day_of
from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.metrics import Metrics
from triage_service.flags.store import measure_open
from triage_service.queue.store import measure_waiting


async def measure(connection: Connection, metrics: Metrics) -> None:
    """Set the gauges of waiting flags and cases."""
    measured = {
        "safety-flags": await measure_open(connection, SafetyLevel.NOW),  # these call when they wait too long
        "safety-flags-soon": await measure_open(connection, SafetyLevel.SOON),
        "triage-queue": await measure_waiting(connection, day_of(datetime.now(UTC))),
    }
    for place, (waiting, oldest) in measured.items():
        metrics.waiting.labels(place).set(waiting)
        metrics.waiting_age.labels(place).set(oldest.total_seconds())
