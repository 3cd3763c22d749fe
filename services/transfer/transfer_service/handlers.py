"""What transfer reads from Kafka, and the use case each event is for."""

from collections.abc import Callable

from pipeline_shared.messaging.subscriptions import Subscription
from pipeline_shared.messaging.topics import CASE_DECIDED, TRANSFER
from transfer_service.usecases import accept_decisions


def subscriptions(wake_sender: Callable[[], None]) -> tuple[Subscription, ...]:
    """Return transfer's table of topic, reader and use case; the sender is woken when there is something to send."""
    return (Subscription(CASE_DECIDED, TRANSFER, accept_decisions, afterwards=wake_sender),)
