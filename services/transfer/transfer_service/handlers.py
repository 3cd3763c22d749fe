"""What transfer consumes."""

from pipeline_shared.consumer import Consumer, KafkaMessage
from pipeline_shared.contracts import CaseDecided
from transfer_service.courier import Courier
from transfer_service.usecases import accept_decisions


def subscribe(consumer: Consumer, courier: Courier) -> None:
    """Declare transfer's subscribers; the courier need not wait for its next look."""

    @consumer.subscriber(CaseDecided)
    async def on_case_decided(message: KafkaMessage) -> None:
        await consumer.process(message, accept_decisions)
        courier.wake()
