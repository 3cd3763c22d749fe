"""Reads Kafka safely: without unpacking, and without losing other records to one that aiokafka cannot read.

0.4 MB can unpack to 400 MB, and aiokafka sets no limit.

Our producers never compress, and a topic stores batches as received (`compression.type=producer`), so a compressed
batch is never from our services. It is read as one record without a value, which is unreadable: it is parked, and its
partition continues. Kafka keeps the batch itself for the topic's retention.

aiokafka decodes the names of headers while it collects records from all partitions. One name that is not UTF-8 would
raise there, and the records collected before it would never be delivered. Our producers write UTF-8 names only, so a
batch with such a name is treated like a compressed one.

A batch whose checksum is wrong would raise there too: a disk has changed it, and no one may guess what it said. Its
partition stops before it and is fetched again every few seconds. The log and readiness name the place
(`SafeResult.damaged_at`), and all other partitions go on.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import structlog
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record import default_records
from aiokafka.record.memory_records import MemoryRecords

FETCH_AGAIN_SECONDS = 5.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Record:
    offset: int
    timestamp: int
    timestamp_type: int = 0
    key: None = None
    value: None = None
    headers: tuple[()] = ()
    checksum: None = None


class _Unopened:
    """Stands in for a batch that is not read and yields one record without a value."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch
        self.validate_crc = batch.validate_crc
        self.is_control_batch, self.is_transactional = batch.is_control_batch, batch.is_transactional
        self.base_offset, self.next_offset, self.producer_id = batch.base_offset, batch.next_offset, batch.producer_id

    def __iter__(self) -> Iterator[_Record]:
        yield _Record(self.base_offset, self._batch.max_timestamp)


class _Readable(_Unopened):
    """Stands in for any other batch: yields its records, or one without a value when aiokafka cannot read them."""

    def __iter__(self) -> Iterator[Any]:
        try:
            return iter(list(self._batch))
        except UnicodeDecodeError:
            return super().__iter__()


class SafeRecords:
    """The batches of one fetched partition: like aiokafka's own reader, but compressed batches stay packed."""

    def __init__(self, data: bytes) -> None:
        self._records = MemoryRecords(data)
        self.size_in_bytes, self.has_next = self._records.size_in_bytes, self._records.has_next

    def next_batch(self) -> Any:
        """Return the next batch; raise CorruptRecordException for a format that our brokers cannot hold."""
        batch = self._records.next_batch()
        if batch is None:
            return None
        if not isinstance(batch, default_records.DefaultRecordBatch):
            raise CorruptRecordException
        return _Unopened(batch) if batch.compression_type else _Readable(batch)


class SafeResult(fetcher.FetchResult):
    """The records of one fetched partition: like aiokafka's own, but a damaged batch costs no record of any partition.

    A damaged result stays in the fetcher's buffer until its time, because the fetcher asks at once for what is not
    there.
    """

    damaged_at: int | None = None  # an offset
    _fetch_again_at = float("-inf")

    def getall(self, max_records: int | None = None) -> list[Any]:
        """Return the next records, but none of a damaged batch or behind it."""
        records: list[Any] = []
        fetched: Any = self._partition_records
        if not self.check_assignment(self._topic_partition) or not self.has_more() or self._waits():
            return records
        try:
            for record in islice(fetched, max_records):
                records.append(record)  # noqa: PERF402 - what was read before an error must be there after it
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a batch, the other partitions go on
            self._stop_before(fetched.next_fetch_offset, error)
        self._update_position()
        if self.damaged_at is None and (max_records is None or len(records) < max_records):
            self._partition_records = None
        return records

    def _waits(self) -> bool:
        """Tell whether a damaged result must stay; drop it when its time has come."""
        if self.damaged_at is not None and time.monotonic() >= self._fetch_again_at:
            self._partition_records = None
        return self.damaged_at is not None

    def _stop_before(self, offset: int, error: Exception) -> None:
        self.damaged_at, self._fetch_again_at = offset, time.monotonic() + FETCH_AGAIN_SECONDS
        topic, partition = self._topic_partition
        log.error("batch_damaged", topic=topic, partition=partition, offset=offset, error=type(error).__name__)


def read_safely() -> None:
    """Make every aiokafka consumer of this process read in this way."""
    fetcher.MemoryRecords, fetcher.FetchResult = SafeRecords, SafeResult
