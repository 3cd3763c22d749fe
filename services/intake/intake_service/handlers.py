"""What intake consumes."""

from functools import partial

from intake_service.status_tokens import StatusTokens
from intake_service.usecases import follow_cases
from pipeline_shared.consumer import Consumer, KafkaMessage
from pipeline_shared.contracts import CaseStatusChanged


def subscribe(consumer: Consumer, tokens: StatusTokens) -> None:
    """Declare intake's subscribers."""

    @consumer.subscriber(CaseStatusChanged)
    async def on_case_status_changed(message: KafkaMessage) -> None:
        await consumer.process(message, partial(follow_cases, tokens=tokens))
