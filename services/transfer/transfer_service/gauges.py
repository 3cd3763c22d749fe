"""Metrics and logs of transfers: one canonical line and a count per outcome, with references and no content."""

from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.metrics import Metrics
from transfer_service import store
from transfer_service.domain import Confirm, Park, Transfer, TransferOutcome

STAGE = "police-system"

log = structlog.get_logger()


def report_outcomes(metrics: Metrics, outcomes: Sequence[tuple[Transfer, TransferOutcome]], *, seconds: float) -> None:
    """Count and log the outcomes of one claim. `seconds` is the total time of the claim."""
    now, duration_ms = datetime.now(UTC), round(seconds * 1000, 1)
    for transfer, outcome in outcomes:
        word = _word(outcome)
        metrics.outcomes.labels(STAGE, word).inc()
        metrics.stage_seconds.labels(STAGE).observe(seconds)
        if isinstance(outcome, Confirm):
            metrics.hop_seconds.labels(STAGE).observe(max((now - transfer.decided_at).total_seconds(), 0))
        log.info(
            "transfer_handled",
            id=str(transfer.record_ref),
            outcome=word,
            error=None if isinstance(outcome, Confirm) else outcome.code,
            attempts=transfer.attempts,
            duration_ms=duration_ms,
        )


async def measure(connection: Connection, metrics: Metrics) -> None:
    """Set the gauges of transfers that wait or are parked."""
    transfers = await store.count_open(connection)
    metrics.parked.labels(STAGE).set(transfers.parked)
    metrics.waiting.labels(STAGE).set(transfers.waiting)
    metrics.waiting_age.labels(STAGE).set(transfers.oldest_seconds)


def _word(outcome: TransferOutcome) -> str:
    match outcome:
        case Confirm():
            return "confirmed"
        case Park():
            return "parked"
        case _:
            return "waiting"
