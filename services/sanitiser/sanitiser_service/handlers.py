"""What the sanitiser consumes."""

from collections.abc import Sequence

from pipeline_shared.consumer import Consumer, KafkaMessage
from pipeline_shared.contracts import SubmissionReceived
from pipeline_shared.work import Work
from sanitiser_service.usecases import Keys, split_submissions

# Opening, matching and sealing take about a millisecond each, and the loop stands still meanwhile.
MAX_RECORDS = 100


def subscribe(consumer: Consumer, keys: Keys) -> None:
    """Declare the sanitiser's subscribers."""

    async def split(work: Work, events: Sequence[SubmissionReceived]) -> None:
        await split_submissions(work, events, keys)

    @consumer.subscriber(SubmissionReceived, max_records=MAX_RECORDS)
    async def on_submission_received(message: KafkaMessage) -> None:
        await consumer.process(message, split)
