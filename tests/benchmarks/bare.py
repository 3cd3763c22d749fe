"""The bare pipeline: the same hops, written the simple way with FastStream.

It has the same contracts, sanitising, rules, envelope, web framework, server, broker and police system. Its subscribers
take the model, publish each message by itself and keep state in memory. It has no database, sealing, outbox, inbox or
audit: records in flight are lost when a process ends. `python -m tests.benchmarks.bare NAME` runs one of its four
processes.
"""

import os
import ssl
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import aiohttp
import uvicorn
import uvloop
from fastapi import FastAPI
from faststream import FastStream
from faststream.kafka import KafkaBroker
from faststream.security import SASLScram512

from pipeline_shared.language.events import (
    CaseDecided,
    CaseStatusChanged,
    Event,
    SubmissionSanitised,
    TransferConfirmed,
)
from pipeline_shared.language.restricted import Agency, SealedContent, Submission
from pipeline_shared.language.vocabulary import AgencyCategory, SubmissionStatus
from pipeline_shared.messaging.topics import TOPIC_OF
from sanitiser_service.worker.domain import Clear, clear_or_hold
from transfer_service.envelope import canonical, envelope_of
from triage_service.rules.facts import facts_of
from triage_service.rules.table_file import load_rules

RECEIVED = "bare.submission.received"
AGENCY = Agency(name="Thornwick Academy", category=AgencyCategory.SCHOOL)
TRANSFERS_AT_ONCE = 16  # as many as the real sender has under way


def topic_of(event: type[Event]) -> str:
    """Return the bare pipeline's own topic for an event."""
    return f"bare.{TOPIC_OF[event].name}"


TOPICS = (RECEIVED, *map(topic_of, (SubmissionSanitised, CaseDecided, CaseStatusChanged, TransferConfirmed)))


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=os.environ["BARE_AUTHORITIES"])


def _broker(name: str) -> KafkaBroker:
    password = os.environ["BARE_KAFKA_PASSWORD"]
    security = SASLScram512(username="admin", password=password, ssl_context=_tls(), use_ssl=True)
    return KafkaBroker(os.environ["BARE_KAFKA"], client_id=f"bare-{name}", security=security)


def intake() -> FastAPI:
    """Return intake: it takes the form, publishes one message, and keeps each status in memory."""
    broker = _broker("intake")
    statuses: dict[UUID, SubmissionStatus] = {}

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None, None]:
        async with broker:
            await broker.start()
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/v1/submissions", status_code=202)
    async def submit(submission: Submission) -> dict[str, str]:  # pyright: ignore[reportUnusedFunction]
        now, status_token = datetime.now(UTC), uuid4()
        content = SealedContent(submission=submission, agency=AGENCY, status_token=status_token, received_at=now)
        await broker.publish(content, RECEIVED, key=status_token.bytes)
        statuses[status_token] = SubmissionStatus.RECEIVED
        return {"receipt": str(status_token), "status": "received", "accepted_at": now.isoformat()}

    @broker.subscriber(topic_of(CaseStatusChanged), group_id="bare-intake", auto_offset_reset="earliest")
    async def follow(event: CaseStatusChanged) -> None:  # pyright: ignore[reportUnusedFunction]
        statuses[event.status_token] = event.status

    @app.get("/statuses")
    async def count() -> dict[str, int]:  # pyright: ignore[reportUnusedFunction]
        return Counter(statuses.values())

    return app


def sanitiser(broker: KafkaBroker) -> None:
    """Declare the sanitiser: the same separation and the same leak check; it stores nothing."""

    @broker.subscriber(RECEIVED, group_id="bare-sanitiser", auto_offset_reset="earliest")
    async def separate(opened: SealedContent) -> None:  # pyright: ignore[reportUnusedFunction]
        outcome = clear_or_hold(opened)
        if isinstance(outcome, Clear):
            event = SubmissionSanitised(
                event_id=uuid4(),
                occurred_at=datetime.now(UTC),
                source_ref=uuid4(),
                flag_id=uuid4(),
                status_token=opened.status_token,
                agency_category=opened.agency.category,
                received_on=opened.received_at.date(),
                content=outcome.content,
                released_by_person=False,
            )
            await broker.publish(event, topic_of(SubmissionSanitised), key=event.source_ref.bytes)


