"""What intake consumes."""

from intake_service.usecases import follow_cases
from pipeline_shared.consumer import Consumer, KafkaMessage
from pipeline_shared.contracts import CaseStatusChanged


def subscribe(consumer: Consumer) -> None:
    """Declare intake's subscribers."""

    @consumer.subscriber(CaseStatusChanged)
    async def on_case_status_changed(message: KafkaMessage) -> None:
        await consumer.process(message, follow_cases)
