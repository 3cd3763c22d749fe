"""What the sanitiser consumes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from pipeline_shared.consumer import Consumer, KafkaMessage
from pipeline_shared.contracts import HighSubmissionReceived, Received, SubmissionReceived
from pipeline_shared.delivery import Prepared
from pipeline_shared.work import Work
from sanitiser_service.usecases import Assess, Assessed, Keys, assess_submissions, flag_high, split_submissions

# Opening and sealing take about a millisecond for each, matching a few in the assessor's own process.
MAX_RECORDS = 100


UntilKeys = Callable[[asyncio.Event], Awaitable[None]]


def splitting(keys: Keys, assess: Assess) -> Prepared:
    """Return how submissions are split: what waits for the matcher first, then one short transaction."""

    async def prepare(events: Sequence[Received]) -> list[Assessed]:
        return await assess_submissions(events, keys, assess)

    return Prepared(prepare, split_submissions)


def subscribe(consumer: Consumer, keys: Keys, *, assess: Assess, assess_urgent: Assess, until_keys: UntilKeys) -> None:
    """Declare the sanitiser's subscribers; nothing is sealed before `until_keys` has returned."""
    split, split_urgent = splitting(keys, assess), splitting(keys, assess_urgent)

    async def flag(work: Work, events: Sequence[HighSubmissionReceived]) -> None:
        await flag_high(work, events, keys)

    @consumer.subscriber(SubmissionReceived, max_records=MAX_RECORDS)
    async def on_submission_received(message: KafkaMessage) -> None:
        await until_keys(consumer.stop)
        await consumer.process(message, split)

    @consumer.subscriber(HighSubmissionReceived, max_records=MAX_RECORDS)
    async def on_high_submission_received(message: KafkaMessage) -> None:
        await consumer.process(message, flag, step="flag")  # committed before the text is even looked at
        await until_keys(consumer.stop)
        await consumer.process(message, split_urgent)
