"""Delivery: a batch of records has its effect in one transaction; if that fails, each record is delivered alone.

Each transaction holds the inbox rows and the effects, so a record that is read twice has its effect once. A record that
keeps failing is parked after a few attempts, and the records around it continue. When most records of a topic fail,
parking stops: the fault is then probably in the release and not in the records.

A record that no permitted process has signed is not even read. It is parked after the others of its batch, and never
stops a topic: whoever can write forged records could otherwise stop every other record with them.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError

from pipeline_shared.language.events import Event
from pipeline_shared.messaging import inbox
from pipeline_shared.messaging.parking import Parking, Record, claim_replay, place_of, put_back
from pipeline_shared.messaging.parking_limit import ParkingLimit
from pipeline_shared.messaging.refused_records import CODES, RefusedRecords
from pipeline_shared.messaging.signatures import Verifier
from pipeline_shared.messaging.subscriptions import Effect, Prepared, Subscription, UseCase
from pipeline_shared.messaging.topics import Topic
from pipeline_shared.runtime.errors import (
    ParkingLimitError,
    PermanentError,
    StoppedError,
    error_code,
    is_infrastructure,
)
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.retry import Backoff
from pipeline_shared.runtime.work import Database, Work, begin

ATTEMPTS = 4  # with the pauses between attempts, a bad record holds its partition for about two seconds

UNREADABLE = "unreadable_record"
WITHOUT_INBOX_ROW = (UNREADABLE, *CODES)  # of a record parked with such a code, the event's id was not known

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One record and the event read from it."""

    record: Record
    event: Event


def read_event(topic: Topic[Any], record: Record) -> Event:
    """Return the event in a record; raise PermanentError when the record is not a valid event of its topic."""
    try:
        return topic.event.model_validate_json(record.value or b"")
    except ValidationError:
        raise PermanentError(UNREADABLE) from None


async def _prepare(use_case: UseCase[Any], events: Mapping[UUID, Event]) -> tuple[Effect[Any], Mapping[UUID, Any]]:
    if not isinstance(use_case, Prepared):
        return use_case, events
    items = await use_case.prepare(list(events.values()))
    return use_case.effect, dict(zip(events, items, strict=True))


async def park_again(
    database: Database, parked_id: int, error: Exception, *, consumer: str, place: str, event: Event | None = None
) -> None:
    """Park a record again after its replay failed."""
    code = error_code(error)
    async with begin(database) as work:
        if await put_back(work.connection, parked_id, code):
            if event:
                await inbox.first_seen(work.connection, consumer, [event.event_id])
            work.audit("record_parked", actor=f"service:{consumer}", subject=place, reason=code)
    log.error("replay_failed", id=parked_id, error=code)


