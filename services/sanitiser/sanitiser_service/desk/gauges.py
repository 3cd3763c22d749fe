"""What operations see of held submissions: how many wait for the source desk, and how long."""

from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.metrics import Metrics
from sanitiser_service.desk.review import store

PLACE = "source-desk"


async def measure(connection: Connection, metrics: Metrics) -> None:
    """Set the gauges of what nobody has decided on."""
    waiting, oldest = await store.measure_held(connection)
    metrics.waiting.labels(PLACE).set(waiting)
    metrics.waiting_age.labels(PLACE).set(oldest)
