"""The lease of a transfer: one sender has it at a time, and nothing is sent or kept after its end."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from pipeline_shared.runtime.metrics import create_metrics
from pipeline_shared.runtime.work import begin
from pipeline_simulators.police.settings import FaultMode
from tests.support.database import database_of
from tests.support.transfers import Transfers, a_decision
from transfer_service import store
from transfer_service.adapter import PoliceSystem
from transfer_service.domain import Confirm, Park, Request, Transfer, TransferOutcome, Wait
from transfer_service.sender import Sender
from transfer_service.usecases import keep_outcomes


async def test_a_claim_that_is_under_way_is_not_claimed_again(transfers: Transfers) -> None:
    await transfers.accept(a_decision(), a_decision())
    claims = [await _claim(transfers, limit=1) for _ in range(3)]
    assert [len(found) for _lease, found in claims] == [1, 1, 0]


LATE = (Confirm("NP/2026/000001"), Park("status_422"), Wait("status_500", timedelta(0), in_doubt=False, counts=True))


@pytest.mark.parametrize("outcome", LATE, ids=lambda outcome: type(outcome).__name__)
@pytest.mark.parametrize("since", ["claimed anew", "settled"])
async def test_an_outcome_that_comes_after_its_lease_changes_nothing(
    transfers: Transfers, outcome: TransferOutcome, since: str
) -> None:
    decision = a_decision()
    await transfers.accept(decision)
    late, claimed = await _claim(transfers, limit=1)
    await transfers.pool.execute("UPDATE transfer SET due_at = now() - interval '1 second'")
    newer, again = await _claim(transfers, limit=1)
    if since == "settled":
        await _keep(transfers, newer, again[0], Confirm("NP/2026/000002"))
    before, events = await transfers.row(decision), await transfers.events(decision)
    await _keep(transfers, late, claimed[0], outcome)
    assert await transfers.row(decision) == before
    assert await transfers.events(decision) == events
    assert not {"transfer_parked"} & {action for action, _ in await transfers.audited(decision)}


async def _keep(transfers: Transfers, lease: UUID, transfer: Transfer, outcome: TransferOutcome) -> None:
    async with begin(database_of(transfers.pool)) as work:
        await keep_outcomes(work, lease, [(transfer, outcome)], recipient="police-records-system")


async def test_nothing_is_sent_after_its_lease_may_have_ended(transfers: Transfers) -> None:
    decisions = [a_decision() for _ in range(40)]
    settings = transfers.settings.model_copy(update={"concurrency": 1, "lease_seconds": 1.3})
    transfers.sender = Sender(settings, database_of(transfers.pool), create_metrics())
    asked: list[float] = []
    ends: list[float] = []

    class Watched(PoliceSystem):
        async def ask(self, request: Request, transfer: Transfer) -> Any:
            asked.append(asyncio.get_running_loop().time())
            return await super().ask(request, transfer)

    transfers.police.misbehave(FaultMode.SLOW, seconds=0.1)
    await transfers.accept(*decisions)
    async with Watched.connect(settings) as police:
        claim = await transfers.sender._claim()  # pyright: ignore[reportPrivateUsage]
        ends.append(asyncio.get_running_loop().time() + settings.start_within.total_seconds())
        await transfers.sender._send(police, claim, asyncio.Event())  # pyright: ignore[reportPrivateUsage]
    assert 0 < len(asked) < len(decisions)
    assert max(asked) <= ends[0] + 0.2  # one reading of the clock and one more request lie between
    waiting = await transfers.pool.fetchval(
        "SELECT count(*) FROM transfer WHERE error = 'out_of_time' AND NOT in_doubt"
    )
    assert waiting == len(decisions) - len(asked)


async def _claim(transfers: Transfers, *, limit: int) -> tuple[UUID, list[Any]]:
    lease = uuid4()
    async with begin(database_of(transfers.pool)) as work:
        return lease, await store.claim_due(work.connection, lease, lasting=timedelta(seconds=30), limit=limit)
