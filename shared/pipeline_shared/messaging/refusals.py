"""The cause of a broker's refusal: one row, a whole topic, or the infrastructure. It decides and does no IO.

A row is set aside only when the row itself causes the refusal. A topic that accepts no rows is paused and tried again.
Each new try sets aside at most one more row, so that a wrong setting makes little work for a person.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from aiokafka.errors import (
    BrokerResponseError,
    ClusterAuthorizationFailedError,
    CorruptRecordException,
    DuplicateSequenceNumber,
    InvalidProducerEpoch,
    InvalidTimestampError,
    InvalidTopicError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    PolicyViolationError,
    RecordListTooLargeError,
    RecordTooLargeError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnknownProducerId,
    UnknownTopicOrPartitionError,
    UnsupportedVersionError,
)

from pipeline_shared.messaging.outbox import WaitingRow
from pipeline_shared.runtime.retry import Backoff

BATCH_BYTES = 256 * 1024  # far below the limit of every topic, so that only a single row can be too large
MOST_SET_ASIDE = 20  # rows of one topic in one try, when more are refused than accepted
TOO_LARGE, NO_PARTITION, NOT_ACKNOWLEDGED = "record_too_large", "no_such_partition", "not_acknowledged"

Address = tuple[str, int]
Batch = list[WaitingRow]


class Blame(StrEnum):
    """The cause of a refusal."""

    ROW = "row"
    TOPIC = "topic"
    UNCLEAR = "unclear"
    INFRASTRUCTURE = "infrastructure"


_ROW = (
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    RecordTooLargeError,
    CorruptRecordException,
    InvalidTimestampError,
)
_TOPIC = (UnknownTopicOrPartitionError, TopicAuthorizationFailedError, InvalidTopicError, PolicyViolationError)
_PRODUCER = (
    ClusterAuthorizationFailedError,
    DuplicateSequenceNumber,
    InvalidProducerEpoch,
    OutOfOrderSequenceNumber,
    SaslAuthenticationFailed,
    UnknownProducerId,
    UnsupportedVersionError,
)


def blame_of(error: BaseException) -> Blame:
    """Return the cause of a failure to publish. An unknown refusal is UNCLEAR: the answers for other rows decide it."""
    if isinstance(error, _ROW):
        return Blame.ROW
    if isinstance(error, _TOPIC):
        return Blame.TOPIC
    if not isinstance(error, BrokerResponseError) or error.retriable or isinstance(error, _PRODUCER):
        return Blame.INFRASTRUCTURE
    return Blame.UNCLEAR


@dataclass(slots=True)
class SendResult:
    """The results for rows: published ids, refused rows with codes, topics that accepted rows, topics to pause."""

    published: list[int] = field(default_factory=list[int])
    refused: dict[WaitingRow, str] = field(default_factory=dict[WaitingRow, str])
    open_topics: set[str] = field(default_factory=set[str])
    closed_topics: dict[str, str] = field(default_factory=dict[str, str])


class Trial:
    """One batch of rows on its way to the broker, in order within each partition.

    A refused batch is halved until one row is found to be the cause. Later rows with the Kafka key of a refused row
    wait.
    """

    def __init__(self, rows: Sequence[WaitingRow], own_topics: Collection[str], doubted: Collection[str] = ()) -> None:
        """Take rows in sending order. Only topics in `own_topics` can be refused as a whole.

        A `doubted` topic was refused in the last try: its first refusal ends this try, unless it accepts rows again.
        """
        self._own = own_topics
        self._doubted = doubted
        self._taken: Counter[str] = Counter()
        self._taken_at = set[Address]()
        self._refused: Counter[str] = Counter()
        self._unclear: list[tuple[WaitingRow, str]] = []
        self._result = SendResult()
        self._queues: dict[Address, deque[Batch]] = {}
        for row in rows:
            self._queues.setdefault((row.topic, row.partition), deque([[]]))[0].append(row)
        for address, queue in list(self._queues.items()):
            self._queues[address] = deque(_split_by_size(queue[0]))
            for row in [row for row in queue[0] if row.value is None]:
                self._set_aside(row, TOO_LARGE)

    def heads(self) -> dict[Address, Batch]:
        """Return the next batch of each partition; empty when the trial is over."""
        return {address: queue[0] for address, queue in self._queues.items()}

    def take(self, address: Address) -> None:
        """Note that the broker accepted the next batch of a partition."""
        batch = self._pop(address)
        self._taken[address[0]] += len(batch)
        self._taken_at.add(address)
        self._result.published += [row.id for row in batch]
        self._result.open_topics.add(address[0])

    def refuse(self, address: Address, code: str, blame: Blame) -> None:
        """Note that the broker refused the next batch: close its topic, halve the batch, or set its only row aside."""
        topic, _ = address
        if blame is Blame.TOPIC and topic in self._own:
            self.close(topic, code)
            return
        batch = self._pop(address)
        if len(batch) > 1:
            middle = len(batch) // 2
            self._queues.setdefault(address, deque()).extendleft([batch[middle:], batch[:middle]])
        elif blame is Blame.UNCLEAR:
            self._unclear.append((batch[0], code))
            self._leave_key(batch[0])
        else:
            self._set_aside(batch[0], code)

    def refuse_all(self, address: Address, code: str, blame: Blame) -> None:
        """Note that the broker refuses all rows of a partition."""
        while address in self._queues:
            self.refuse(address, code, blame)

    def close(self, topic: str, code: str) -> None:
        """Pause a topic, because the broker accepts none of its rows."""
        self._result.closed_topics[topic] = code
        for address in [address for address in self._queues if address[0] == topic]:
            del self._queues[address]

    def finish(self) -> None:
        """Decide the unclear refusals: if the partition accepted other rows, the fault is in the refused row."""
        for row, code in self._unclear:
            if (row.topic, row.partition) in self._taken_at:
                self._set_aside(row, code)
            else:
                self.close(row.topic, code)

    def collect(self) -> SendResult:
        """Return the results since the last call."""
        result, self._result = self._result, SendResult()
        return result

    def _set_aside(self, row: WaitingRow, code: str) -> None:
        self._result.refused[row] = code
        self._refused[row.topic] += 1
        self._leave_key(row)
        most = 1 if row.topic in self._doubted else MOST_SET_ASIDE
        if self._refused[row.topic] >= most and self._refused[row.topic] > self._taken[row.topic]:
            self.close(row.topic, code)

    def _leave_key(self, refused: WaitingRow) -> None:
        """Remove the later rows of a refused row's Kafka key from this trial."""
        address = (refused.topic, refused.partition)
        rest = [
            [row for row in batch if row.key != refused.key or row.id < refused.id] for batch in self._rest(address)
        ]
        self._queues[address] = deque(batch for batch in rest if batch)
        if not self._queues[address]:
            del self._queues[address]

    def _rest(self, address: Address) -> Sequence[Batch]:
        return self._queues.get(address, ())

    def _pop(self, address: Address) -> Batch:
        queue = self._queues[address]
        batch = queue.popleft()
        if not queue:
            del self._queues[address]
        return batch


