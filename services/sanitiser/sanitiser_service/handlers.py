"""What the sanitiser consumes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from pipeline_shared.consumer import Consumer, KafkaMessage
from pipeline_shared.contracts import HighSubmissionReceived, Received, SubmissionReceived
from pipeline_shared.delivery import Prepared
from sanitiser_service.usecases import (
    Assess,
    Assessed,
    Flag,
    Keys,
    Preview,
    assess_submissions,
    flag_high,
    preview_submissions,
    split_submissions,
)

# Opening and sealing take about a millisecond for each, matching a few in the assessor's own process.
MAX_RECORDS = 100

UntilKeys = Callable[[asyncio.Event], Awaitable[None]]


def splitting(keys: Keys, assess: Assess) -> Prepared:
    """Return how submissions are split: what waits for the matcher first, then one short transaction."""

    async def prepare(events: Sequence[Received]) -> list[Assessed]:
        return await assess_submissions(events, keys, assess)

    return Prepared(prepare, split_submissions)


def flagging(keys: Keys, preview: Preview) -> Prepared:
    """Return how HIGH submissions are flagged: what waits for a preview first, then one short transaction."""

    async def prepare(events: Sequence[HighSubmissionReceived]) -> list[Flag]:
        return await preview_submissions(events, keys, preview)

    return Prepared(prepare, flag_high)


def subscribe(
    consumer: Consumer, *, flag: Prepared, split_high: Prepared, split: Prepared, until_keys: UntilKeys
) -> None:
    """Declare the sanitiser's subscribers; nothing is sealed before `until_keys` has returned."""

    @consumer.subscriber(SubmissionReceived, max_records=MAX_RECORDS)
    async def on_submission_received(message: KafkaMessage) -> None:
        await until_keys(consumer.stop)
        await consumer.process(message, split)

    @consumer.subscriber(HighSubmissionReceived, max_records=MAX_RECORDS, step="flag")
    async def on_high_submission_received(message: KafkaMessage) -> None:
        await consumer.process(message, flag, step="flag")  # whatever becomes of the text, and whatever that waits for

    @consumer.subscriber(HighSubmissionReceived, max_records=MAX_RECORDS)
    async def on_flagged_submission_received(message: KafkaMessage) -> None:
        await until_keys(consumer.stop)
        await consumer.process(message, split_high)
