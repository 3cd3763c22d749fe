"""Record batches that an attacker with a stolen password could send: huge when unpacked, or not readable."""

import struct
import time
import zlib

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record._crc32c import crc
from aiokafka.structs import TopicPartition

from pipeline_local.stack import LocalStack
from tests.support.kafka import client

PLAIN, GZIP = 0, 1
PIECE = 2**20
WBITS_GZIP = 31


def a_bomb(megabytes: int) -> bytes:
    """Return a batch with one record of this many mebibytes of zeros, compressed with gzip."""
    head = b"\0" + _varint(0) + _varint(0) + _varint(-1) + _varint(megabytes * PIECE)
    packing = zlib.compressobj(9, zlib.DEFLATED, WBITS_GZIP)
    packed = packing.compress(_varint(len(head) + megabytes * PIECE + 1) + head)
    packed += b"".join(packing.compress(bytes(PIECE)) for _ in range(megabytes))
    packed += packing.compress(b"\0") + packing.flush()
    return _batch(GZIP, packed)


def a_batch_with_header(name: bytes) -> bytes:
    """Return a batch with one record, not compressed, that has a header of this name."""
    record = b"\0" + _varint(0) + _varint(0) + _varint(-1) + _varint(2) + b"{}"
    record += _varint(1) + _varint(len(name)) + name + _varint(1) + b"v"
    return _batch(PLAIN, _varint(len(record)) + record)


def _batch(codec: int, records: bytes) -> bytes:
    now = int(time.time() * 1000)
    rest = struct.pack(">hiqqqhii", codec, 0, now, now, -1, -1, -1, 1) + records
    return struct.pack(">qiibI", 0, 9 + len(rest), 0, 2, crc(rest)) + rest


def _varint(number: int) -> bytes:
    number, out = (number << 1) ^ (number >> 63), bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


async def drop(stack: LocalStack, batch: bytes, topic: str, partition: int, *, principal: str) -> tuple[int, int]:
    """Send a ready-made batch as a Kafka user; return the broker's error code and the offset of the batch."""
    kafka = AIOKafkaClient(**client(stack, principal))
    await kafka.bootstrap()
    try:
        kafka.add_topic(topic)
        await kafka.force_metadata_update()
        request = ProduceRequest(
            transactional_id=None, required_acks=-1, timeout=30_000, topics=[(topic, [(partition, batch)])]
        )
        node = kafka.cluster.leader_for_partition(TopicPartition(topic, partition))
        answer = await kafka.send(node, request)
        (_, ((_, code, offset, *_),)) = answer.topics[0]
        return code, offset
    finally:
        await kafka.close()
