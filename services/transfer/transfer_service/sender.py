"""The sender: sends due transfers to the police system concurrently, and stores their outcomes together.

No database connection is held during a network request. While the police system does not answer, the sender sends one
transfer at a time. The others stay in the database, so that the police system is not flooded when it returns.
"""

import asyncio
import contextlib
import time
from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from pipeline_shared.messaging.parking_limit import ParkingLimit
from pipeline_shared.runtime.errors import error_code, is_infrastructure
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.retry import Backoff
from pipeline_shared.runtime.tls import TlsContext
from pipeline_shared.runtime.work import Database, begin
from transfer_service import store
from transfer_service.adapter import PoliceSystem
from transfer_service.domain import (
    FIRST_DELAY,
    LONGEST_DELAY,
    Confirm,
    Park,
    Request,
    Transfer,
    TransferOutcome,
    Wait,
    discloses,
    first_request,
    is_clear,
    next_step,
    settle,
)
from transfer_service.gauges import STAGE, report_outcomes
from transfer_service.settings import Settings
from transfer_service.usecases import Claim, claim_transfers, keep_outcomes

IDLE_SECONDS = 0.5
PARKING_LIMIT = "parking_limit"

log = structlog.get_logger()

Outcomes = list[tuple[Transfer, TransferOutcome]]