class Deliverer:
    """Delivers the batches of one subscription. Each reader has its own inbox entries and parked records."""

    def __init__(
        self,
        subscription: Subscription,
        database: Database,
        metrics: Metrics,
        *,
        parking: Parking,
        verifier: Verifier,
        stop: asyncio.Event,
    ) -> None:
        self._topic = subscription.topic
        self._consumer = subscription.reader.name
        self._stage = subscription.stage
        self._use_case = subscription.use_case
        self._database = database
        self._metrics = metrics
        self._parking = parking
        self._refused = RefusedRecords(self._topic, self._consumer, verifier=verifier, parking=parking)
        self._stop = stop
        self._limit = ParkingLimit()
        metrics.outcomes.labels(self._stage, "refused")  # at zero, so that the first refusal is seen as an increase

    async def deliver(self, records: Sequence[Record]) -> None:
        """Give every record its effect or park it.

        Raises infrastructure errors, StoppedError, and ParkingLimitError when too many records would be parked.
        """
        genuine, refused = await self._refused.part(records)
        readable: list[Delivery] = []
        unreadable: list[tuple[Record, PermanentError]] = []
        for record in genuine:
            try:
                readable.append(Delivery(record, read_event(self._topic, record)))
            except PermanentError as error:
                unreadable.append((record, error))
        try:
            await self._apply(readable)
        except Exception as error:
            if is_infrastructure(error):
                raise
            for delivery in readable:
                await self._deliver_alone(delivery)
        if refused:
            await self._refused.park(self._database, refused)
            self._metrics.outcomes.labels(self._stage, "refused").inc(len(refused))
        for record, error in unreadable:  # last, because the parking limit must not delay another record
            await self._park(record, error, attempts=1)
        self._go_on()

    def _go_on(self) -> None:
        """Reset the parking limit after a handled batch: the cause of the failures is gone."""
        if self._limit.stopped:
            self._limit.mended()
            self._metrics.parking_stopped.labels(self._stage).set(0)
            log.warning("parking_limit_over", topic=self._topic.name)

    def _ask_limit(self) -> None:
        """Raise ParkingLimitError when no more records of the topic may be parked."""
        stopped = self._limit.stopped
        if not self._limit.allows(time.monotonic()):
            self._metrics.parking_stopped.labels(self._stage).set(1)
            if not stopped:
                log.critical("parking_limit_reached", topic=self._topic.name)
            raise ParkingLimitError

    async def replay(self, record: Record, parked_id: int) -> None:
        """Give a parked record its effect, or park it again."""
        event = None
        try:
            self._refused.check(record)
            event = read_event(self._topic, record)
            effect, items = await _prepare(self._use_case, {event.event_id: event})
            async with begin(self._database, self._metrics) as work:
                parked_for = await claim_replay(work.connection, parked_id)
                if parked_for and await self._is_due(work, event, parked_for):
                    await effect(work, list(items.values()))
        except Exception as error:
            if is_infrastructure(error):
                raise
            place = place_of(record.topic, record.partition, record.offset)
            await park_again(self._database, parked_id, error, consumer=self._consumer, place=place, event=event)

    async def _is_due(self, work: Work, event: Event, parked_for: str) -> bool:
        """Tell whether a parked event still needs its effect, and store its inbox row.

        A record that was readable when it was parked got its inbox row then. An unreadable or refused record got none;
        it has one now only if it was delivered again and was accepted by that time.
        """
        new = await inbox.first_seen(work.connection, self._consumer, [event.event_id])
        return bool(new) or parked_for not in WITHOUT_INBOX_ROW

    async def _apply(self, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        began = time.perf_counter()
        effect, items = await _prepare(self._use_case, {d.event.event_id: d.event for d in deliveries})
        async with begin(self._database, self._metrics) as work:
            new = await inbox.first_seen(work.connection, self._consumer, list(items))
            fresh = [item for event_id, item in items.items() if event_id in new]
            if fresh:
                await effect(work, fresh)
        seconds = time.perf_counter() - began
        self._limit.note_handled(len(new), time.monotonic())
        for delivery in deliveries:
            outcome = "applied" if delivery.event.event_id in new else "repeated"
            new.discard(delivery.event.event_id)
            self._account(delivery, outcome, seconds)

    async def _deliver_alone(self, delivery: Delivery) -> None:
        backoff = Backoff()
        attempts = 1 if self._limit.stopped else ATTEMPTS
        for attempt in range(1, attempts + 1):
            try:
                return await self._apply([delivery])
            except Exception as error:
                if is_infrastructure(error):
                    raise
                if isinstance(error, PermanentError) or attempt == attempts:
                    return await self._park(delivery.record, error, attempts=attempt, event=delivery.event)
            if await backoff.wait(self._stop):
                raise StoppedError  # its attempts are not used up: it is read again after the restart
        return None

    async def _park(self, record: Record, error: Exception, *, attempts: int, event: Event | None = None) -> None:
        code = error_code(error)
        async with begin(self._database) as work:
            if event:
                await inbox.first_seen(work.connection, self._consumer, [event.event_id])
            new = await self._parking.add(work.connection, [(record, code)], consumer=self._consumer, attempts=attempts)
            if new:
                self._ask_limit()  # a record that is parked already does not count again
                place = place_of(record.topic, record.partition, record.offset)
                work.audit("record_parked", actor=f"service:{self._consumer}", subject=place, reason=code)
        if new:
            self._limit.note_parked(time.monotonic())
        outcome = "parked" if new else "repeated"
        self._metrics.outcomes.labels(self._stage, outcome).inc()
        log.error("record_parked", **_place(record), outcome=outcome, error=code, attempts=attempts)

    def _account(self, delivery: Delivery, outcome: str, seconds: float) -> None:
        """Count and log one record in one canonical log line."""
        record, event = delivery.record, delivery.event
        age = time.time() - record.timestamp / 1000  # the event itself may state only a day
        self._metrics.outcomes.labels(self._stage, outcome).inc()
        self._metrics.stage_seconds.labels(self._stage).observe(seconds)
        self._metrics.hop_seconds.labels(self._stage).observe(max(age, 0))
        duration_ms = round(seconds * 1000, 1)
        log.info(
            "record_handled", **_place(record), event_id=str(event.event_id), outcome=outcome, duration_ms=duration_ms
        )


def _place(record: Record) -> dict[str, str | int]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}