def _split_by_size(rows: Batch) -> Iterator[Batch]:
    """Yield batches of at most the batch size; a larger row is a batch of its own."""
    batch, size = Batch(), 0
    for row in rows:
        length = len(row.value or b"")
        if row.value is None:
            continue
        if batch and size + length > BATCH_BYTES:
            yield batch
            batch, size = Batch(), 0
        batch.append(row)
        size += length
    if batch:
        yield batch


class ClosedTopics:
    """The topics that the broker refuses as a whole. Each is tried again after its own pause."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self._until: dict[str, float] = {}
        self._backoffs: dict[str, Backoff] = {}

    def close(self, topic: str, code: str, now: float) -> None:
        """Pause a topic; the pause grows with each refusal in a row."""
        self.codes[topic] = code
        self._until[topic] = now + self._backoffs.setdefault(topic, Backoff()).next_pause()

    def open(self, topics: Collection[str]) -> None:
        """Note that the broker accepts these topics again."""
        for topic in topics:
            for kept in (self.codes, self._until, self._backoffs):
                kept.pop(topic, None)

    def resting(self, now: float) -> list[str]:
        """Return the topics that are still paused."""
        return [topic for topic, until in self._until.items() if until > now]

    def due(self, now: float) -> Mapping[str, str]:
        """Return the topics to try again, each with the code of its refusal."""
        return {topic: code for topic, code in self.codes.items() if self._until[topic] <= now}
