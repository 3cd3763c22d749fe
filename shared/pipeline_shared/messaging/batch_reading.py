"""Reads Kafka safely: without unpacking, and without losing other records to one that aiokafka cannot read.

0.4 MB can unpack to 400 MB, and aiokafka sets no limit.

Our producers never compress, and a topic stores batches as received (`compression.type=producer`), so a compressed
batch is never from our services. It is read as one record without a value, which is unreadable: it is parked, and its
partition continues. Kafka keeps the batch itself for the topic's retention.

aiokafka decodes the names of headers while it collects records from all partitions. One name that is not UTF-8 would
raise there, and the records collected before it would never be delivered. Our producers write UTF-8 names only, so a
batch with such a name is treated like a compressed one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record import default_records
from aiokafka.record.memory_records import MemoryRecords


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


def read_safely() -> None:
    """Make every aiokafka consumer of this process read in this way."""
    fetcher.MemoryRecords = SafeRecords
