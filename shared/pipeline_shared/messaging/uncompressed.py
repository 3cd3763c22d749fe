"""Compressed records are not unpacked: 0.4 MB of them can be 400 MB, and aiokafka unpacks without a bound.

Our producers never compress and a topic keeps what came (`compression.type=producer`), so no service of ours made a
compressed batch. It counts as one record without a value: unreadable, parked, and its partition moves on. The batch
itself stays in Kafka as long as the topic keeps it.
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
    """What stands for a compressed batch."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch
        self.validate_crc = batch.validate_crc
        self.is_control_batch, self.is_transactional = batch.is_control_batch, batch.is_transactional
        self.base_offset, self.next_offset, self.producer_id = batch.base_offset, batch.next_offset, batch.producer_id

    def __iter__(self) -> Iterator[_Record]:
        yield _Record(self.base_offset, self._batch.max_timestamp)


class UncompressedRecords:
    """The batches of one fetched partition, as aiokafka's own reader gives them but for those that are compressed."""

    def __init__(self, data: bytes) -> None:
        self._records = MemoryRecords(data)
        self.size_in_bytes, self.has_next = self._records.size_in_bytes, self._records.has_next

    def next_batch(self) -> Any:
        """Return the next batch; raise CorruptRecordException for a form that no broker of ours can hold."""
        batch = self._records.next_batch()
        if batch is None:
            return None
        if not isinstance(batch, default_records.DefaultRecordBatch):
            raise CorruptRecordException
        return _Unopened(batch) if batch.compression_type else batch


def unpack_nothing() -> None:
    """Have every aiokafka consumer of this process read without unpacking."""
    fetcher.MemoryRecords = UncompressedRecords
