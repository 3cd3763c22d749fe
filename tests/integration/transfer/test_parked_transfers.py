"""A record that the police system refuses is parked; it holds up no other, and a replay tries it anew."""

from pipeline_admin.parked import TRANSFERS, ParkingPlace, ask_replay, find_parked, list_parked
from pipeline_shared.messaging.parking_limit import MOST
from pipeline_simulators.police.ledger import Posted
from pipeline_simulators.police.settings import FaultMode
from tests.support.operators import FROM_SAM, SAM
from tests.support.transfers import Transfers, a_decision
from tests.support.waiting import wait_for
from transfer_service.domain import UNCLEAR_LIMIT


async def test_other_content_under_the_key_is_parked_and_a_replay_never_creates(transfers: Transfers) -> None:
    decision = a_decision()
    await transfers.police.ledger.keep(Posted(str(decision.record_ref), "f" * 64, '{"record_ref": "x"}'))
    place = ParkingPlace("police-system", transfers.dsn, TRANSFERS)
    async with transfers.running():
        await transfers.accept(decision)
        await transfers.until("parked", decision)
        (listed,) = await list_parked(place, SAM)
        assert (listed.id, listed.error) == (str(decision.record_ref), "other_content_held")
        assert await find_parked(place, listed.id, SAM) == listed
        assert await ask_replay(place, listed.id, FROM_SAM) == 1
        transfers.sender.wake()
        await transfers.until("parked", decision)
    assert transfers.police.ledger.count() == 1
    assert await transfers.events(decision) == 0
    assert ("parked_replay_asked", "other_content_held: the broker works again") in await transfers.audited(decision)


async def test_a_record_that_is_refused_is_parked_and_holds_up_no_other(transfers: Transfers) -> None:
    refused, fine = a_decision(), a_decision()
    await transfers.accept(refused, fine)
    await transfers.pool.execute("UPDATE transfer SET envelope = '{}' WHERE record_ref = $1", refused.record_ref)
    async with transfers.running():
        await transfers.until("confirmed", fine)
        await transfers.until("parked", refused)
    assert (await transfers.row(refused))["error"] == "status_422"
    assert ("transfer_parked", "status_422") in await transfers.audited(refused)


async def test_when_most_records_are_refused_parking_stops_and_they_arrive_once_the_cause_is_mended(
    transfers: Transfers,
) -> None:
    """The cause is like a faulty release: it makes envelopes that the police system refuses."""
    decisions = [a_decision() for _ in range(MOST + 10)]
    await transfers.accept(*decisions)
    envelopes = await transfers.pool.fetch("SELECT record_ref, envelope FROM transfer WHERE state = 'waiting'")
    await transfers.pool.execute("UPDATE transfer SET envelope = '{}' WHERE state = 'waiting'")
    count = "SELECT count(*) FROM transfer WHERE record_ref = ANY($1::uuid[]) AND state = 'parked'"
    refs = [decision.record_ref for decision in decisions]
    async with transfers.running():

        async def stopped() -> bool:
            facts = await transfers.sender.check()
            return (facts["ok"], facts["error"]) == (False, "parking_limit")

        await wait_for(stopped, "parking to stop")
        await wait_for(lambda: transfers.pool.fetchval(count, refs), "those that are parked")
        assert await transfers.pool.fetchval(count, refs) == MOST
        mended = "UPDATE transfer SET envelope = $2, due_at = now() WHERE record_ref = $1 AND state = 'waiting'"
        await transfers.pool.executemany(mended, [tuple(row) for row in envelopes])
        waiting = await transfers.pool.fetch(
            "SELECT record_ref FROM transfer WHERE record_ref = ANY($1::uuid[]) AND state = 'waiting'", refs
        )
        left = {row["record_ref"] for row in waiting}
        await transfers.until("confirmed", *(each for each in decisions if each.record_ref in left))
        assert (await transfers.sender.check())["ok"] is True
    assert len(left) == len(decisions) - MOST


async def test_a_record_that_alone_stays_unclear_while_others_arrive_is_parked_and_a_replay_tries_it_anew(
    transfers: Transfers,
) -> None:
    unlucky, other = a_decision(), a_decision()
    await transfers.accept(unlucky, other)
    # This many rounds would take minutes: this is the last one.
    await transfers.pool.execute(
        "UPDATE transfer SET unclear = $1 WHERE record_ref = $2", UNCLEAR_LIMIT - 1, unlucky.record_ref
    )
    transfers.police.misbehave(FaultMode.FAIL, key=str(unlucky.record_ref))
    place = ParkingPlace("police-system", transfers.dsn, TRANSFERS)
    async with transfers.running():
        await transfers.until("parked", unlucky)
        await transfers.until("confirmed", other)
        (listed,) = await list_parked(place, SAM)
        assert listed.error == "undecided:status_500"
        assert await ask_replay(place, listed.id, FROM_SAM) == 1
        assert (await transfers.row(unlucky))["unclear"] == 0
        transfers.police.misbehave(FaultMode.NONE)
        await transfers.until("confirmed", unlucky)
    assert [await transfers.events(each) for each in (unlucky, other)] == [1, 1]


async def test_a_record_counts_each_round_in_which_it_alone_stays_unclear(transfers: Transfers) -> None:
    unlucky = a_decision()
    transfers.police.misbehave(FaultMode.FAIL, key=str(unlucky.record_ref))
    async with transfers.running():
        await transfers.accept(unlucky, a_decision())

        async def counted() -> bool:
            return bool((await transfers.row(unlucky))["unclear"])

        await wait_for(counted, "a round that counts")


async def test_a_record_that_is_alone_is_tried_until_the_police_system_takes_it(transfers: Transfers) -> None:
    decision = a_decision()
    await transfers.accept(decision)
    await transfers.pool.execute("UPDATE transfer SET unclear = $1", UNCLEAR_LIMIT - 1)
    transfers.police.misbehave(FaultMode.FAIL)
    async with transfers.running():

        async def tried_thrice() -> bool:
            return (await transfers.row(decision))["attempts"] >= 3

        await wait_for(tried_thrice, "three attempts")
        assert (await transfers.row(decision))["state"] == "waiting"
        transfers.police.misbehave(FaultMode.NONE)
        await transfers.until("confirmed", decision)
