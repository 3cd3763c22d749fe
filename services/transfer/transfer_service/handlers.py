"""What transfer consumes."""

from pipeline_shared.language.events import CaseDecided
from pipeline_shared.messaging.consumer import Consumer, KafkaMessage
from transfer_service.sender import Sender
from transfer_service.usecases import accept_decisions


def subscribe(consumer: Consumer, courier: Sender) -> None:
    """Declare transfer's subscribers; the courier need not wait for its next look."""

    @consumer.subscriber(CaseDecided)
    async def on_case_decided(message: KafkaMessage) -> None:
        await consumer.process(message, accept_decisions)
        courier.wake()
