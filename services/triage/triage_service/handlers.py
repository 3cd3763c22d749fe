"""What triage reads from Kafka, and the use case each event is for."""

from functools import partial

from pipeline_shared.language.events import SafetyFlagged, SafetyPreviewed, SubmissionSanitised, TransferConfirmed
from pipeline_shared.messaging.consumer import Consumer, KafkaMessage
from triage_service.cases.usecases import add_previews, confirm_transfers, open_cases, open_flags
from triage_service.rules.domain import RuleTable


def subscribe(consumer: Consumer, rules: RuleTable) -> None:
    """Declare the handlers of this service."""

    @consumer.subscriber(SafetyFlagged)
    async def on_safety_flagged(message: KafkaMessage) -> None:
        await consumer.process(message, open_flags)

    @consumer.subscriber(SafetyPreviewed)
    async def on_safety_previewed(message: KafkaMessage) -> None:
        await consumer.process(message, add_previews)

    @consumer.subscriber(SubmissionSanitised)
    async def on_submission_sanitised(message: KafkaMessage) -> None:
        await consumer.process(message, partial(open_cases, rules=rules))

    @consumer.subscriber(TransferConfirmed)
    async def on_transfer_confirmed(message: KafkaMessage) -> None:
        await consumer.process(message, confirm_transfers)
