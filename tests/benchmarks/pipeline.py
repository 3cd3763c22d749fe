"""The pipeline under load: first submissions up to the queue, then decisions up to police receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from pipeline_local.stack import LocalStack
from pipeline_shared.messaging.signatures import Signer
from pipeline_shared.runtime.work import begin
from pipeline_simulators.feed import Outgoing
from tests.benchmarks.cpu import GENERATOR, add, read_cpu, spent
from tests.benchmarks.figures import OFFICERS, Run
from tests.benchmarks.load import Pace, send, wait_until_due
from tests.benchmarks.stages import Passage, Rows
from tests.support.database import database_of
from tests.support.signing import stack_signer
from tests.support.transfers import OFFICER
from tests.support.waiting import wait_for
from triage_service.cases.decision import Outcome, Verdict
from triage_service.cases.usecases import record_decision

SETTLE_SECONDS = 120
KEPT = timedelta(days=31)
DECIDED_TOGETHER = 10
VERDICT = Verdict(version=1, outcome=Outcome.RECORD, reason="Necessary and proportionate to prevent crime.")


@dataclass(frozen=True, slots=True)
class _Half:
    """One half of the run: its throughput, the seconds of its stages and its CPU."""

    rate: float
    stages: dict[str, list[float]]
    cpu: dict[str, float]


async def run_pipeline(stack: LocalStack, submissions: Sequence[Outgoing], pace: Pace) -> Run:
    """Send submissions, wait for the queue, decide all of them, wait for the receipts."""
    async with Rows.connect(stack) as rows:
        since = datetime.now(UTC)
        queued = await _to_queue(stack, rows, submissions, pace, since=since)
        passages = await rows.passages(since)
        received = await _to_receipt(stack, rows, passages, pace, since=since)
    count = len(submissions)
    whole = 1 / (1 / queued.rate + 1 / received.rate)
    return Run(
        submissions=count,
        rates={"submission to queue": queued.rate, "decision to receipt": received.rate, "whole way": whole},
        stages={**queued.stages, **received.stages},
        cpu=add(queued.cpu, received.cpu),
    )


async def _to_queue(
    stack: LocalStack, rows: Rows, submissions: Sequence[Outgoing], pace: Pace, *, since: datetime
) -> _Half:
    before = read_cpu(stack.processes.pids())
    answers = await send(stack.ports["intake"], submissions, pace, stack.tls())
    await _all_are(rows, "in_assessment", len(submissions), since=since)
    cpu = spent(before, read_cpu(stack.processes.pids()))
    passages = await rows.passages(since)
    seconds = (max(p.opened_at for p in passages) - since).total_seconds()
    stages = {
        "HTTP answer": answers,
        "accepted to source sealed": [(p.sealed_at - p.accepted_at).total_seconds() for p in passages],
        "source sealed to case opened": [(p.opened_at - p.sealed_at).total_seconds() for p in passages],
        "accepted to case opened": [(p.opened_at - p.accepted_at).total_seconds() for p in passages],
    }
    return _Half(len(submissions) / seconds, stages, cpu)


async def _to_receipt(
    stack: LocalStack, rows: Rows, passages: Sequence[Passage], pace: Pace, *, since: datetime
) -> _Half:
    cases = [passage.case_id for passage in passages]
    before = read_cpu(stack.processes.pids())
    async with asyncpg.create_pool(stack.app_dsn("triage"), min_size=1, max_size=1) as pool:
        await _decide(pool, stack_signer(stack, "triage"), cases, pace.rate)
    await _all_are(rows, "accepted", len(cases), since=since)
    cpu = spent(before, read_cpu(stack.processes.pids()))
    cpu[OFFICERS] = cpu.pop(GENERATOR)
    transfers = await rows.transfers(cases)
    first, last = min(row["decided_at"] for row in transfers), max(row["settled_at"] for row in transfers)
    waits = [(row["settled_at"] - row["decided_at"]).total_seconds() for row in transfers]
    return _Half(len(cases) / (last - first).total_seconds(), {"decision to police receipt": waits}, cpu)


async def _decide(pool: asyncpg.Pool, signer: Signer, cases: Sequence[UUID], rate: float) -> None:
    """Decide cases with the use case of the form; only a few per transaction, because officers are not faster."""
    async for at in wait_until_due(range(0, len(cases), DECIDED_TOGETHER), rate / DECIDED_TOGETHER):
        async with begin(database_of(pool, signer)) as work:
            for case_id in cases[at : at + DECIDED_TOGETHER]:
                await record_decision(work, case_id, verdict=VERDICT, person_id=OFFICER, keep=KEPT)


async def _all_are(rows: Rows, status: str, count: int, *, since: datetime) -> None:
    async def all_are() -> bool:
        return await rows.count_status(since, status) >= count

    await wait_for(all_are, f"{count} submissions in status {status}", seconds=SETTLE_SECONDS)