class Sender:
    """Sends due transfers until it is stopped."""

    def __init__(self, settings: Settings, database: Database, metrics: Metrics) -> None:
        self._settings = settings
        self._database = database
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._answers = True
        self._arrived = False  # whether the last round had a confirmed record
        self._last_error = ""
        self._limit = ParkingLimit()
        self._tls: TlsContext | None = None

    @property
    def _works(self) -> bool:
        """Tell whether records arrive: the police system answers and does not refuse most of them."""
        return self._answers and not self._limit.stopped

    def wake(self) -> None:
        """Wake the sender, because a transfer has become due."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`; finish and store the current round before returning."""
        async with PoliceSystem.connect(self._settings) as police:
            self._tls = police.tls
            backoff = Backoff()
            while not stop.is_set():
                claim = await self._claim()
                if not claim.transfers:
                    await self._idle()
                    continue
                await self._send(police, claim, stop)
                if self._works:
                    backoff.reset()
                else:
                    await backoff.wait(stop)

    def report(self, metrics: Metrics) -> None:
        """Set the gauge of the certificate that transfer shows to the police system, if it shows one."""
        if self._tls:
            self._tls.report("client_certificate", metrics)

    async def check(self) -> dict[str, object]:
        """Return whether the police system answers, and the counts of waiting and parked transfers."""
        async with self._database.pool.acquire() as connection:
            waiting = await store.count_open(connection)
        return {
            "ok": self._works,
            "error": PARKING_LIMIT if self._limit.stopped else self._last_error or None,
            "waiting": waiting.waiting,
            "parked": waiting.parked,
            "oldest_waiting_seconds": round(waiting.oldest_seconds, 1),
        }

    async def _claim(self) -> Claim:
        lasting = timedelta(seconds=self._settings.lease_seconds)
        limit = self._settings.batch if self._works else 1
        async with begin(self._database) as work:
            return await claim_transfers(
                work, uuid4(), lasting=lasting, limit=limit, recipient=self._settings.police_name
            )

    async def _idle(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), IDLE_SECONDS)
        self._woken.clear()

    async def _send(self, police: PoliceSystem, claim: Claim, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        send_round = SendRound(police, self._settings, begin_until=began + self._settings.start_within.total_seconds())
        outcomes = self._settle(await send_round.send(claim.transfers))
        self._note(send_round)
        until = began + self._settings.lease_seconds
        await self._keep(claim, outcomes, disclosed=send_round.disclosed, until=until, stop=stop)
        report_outcomes(self._metrics, outcomes, seconds=loop.time() - began)

    def _settle(self, outcomes: Outcomes) -> Outcomes:
        """Settle the outcomes. Unclear ones depend on whether other records arrive, in this round or the one before."""
        arrived = sum(isinstance(outcome, Confirm) for _, outcome in outcomes)
        others_arrive, self._arrived = arrived > 0 or self._arrived, arrived > 0
        if arrived:
            self._go_on(arrived)
        return [
            (transfer, self._limited(settle(transfer, outcome, others_arrive=others_arrive)))
            for transfer, outcome in outcomes
        ]

    def _go_on(self, arrived: int) -> None:
        """Note confirmed records: if parking had stopped, the cause of the failures is gone."""
        if self._limit.stopped:
            self._limit.mended()
            self._metrics.parking_stopped.labels(STAGE).set(0)
            log.warning("parking_limit_over", topic=STAGE)
        self._limit.note_handled(arrived, time.monotonic())

    def _limited(self, outcome: TransferOutcome) -> TransferOutcome:
        """Replace parking by a wait when most transfers would be parked: the fault is then in the release."""
        if not isinstance(outcome, Park):
            return outcome
        now, stopped = time.monotonic(), self._limit.stopped
        if self._limit.allows(now):
            self._limit.note_parked(now)
            return outcome
        self._metrics.parking_stopped.labels(STAGE).set(1)
        if not stopped:
            log.critical("parking_limit_reached", topic=STAGE)
        return Wait(PARKING_LIMIT, LONGEST_DELAY, in_doubt=True)

    def _note(self, send_round: "SendRound") -> None:
        """Store whether the police system answers, and log each change."""
        if send_round.answered != self._answers:
            event = "police_system_answers" if send_round.answered else "police_system_does_not_answer"
            log.warning(event, error=send_round.error)
        self._answers, self._last_error = send_round.answered, "" if send_round.answered else send_round.error

    async def _keep(
        self,
        claim: Claim,
        outcomes: Outcomes,
        *,
        disclosed: Collection[UUID],
        until: float,
        stop: asyncio.Event,
    ) -> None:
        """Store the outcomes, with retries while the lease lasts: a lost receipt would cost another look-up."""
        backoff = Backoff()
        while True:
            try:
                async with begin(self._database, self._metrics) as work:
                    return await keep_outcomes(
                        work, claim.lease, outcomes, recipient=self._settings.police_name, disclosed=disclosed
                    )
            except Exception as error:
                if not is_infrastructure(error) or stop.is_set() or asyncio.get_running_loop().time() > until:
                    raise
                log.warning("waiting_for_infrastructure", error=error_code(error), worker="sender")
            await backoff.wait(stop)


class SendRound:
    """Sends the transfers of one claim and collects the answers."""

    def __init__(self, police: PoliceSystem, settings: Settings, *, begin_until: float) -> None:
        self._police = police
        self._places = asyncio.Semaphore(settings.concurrency)
        self._begin_until = begin_until
        self.answered = False
        self.error = ""
        self.disclosed: set[UUID] = set()

    async def send(self, transfers: Sequence[Transfer]) -> Outcomes:
        """Send each transfer and return its outcome."""
        outcomes = await asyncio.gather(*(self._send_one(transfer) for transfer in transfers))
        return list(zip(transfers, outcomes, strict=True))

    async def _send_one(self, transfer: Transfer) -> TransferOutcome:
        async with self._places:
            if asyncio.get_running_loop().time() > self._begin_until:
                return Wait("out_of_time", FIRST_DELAY, transfer.in_doubt)
            step = await self._ask(first_request(transfer), transfer)
            if isinstance(step, Request):
                step = await self._ask(step, transfer)
            if isinstance(step, Request):
                return Wait("undecided", FIRST_DELAY, in_doubt=True)
            return step

    async def _ask(self, request: Request, transfer: Transfer) -> TransferOutcome | Request:
        answer = await self._police.ask(request, transfer)
        if discloses(request, answer):
            self.disclosed.add(transfer.record_ref)
        step = next_step(transfer, request, answer)
        self.answered = self.answered or is_clear(answer)
        self.error = step.code if isinstance(step, Wait) else self.error
        return step
