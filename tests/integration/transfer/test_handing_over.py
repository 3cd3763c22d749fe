"""Handing over on a real database and over HTTP: after every failure each record exists once."""

from datetime import timedelta
from uuid import uuid4

import pytest

from pipeline_shared.runtime.work import begin
from pipeline_simulators.police.settings import FaultMode
from tests.support.database import database_of
from tests.support.transfers import TOKEN, Transfers, a_decision
from tests.support.waiting import wait_for
from transfer_service.adapter import PoliceSystem
from transfer_service.domain import Request
from transfer_service.usecases import claim_transfers


async def test_a_record_is_handed_over_and_its_reference_kept_audited_and_published(transfers: Transfers) -> None:
    transfers, decision = transfers.patient(), a_decision()
    async with transfers.running():
        await transfers.accept(decision)
        await transfers.until("confirmed", decision)
    row, held = await transfers.row(decision), transfers.police.held(decision)
    assert held
    assert row["police_reference"] == held.reference
    assert row["digest"] == held.digest
    assert row["envelope"] is None
    assert await transfers.events(decision) == 1
    assert await transfers.audited(decision) == [
        ("transfer_accepted", ""),
        ("record_disclosed", "recipient police-records-system"),
        ("transfer_confirmed", held.reference),
    ]


@pytest.mark.parametrize(
    "mode",
    [FaultMode.FAIL, FaultMode.NONSENSE, FaultMode.TIMEOUT_AFTER_COMMIT, FaultMode.SLOW, FaultMode.REFUSE_DUPLICATES],
)
async def test_whatever_the_police_system_does_a_record_is_created_once(transfers: Transfers, mode: FaultMode) -> None:
    decisions = [a_decision() for _ in range(40)]
    transfers.police.misbehave(mode, seconds=0.8)
    async with transfers.running():
        await transfers.accept(*decisions)

        async def tried() -> bool:
            return bool(await transfers.pool.fetchval("SELECT count(*) FROM transfer WHERE attempts > 0"))

        await wait_for(tried, "a first attempt")
        transfers.police.misbehave(FaultMode.NONE)
        await transfers.until("confirmed", *decisions)
    held = [transfers.police.held(decision) for decision in decisions]
    assert [record.repeats for record in held if record] == [0] * 40
    assert transfers.police.ledger.count() == 40
    assert [await transfers.events(decision) for decision in decisions] == [1] * 40


async def test_a_police_system_that_is_away_parks_nothing_and_everything_arrives_when_it_is_back(
    transfers: Transfers,
) -> None:
    decisions = [a_decision() for _ in range(10)]
    await transfers.police.close()
    async with transfers.running():
        await transfers.accept(*decisions)

        async def noticed() -> bool:
            return not (await transfers.sender.check())["ok"]

        await wait_for(noticed, "the sender to notice")
        facts = await transfers.sender.check()
        assert (facts["waiting"], facts["parked"]) == (10, 0)
        assert facts["error"] == "ClientConnectorError"
        assert {action for each in decisions for action, _ in await transfers.audited(each)} == {"transfer_accepted"}
        await transfers.police.open()
        await transfers.until("confirmed", *decisions)
    assert (await transfers.sender.check())["ok"]


async def test_a_crash_after_the_police_system_committed_ends_in_a_look_up(transfers: Transfers) -> None:
    transfers, decision = transfers.patient(), a_decision()
    await transfers.accept(decision)
    async with begin(database_of(transfers.pool)) as work:
        claim = await claim_transfers(
            work, uuid4(), lasting=timedelta(milliseconds=200), limit=10, recipient="police-records-system"
        )
    async with PoliceSystem.connect(transfers.settings) as police:
        await police.ask(Request.CREATE, claim.transfers[0])
    # Here the process dies: nothing is stored, and the lease ends.
    async with transfers.running():
        await transfers.until("confirmed", decision)
    held = transfers.police.held(decision)
    assert held
    assert held.repeats == 0
    assert (await transfers.row(decision))["attempts"] == 2
    assert ("record_disclosed", "recipient police-records-system, perhaps") in await transfers.audited(decision)


async def test_a_wrong_token_parks_nothing(transfers: Transfers) -> None:
    decision = a_decision()
    transfers.police.records.authorization = b"Bearer other"
    async with transfers.running():
        await transfers.accept(decision)

        async def noticed() -> bool:
            return (await transfers.sender.check())["error"] == "status_401"

        await wait_for(noticed, "the sender to notice")
        assert (await transfers.row(decision))["state"] == "waiting"
        transfers.police.records.authorization = f"Bearer {TOKEN}".encode()
        await transfers.until("confirmed", decision)