def triage(broker: KafkaBroker) -> None:
    """Declare triage: the same rules; every case is decided at once."""
    rules = load_rules()
    status_tokens: dict[UUID, UUID] = {}

    async def tell(status_token: UUID, status: SubmissionStatus) -> None:
        event = CaseStatusChanged(
            event_id=uuid4(), occurred_at=datetime.now(UTC), status_token=status_token, status=status
        )
        await broker.publish(event, topic_of(CaseStatusChanged), key=status_token.bytes)

    @broker.subscriber(topic_of(SubmissionSanitised), group_id="bare-triage", auto_offset_reset="earliest")
    async def decide(event: SubmissionSanitised) -> None:  # pyright: ignore[reportUnusedFunction]
        recommendation = rules.recommend(facts_of(event.content, event.agency_category))
        decided = CaseDecided(
            event_id=uuid4(),
            occurred_at=datetime.now(UTC),
            case_id=uuid4(),
            record_ref=uuid4(),
            content=event.content,
            agency_category=event.agency_category,
            received_on=event.received_on,
            priority=recommendation.priority,
            reason=recommendation.why,
            decided_by="person:00000000-0000-0000-0000-000000000001",
            rules=recommendation.trace,
        )
        status_tokens[decided.case_id] = event.status_token
        await tell(event.status_token, SubmissionStatus.IN_ASSESSMENT)
        await broker.publish(decided, topic_of(CaseDecided), key=decided.case_id.bytes)

    @broker.subscriber(topic_of(TransferConfirmed), group_id="bare-triage", auto_offset_reset="earliest")
    async def confirm(event: TransferConfirmed) -> None:  # pyright: ignore[reportUnusedFunction]
        await tell(status_tokens.pop(event.case_id), SubmissionStatus.ACCEPTED)


def transfer(broker: KafkaBroker) -> None:
    """Declare transfer: the same envelope to the same police system, sent once, without a check that it arrived."""
    sessions: list[aiohttp.ClientSession] = []

    def police() -> aiohttp.ClientSession:
        if not sessions:
            token = {"authorization": f"Bearer {os.environ['BARE_POLICE_TOKEN']}", "content-type": "application/json"}
            connector = aiohttp.TCPConnector(ssl=_tls())
            sessions.append(aiohttp.ClientSession(os.environ["BARE_POLICE_URL"], headers=token, connector=connector))
        return sessions[0]

    @broker.subscriber(
        topic_of(CaseDecided),
        group_id="bare-transfer",
        auto_offset_reset="earliest",
        max_workers=TRANSFERS_AT_ONCE,
    )
    async def hand_over(event: CaseDecided) -> None:  # pyright: ignore[reportUnusedFunction]
        body, key = canonical(envelope_of(event)), {"idempotency-key": str(event.record_ref)}
        async with police().post("/records", data=body, headers=key) as answer:
            receipt = await answer.json()
        confirmed = TransferConfirmed(
            event_id=uuid4(),
            occurred_at=datetime.now(UTC),
            case_id=event.case_id,
            record_ref=event.record_ref,
            police_reference=receipt["reference"],
        )
        await broker.publish(confirmed, topic_of(TransferConfirmed), key=event.case_id.bytes)


SUBSCRIBERS: dict[str, Callable[[KafkaBroker], None]] = {
    "sanitiser": sanitiser,
    "triage": triage,
    "transfer": transfer,
}


async def _consume(name: str) -> None:
    broker = _broker(name)
    SUBSCRIBERS[name](broker)
    await FastStream(broker).run()


def _run(awaitable: Awaitable[None]) -> None:
    async def wait() -> None:
        await awaitable

    uvloop.run(wait())


if __name__ == "__main__":
    if sys.argv[1] == "intake":
        uvicorn.run(
            intake(),
            port=int(os.environ["BARE_PORT"]),
            ssl_certfile=os.environ["BARE_CERTIFICATE"],
            access_log=False,
            loop="uvloop",
            http="httptools",
        )
    else:
        _run(_consume(sys.argv[1]))
