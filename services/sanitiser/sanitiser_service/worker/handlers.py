"""What the sanitiser consumes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from pipeline_shared.language.events import HighSubmissionReceived, Received, SubmissionReceived
from pipeline_shared.messaging.consumer import Consumer, KafkaMessage
from pipeline_shared.messaging.delivery import Prepared
from sanitiser_service.preview.previewer import Turns, list_for_preview, listing
from sanitiser_service.worker.usecases import (
    Assess,
    Assessed,
    Flag,
    Keys,
    assess_submissions,
    flag_high,
    read_choices,
    separate_sources,
)

# Opening and sealing take about a millisecond for each, matching a few in the assessor's own process.
MAX_RECORDS = 100
# Each waits for those that are read with it, and opening the longest takes two milliseconds.
MAX_FLAGS = 20

UntilKeys = Callable[[asyncio.Event], Awaitable[None]]


def splitting(keys: Keys, assess: Assess) -> Prepared:
    """Return how submissions are split: what waits for the matcher first, then one short transaction."""

    async def prepare(events: Sequence[Received]) -> list[Assessed]:
        return await assess_submissions(events, keys, assess)

    return Prepared(prepare, separate_sources)


def flagging(keys: Keys) -> Prepared:
    """Return how HIGH submissions are flagged: opened and no more, then one short transaction."""

    async def prepare(events: Sequence[HighSubmissionReceived]) -> list[Flag]:
        return await read_choices(events, keys)

    return Prepared(prepare, flag_high)


def previewing(keys: Keys) -> Prepared:
    """Return how HIGH submissions are put on the list of those to preview."""
    return Prepared(listing(keys, Turns().lane_of), list_for_preview)


def subscribe(
    consumer: Consumer,
    *,
    flag: Prepared,
    preview: Prepared,
    split_high: Prepared,
    split: Prepared,
    until_keys: UntilKeys,
) -> None:
    """Declare the sanitiser's subscribers; nothing is sealed before `until_keys` has returned."""

    @consumer.subscriber(SubmissionReceived, max_records=MAX_RECORDS)
    async def on_submission_received(message: KafkaMessage) -> None:
        await until_keys(consumer.stop)
        await consumer.process(message, split)

    @consumer.subscriber(HighSubmissionReceived, max_records=MAX_FLAGS, step="flag")
    async def on_high_submission_received(message: KafkaMessage) -> None:
        await consumer.process(message, flag, step="flag")  # whatever becomes of the text, and whatever that waits for

    @consumer.subscriber(HighSubmissionReceived, max_records=MAX_FLAGS, step="preview")
    async def on_submission_flagged(message: KafkaMessage) -> None:
        await consumer.process(message, preview, step="preview")

    @consumer.subscriber(HighSubmissionReceived, max_records=MAX_RECORDS)
    async def on_flagged_submission_received(message: KafkaMessage) -> None:
        await until_keys(consumer.stop)
        await consumer.process(message, split_high)
