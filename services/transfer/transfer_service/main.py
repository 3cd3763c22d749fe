"""Assembles the transfer service."""

from starlette.applications import Starlette

from pipeline_shared.runtime.server import run
from pipeline_shared.runtime.service import Runtime
from transfer_service.gauges import measure
from transfer_service.handlers import subscriptions
from transfer_service.sender import Sender
from transfer_service.settings import Settings


def create_app(settings: Settings) -> Starlette:
    """Return transfer, ready to be served."""
    runtime = Runtime("transfer", settings)
    sender = Sender(settings, runtime.database, runtime.metrics)
    runtime.consumer.subscribe(subscriptions(sender.wake))
    runtime.add_worker("sender", sender.run)
    runtime.add_measurement(measure)
    # Not essential: decided records are accepted and stored while the police system is away.
    runtime.health.add("police_system", sender.check, essential=False)
    return Starlette(lifespan=runtime.lifespan)


if __name__ == "__main__":
    run("transfer", create_app, Settings)
