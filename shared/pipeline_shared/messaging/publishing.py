"""The publisher sends at most one batch per partition at a time, and replaces its producer after any failure.

A failed batch has used up its sequence numbers, so its producer cannot be used again.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Collection, Mapping
from collections.abc import Set as AbstractSet
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)

from pipeline_shared.messaging.cloud_events import headers_of
from pipeline_shared.messaging.kafka import client_options
from pipeline_shared.messaging.outbox import WaitingRow
from pipeline_shared.messaging.refusals import (
    NO_PARTITION,
    NOT_ACKNOWLEDGED,
    Address,
    Batch,
    Blame,
    SendResult,
    Trial,
    blame_of,
)
from pipeline_shared.messaging.topics import TOPOLOGY
from pipeline_shared.runtime.errors import error_code
from pipeline_shared.runtime.settings import KafkaSettings

ANSWER_SECONDS = 10
REST_SECONDS = 3.0  # a batch still unanswered this long after the first answer of its round is stuck by itself
CLOSE_SECONDS = 2.0
TOPIC_NAME = re.compile(r"[A-Za-z0-9._-]{1,249}")

SendFailure = BaseException | None


class Publisher:
    """An idempotent producer for one service's rows. Use it as a context manager."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._service = settings.kafka_username
        self._own = {topic.name: topic.partitions for topic in TOPOLOGY if topic.producer == self._service}
        self._producer = self._create()

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._end()

    async def publish(self, rows: list[WaitingRow], doubted: Collection[str] = ()) -> AsyncGenerator[SendResult, None]:
        """Send rows in order; yield the results of each round. Raises infrastructure failures.

        Each of the `doubted` topics was refused before: at most one more row of it is set aside unless it accepts rows
        again.
        """
        trial = Trial(rows, self._own, doubted)
        await self._ask_for_topics(trial)
        while heads := trial.heads():
            broken = await self._send_round(trial, heads)
            yield trial.collect()
            if broken:
                raise broken
        trial.finish()
        yield trial.collect()

    async def _ask_for_topics(self, trial: Trial) -> None:
        """Refuse rows whose topic or partition does not exist, because a producer would wait for it."""
        wanted: dict[str, set[int]] = {}
        for topic, partition in trial.heads():
            wanted.setdefault(topic, set()).add(partition)
        for topic, partitions in wanted.items():
            there, reason = await self._partitions_of(topic, partitions)
            for partition in partitions - there:
                if reason:
                    trial.refuse_all((topic, partition), error_code(reason), Blame.TOPIC)
                else:  # a new topic may open its partitions late; a number outside our table is the fault of the row
                    blame = Blame.TOPIC if partition in range(self._own.get(topic, 0)) else Blame.ROW
                    trial.refuse_all((topic, partition), NO_PARTITION, blame)

    async def _partitions_of(self, topic: str, wanted: AbstractSet[int]) -> tuple[set[int], KafkaError | None]:
        """Return the partitions of a topic, or an empty set and the error that the broker gave."""
        client = self._producer.client
        if not TOPIC_NAME.fullmatch(topic):
            return set(), InvalidTopicError()
        if wanted - (client.cluster.partitions_for_topic(topic) or set()):
            client.add_topic(topic)
            if not await asyncio.wait_for(client.force_metadata_update(), ANSWER_SECONDS):
                raise KafkaConnectionError
        there: set[int] | None = client.cluster.partitions_for_topic(topic)
        if there is not None:
            return there, None
        refused = topic in client.cluster.unauthorized_topics
        return set(), TopicAuthorizationFailedError() if refused else UnknownTopicOrPartitionError()

    async def _send_round(self, trial: Trial, heads: Mapping[Address, Batch]) -> BaseException | None:
        """Send the next batch of each partition; return a failure of the infrastructure, if there was one."""
        answers, broken = await self._answers(heads), None
        for address, answer in answers.items():
            if answer is None:
                trial.take(address)
        for address, answer in answers.items():
            if isinstance(answer, TimeoutError):
                trial.close(address[0], NOT_ACKNOWLEDGED)
            elif answer is not None and blame_of(answer) is Blame.INFRASTRUCTURE:
                broken = answer
            elif answer is not None and address in trial.heads():
                trial.refuse(address, error_code(answer), blame_of(answer))
        if any(answers.values()) and not broken:
            await self._end()
            await self._start()
        return broken

    async def _answers(self, heads: Mapping[Address, Batch]) -> dict[Address, SendFailure]:
        """Send batches together; return for each its failure, TimeoutError when there is no answer, or None."""
        futures = {address: asyncio.ensure_future(self._send(address, batch)) for address, batch in heads.items()}
        try:
            _, waiting = await asyncio.wait(
                futures.values(), timeout=ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if waiting and len(waiting) < len(futures):
                _, waiting = await asyncio.wait(waiting, timeout=REST_SECONDS)
        finally:
            for future in futures.values():
                future.cancel()
        return {a: TimeoutError() if future in waiting else future.exception() for a, future in futures.items()}

    async def _send(self, address: Address, rows: Batch) -> None:
        topic, partition = address
        batch = self._producer.create_batch()
        for row in rows:
            batch.append(key=row.key.bytes, value=row.value, timestamp=None, headers=headers_of(row, self._service))
        await (await self._producer.send_batch(batch, topic, partition=partition))

    def _create(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            **client_options(self._settings),
            client_id=f"{self._service}-relay",
            enable_idempotence=True,
            acks="all",
            max_batch_size=2**30,  # batches are split before the producer gets them
            request_timeout_ms=ANSWER_SECONDS * 1000,
        )

    async def _start(self) -> None:
        self._producer = self._create()
        await asyncio.wait_for(self._producer.start(), ANSWER_SECONDS)

    async def _end(self) -> None:
        """Close a producer at once. Batches without an answer fail, and nothing more is sent."""
        accumulator = self._producer._message_accumulator  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        accumulator.fail_all(KafkaConnectionError())  # otherwise stop() would wait for these batches
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._producer.stop(), CLOSE_SECONDS)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._producer.client.close(), CLOSE_SECONDS)
