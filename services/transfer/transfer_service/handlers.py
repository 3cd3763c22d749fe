"""The topics that transfer reads, each with its use case."""

from collections.abc import Callable

from pipeline_shared.messaging.subscriptions import Subscription
from pipeline_shared.messaging.topics import CASE_DECIDED, TRANSFER
from transfer_service.usecases import accept_decisions


def subscriptions(wake_sender: Callable[[], None]) -> tuple[Subscription, ...]:
    """Return transfer's table of topic, reader and use case. New transfers wake the sender."""
    return (Subscription(CASE_DECIDED, TRANSFER, accept_decisions, afterwards=wake_sender),)
