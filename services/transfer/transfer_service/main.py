"""Assembles the transfer service."""

from pipeline_shared.runtime.server import run_worker
from pipeline_shared.runtime.service import Runtime
from transfer_service.gauges import measure
from transfer_service.handlers import subscriptions
from transfer_service.sender import Sender
from transfer_service.settings import Settings


def create_worker(settings: Settings) -> Runtime:
    """Return transfer, ready to run."""
    runtime = Runtime("transfer", settings)
    sender = Sender(settings, runtime.database, runtime.metrics)
    runtime.consumer.subscribe(subscriptions(sender.wake))
    runtime.add_worker("sender", sender.run)
    runtime.add_measurement(measure)
    runtime.add_reading(sender.report)
    # Not essential: decided records are accepted and stored while the police system is away.
    runtime.health.add("police_system", sender.check, essential=False)
    return runtime


if __name__ == "__main__":
    run_worker("transfer", create_worker, Settings)
