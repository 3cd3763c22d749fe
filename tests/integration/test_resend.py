"""A broker loses acknowledged records: they are sent again, and records that were not lost have no second effect."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from pipeline_admin.databases import administering
from pipeline_local.stack import LocalStack
from pipeline_shared.language.events import CaseStatusChanged
from pipeline_shared.language.vocabulary import SubmissionStatus
from pipeline_shared.messaging import outbox
from pipeline_shared.messaging.operators import resend_since
from pipeline_shared.messaging.topics import SERVICES
from tests.support.intake import Frontend
from tests.support.journey import case_of, submit
from tests.support.metrics import figure, read_metrics
from tests.support.operators import FROM_SAM, SAM
from tests.support.signing import stack_signed
from tests.support.waiting import wait_for

Databases = dict[str, asyncpg.Connection]

MARK_LOST = "UPDATE outbox SET published_at = now() WHERE event_id = $1"
AUDITED = "SELECT actor, subject FROM audit WHERE action = 'events_resent' AND reason = $1"
WAITING = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
LAG = "pipeline_consumer_lag"
READ_BY = {"sanitiser": "submission.received.v1", "triage": "submission.sanitised.v1", "intake": "case.status.v1"}
# Parked records are not counted: a resend covers the whole hour, so unreadable records of earlier tests are parked
# again.
EFFECTS = {
    "intake": "SELECT count(*) FROM submission",
    "restricted": "SELECT count(*) FROM source_record",
    "triage": "SELECT count(*) FROM triage_case",
    "transfer": "SELECT count(*) FROM transfer",
}


async def lose(stack: LocalStack, databases: Databases, status_token: UUID | None) -> None:
    """Put an event into the state it has after the broker acknowledged and then lost it."""
    assert status_token
    event = CaseStatusChanged(
        event_id=uuid4(), occurred_at=datetime.now(UTC), status_token=status_token, status=SubmissionStatus.CLOSED
    )
    async with databases["triage"].transaction():
        await outbox.add(databases["triage"], [stack_signed(stack, event)])
        await databases["triage"].execute(MARK_LOST, event.event_id)


async def repetitions(stack: LocalStack, service: str, topic: str) -> float:
    figures = await read_metrics(stack, service)
    return figure(figures, "pipeline_outcomes_total", topic=topic, outcome="repeated")


async def resend(stack: LocalStack, service: str, since: datetime) -> int:
    async with administering(stack.installation().database(service), SAM) as work:
        return await resend_since(work, since, FROM_SAM)


async def test_what_the_broker_lost_arrives_after_a_resend_and_nothing_else_happens_twice(
    pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    since = datetime.now(UTC) - timedelta(seconds=1)
    receipts = [await submit(frontend) for _ in range(5)]
    cases = [await case_of(databases, receipt) for receipt in receipts]

    async def nothing_waits() -> bool:
        waiting = [await each.fetchval(WAITING) for each in databases.values()]
        unread = [figure(await read_metrics(pipeline, name), LAG, topic=topic) for name, topic in READ_BY.items()]
        return not any(waiting + unread)

    await wait_for(nothing_waits, "all that earlier tests submitted to be read")
    before = {name: await databases[name].fetchval(query) for name, query in EFFECTS.items()}
    repeated = {service: await repetitions(pipeline, service, topic) for service, topic in READ_BY.items()}
    token = await databases["triage"].fetchval("SELECT status_token FROM triage_case WHERE case_id = $1", cases[0])
    await lose(pipeline, databases, token)
    resent = {service: await resend(pipeline, service, since) for service in SERVICES}
    assert resent["intake"] >= 5
    assert resent["triage"] >= 6

    async def closed() -> bool:
        return await frontend.status(receipts[0]) == "closed"

    await wait_for(closed, "the lost event's effect")

    async def read_again() -> bool:
        now = {service: await repetitions(pipeline, service, topic) for service, topic in READ_BY.items()}
        return all(now[service] >= repeated[service] + len(receipts) for service in READ_BY)

    await wait_for(read_again, "what was not lost to be read again")
    assert [await frontend.status(receipt) for receipt in receipts[1:]] == ["in_assessment"] * 4
    assert {name: await databases[name].fetchval(query) for name, query in EFFECTS.items()} == before
    for database in databases.values():
        audited = await database.fetch(AUDITED, f"since {since.isoformat()}: {FROM_SAM.reason}")
        assert [tuple(row) for row in audited] == [("operator:sam", "outbox")]
