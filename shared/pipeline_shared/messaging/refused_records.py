"""Records without a valid signature: they have no effect, are parked for a person, and delay no other record.

So are genuine records that an inbox may no longer know: whoever kept one could send it again for a second effect. Only
a person can have such a record handled, by a replay.

Their number does not count for the parking limit: whoever can write forged records to a topic could otherwise stop it.
Instead, only `MOST_REFUSED` of a topic may wait for a person. More are counted and audited by their place. They are
still in Kafka, and if genuine ones are among them (their public key came too late), `pipeline resend` publishes those
again (docs/decisions/0021-signed-events.md).
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from pipeline_shared.messaging import inbox
from pipeline_shared.messaging.parking import Parking, Record, count_codes, place_of
from pipeline_shared.messaging.signatures import REFUSALS, RefusedEventError, Verifier
from pipeline_shared.messaging.topics import Topic
from pipeline_shared.runtime.work import Database, Work, begin

MOST_REFUSED = 1_000
STALE = "stale_event"
CODES = (*REFUSALS, STALE)
OLDEST = inbox.KEEP - timedelta(days=1)  # an inbox keeps the day of an event, and an outage makes it arrive later only

Refused = Sequence[tuple[Record, str]]  # each with its code

log = structlog.get_logger()


class RefusedRecords:
    """Finds and parks the refused records of one subscription."""

    def __init__(self, topic: Topic[Any], consumer: str, *, verifier: Verifier, parking: Parking) -> None:
        self._topic = topic
        self._consumer = consumer
        self._verifier = verifier
        self._parking = parking

    def check(self, record: Record) -> None:
        """Raise RefusedEventError unless a process that may sign the topic has signed the record."""
        self._verifier.check(self._topic, record)

    async def part(self, records: Sequence[Record]) -> tuple[list[Record], Refused]:
        """Return the genuine records and the refused ones.

        A thread checks them, because a check takes 65 µs; meanwhile the event loop goes on.
        """
        codes = await asyncio.to_thread(lambda: [self._code(record) for record in records])
        coded = list(zip(records, codes, strict=True))
        return [record for record, code in coded if not code], [(record, code) for record, code in coded if code]

    def _code(self, record: Record) -> str:
        try:
            self.check(record)
        except RefusedEventError as error:
            return error.code
        return STALE if _is_stale(record) else ""

    async def park(self, database: Database, refused: Refused) -> None:
        """Park records in one transaction, up to the most that may wait."""
        async with begin(database) as work:
            waiting = await count_codes(work.connection, self._consumer, self._topic.name, CODES, most=MOST_REFUSED)
            kept, left = refused[: MOST_REFUSED - waiting], refused[MOST_REFUSED - waiting :]
            for record, code in await self._parking.add(work.connection, kept, consumer=self._consumer, attempts=1):
                self._audit(work, "record_parked", place_of(record.topic, record.partition, record.offset), code)
            if left:
                self._audit(work, "refused_records_not_kept", self._topic.name, f"{len(left)}: {_offsets(left)}")
        codes = ",".join(sorted({code for _, code in refused}))
        log.error("records_refused", topic=self._topic.name, number=len(refused), kept=len(kept), error=codes)

    def _audit(self, work: Work, action: str, subject: str, reason: str) -> None:
        work.audit(action, actor=f"service:{self._consumer}", subject=subject, reason=reason)


def _is_stale(record: Record) -> bool:
    """Tell whether the signed time of a record is older than the oldest event that every inbox still knows."""
    try:
        time = datetime.fromisoformat(dict(record.headers)["ce_time"].decode())
        return time < datetime.now(UTC) - OLDEST
    except (KeyError, ValueError, TypeError):  # not signed, or no time: it is read, and refused if it is no event
        return False


def _offsets(records: Refused) -> str:
    """Return the partitions of records in order, each with its lowest and highest offset."""
    places: dict[int, list[int]] = {}
    for record, _ in records:
        places.setdefault(record.partition, []).append(record.offset)
    return " ".join(f"{partition}:{min(found)}-{max(found)}" for partition, found in sorted(places.items()))
