"""The gauges of the source desk: the number of waiting submissions, and the age of the oldest."""

from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.metrics import Metrics
from sanitiser_service.desk.review import store

PLACE = "source-desk"


async def measure(connection: Connection, metrics: Metrics) -> None:
    """Set the gauges of the waiting submissions."""
    waiting, oldest = await store.measure_held(connection)
    metrics.waiting.labels(PLACE).set(waiting)
    metrics.waiting_age.labels(PLACE).set(oldest)
