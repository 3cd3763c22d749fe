"""The sender on a real database, against the simulator over HTTP: after every failure each record exists once."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

import transfer_service
from pipeline_admin.parked import TRANSFERS, ParkingPlace, ask_replay, find_parked, list_parked
from pipeline_local.stack import LocalStack
from pipeline_shared.audit.entries import Operator
from pipeline_shared.language.events import CaseDecided, RuleTrace
from pipeline_shared.language.vocabulary import AgencyCategory, Priority
from pipeline_shared.messaging.parking_limit import MOST
from pipeline_shared.runtime.metrics import create_metrics
from pipeline_shared.runtime.work import begin
from pipeline_simulators.police.app import PoliceRecords
from pipeline_simulators.police.ledger import Ledger, Posted, Stored
from pipeline_simulators.police.settings import Fault, FaultMode
from tests.support.building import NOW, sanitised_content
from tests.support.database import database_of
from tests.support.own_database import create_own_database
from tests.support.waiting import wait_for
from transfer_service import store
from transfer_service.adapter import PoliceSystem
from transfer_service.domain import UNCLEAR_LIMIT, Confirm, Park, Request, Transfer, TransferOutcome, Wait
from transfer_service.sender import Sender
from transfer_service.settings import Settings
from transfer_service.usecases import accept_decisions, claim_transfers, keep_outcomes

MIGRATIONS = Path(transfer_service.__file__).parent / "migrations"
TOKEN = "token"


def a_decision() -> CaseDecided:
    return CaseDecided(
        event_id=uuid4(),
        occurred_at=datetime.now(UTC),
        case_id=uuid4(),
        record_ref=uuid4(),
        content=sanitised_content(),
        agency_category=AgencyCategory.HOUSING,
        received_on=NOW.date(),
        priority=Priority.HIGH,
        reason="Necessary to prevent crime",
        rules=RuleTrace(table_version="1", table_hash="0" * 64, fired="DRUGS-SUPPLY"),
    )


SOMEBODY = Operator("sam")


class Police:
    """The simulator, served by the test process so that a test can stop it."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger(folder)
        self.records = PoliceRecords(self.ledger, TOKEN, Fault())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._serving: asyncio.Task[None] | None = None
        self._server: uvicorn.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        app = Starlette(routes=self.records.routes())
        self._server = server = uvicorn.Server(
            uvicorn.Config(app, port=self.port, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        )
        self._serving = asyncio.create_task(server.serve())

        async def started() -> bool:
            return server.started

        await wait_for(started, "the police system")

    async def close(self) -> None:
        if self._server and self._serving:
            self._server.should_exit = True
            await self._serving

    def misbehave(self, mode: FaultMode, seconds: float = 0.0, key: str = "") -> None:
        self.records.fault = Fault(mode=mode, seconds=seconds, key=key)

    def held(self, decision: CaseDecided) -> Stored | None:
        return self.ledger.find(str(decision.record_ref))


@dataclass
class Transfers:
    """A transfer service without its process: the pool, the settings, and a sender to run."""

    dsn: str
    pool: asyncpg.Pool
    settings: Settings
    police: Police

    def __post_init__(self) -> None:
        self.sender = Sender(self.settings, database_of(self.pool), create_metrics())

    def patient(self) -> "Transfers":
        """Return the same with a long timeout, so that a slow machine causes no second try."""
        return replace(
            self, settings=self.settings.model_copy(update={"police_timeout_seconds": 20, "lease_seconds": 90})
        )

    async def accept(self, *decisions: CaseDecided) -> None:
        async with begin(database_of(self.pool)) as work:
            await accept_decisions(work, decisions)
        self.sender.wake()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.sender.run(stop))
        yield
        stop.set()
        await task

    async def row(self, decision: CaseDecided) -> asyncpg.Record:
        row = await self.pool.fetchrow("SELECT * FROM transfer WHERE record_ref = $1", decision.record_ref)
        assert row
        return row

    async def until(self, state: str, *decisions: CaseDecided) -> None:
        refs = [decision.record_ref for decision in decisions]

        async def all_are() -> bool:
            sql = "SELECT count(*) FROM transfer WHERE record_ref = ANY($1::uuid[]) AND state = $2"
            return await self.pool.fetchval(sql, refs, state) == len(refs)

        await wait_for(all_are, f"transfers to be {state}")

    async def events(self, decision: CaseDecided) -> int:
        return await self.pool.fetchval("SELECT count(*) FROM outbox WHERE key = $1", decision.case_id) or 0

    async def audited(self, decision: CaseDecided) -> list[tuple[str, str]]:
        sql = "SELECT action, reason FROM audit WHERE subject = $1 ORDER BY id"
        return [(row["action"], row["reason"]) for row in await self.pool.fetch(sql, str(decision.record_ref))]


@pytest.fixture(scope="module")
async def transfer_dsn(stack: LocalStack) -> str:
    """Create a database for these tests: the running service must not take their transfers."""
    name = await create_own_database(stack, "transfer", MIGRATIONS)
    return stack.admin_dsn(name)


@pytest.fixture
async def police(tmp_path: Path) -> AsyncGenerator[Police, None]:
    police = Police(tmp_path)
    await police.open()
    yield police
    await police.close()
    police.ledger.close()


@pytest.fixture
async def transfers(transfer_dsn: str, police: Police) -> AsyncGenerator[Transfers, None]:
    settings = Settings(
        port=8104,
        operations_port=8114,
        database_url=SecretStr(transfer_dsn),
        kafka_bootstrap="-",
        kafka_username="transfer",
        kafka_password=SecretStr("-"),
        parking_key=SecretStr("-"),
        police_url=police.url,
        police_token=SecretStr(TOKEN),
        police_timeout_seconds=0.5,
        lease_seconds=3,
    )
    async with asyncpg.create_pool(transfer_dsn, min_size=0, max_size=4) as pool:
        yield Transfers(transfer_dsn, pool, settings, police)
        await pool.execute("DELETE FROM transfer")


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


async def test_other_content_under_the_key_is_parked_and_a_replay_never_creates(transfers: Transfers) -> None:
    decision = a_decision()
    await transfers.police.ledger.keep(Posted(str(decision.record_ref), "f" * 64, '{"record_ref": "x"}'))
    place = ParkingPlace("police-system", transfers.dsn, TRANSFERS)
    async with transfers.running():
        await transfers.accept(decision)
        await transfers.until("parked", decision)
        (listed,) = await list_parked(place)
        assert (listed.id, listed.error) == (str(decision.record_ref), "other_content_held")
        assert await find_parked(place, listed.id) == listed
        assert await ask_replay(place, listed.id, SOMEBODY) == 1
        transfers.sender.wake()
        await transfers.until("parked", decision)
    assert transfers.police.ledger.count() == 1
    assert await transfers.events(decision) == 0
    assert ("parked_replay_asked", "other_content_held") in await transfers.audited(decision)


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
        (listed,) = await list_parked(place)
        assert listed.error == "undecided:status_500"
        assert await ask_replay(place, listed.id, SOMEBODY) == 1
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
