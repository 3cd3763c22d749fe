"""What intake consumes."""

from functools import partial

from intake_service.submissions.status_tokens import StatusTokens
from intake_service.submissions.usecases import follow_cases
from pipeline_shared.language.events import CaseStatusChanged
from pipeline_shared.messaging.consumer import Consumer, KafkaMessage


def subscribe(consumer: Consumer, tokens: StatusTokens) -> None:
    """Declare intake's subscribers."""

    @consumer.subscriber(CaseStatusChanged)
    async def on_case_status_changed(message: KafkaMessage) -> None:
        await consumer.process(message, partial(follow_cases, tokens=tokens))
