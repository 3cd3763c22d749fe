"""The use cases of transfer, each in one transaction: accept decided records, claim them, keep the outcomes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pipeline_shared.language.events import CaseDecided, TransferConfirmed
from pipeline_shared.runtime.work import Work
from transfer_service import store
from transfer_service.domain import Confirm, Park, Transfer, TransferOutcome, Wait
from transfer_service.envelope import VERSION, canonical, digest_of, envelope_of
from transfer_service.store import NewTransfer

ACTOR = "service:transfer"


async def accept_decisions(work: Work, events: Sequence[CaseDecided]) -> None:
    """Make the envelope of each decided record, which never changes again, and store it as a new transfer."""
    await store.add_transfers(work.connection, [_new_transfer(event) for event in events])
    for event in events:
        work.audit("transfer_accepted", actor=ACTOR, subject=str(event.record_ref))


def _new_transfer(event: CaseDecided) -> NewTransfer:
    body = canonical(envelope_of(event))
    return NewTransfer(event.record_ref, event.case_id, VERSION, body, digest_of(body), event.occurred_at)


@dataclass(frozen=True, slots=True)
class Claim:
    """Transfers that this process may send until the lease ends."""

    lease: UUID
    transfers: Sequence[Transfer]


async def claim_transfers(work: Work, lease: UUID, *, lasting: timedelta, limit: int, recipient: str) -> Claim:
    """Claim due transfers. If the last claim of one left no outcome, audit a possible disclosure (D-L1)."""
    transfers = await store.claim_due(work.connection, lease, lasting=lasting, limit=limit)
    for transfer in transfers:
        if transfer.abandoned:
            _disclosed(work, transfer, f"recipient {recipient}, perhaps")
    return Claim(lease, transfers)


async def keep_outcomes(
    work: Work,
    lease: UUID,
    outcomes: Sequence[tuple[Transfer, TransferOutcome]],
    *,
    recipient: str,
    disclosed: Collection[UUID] = (),
) -> None:
    """Store the outcomes of claimed transfers; skip transfers that another process has claimed since.

    The audit names the recipient of each record in `disclosed`, even if another process holds its claim by now (D-L1).
    """
    for transfer, _ in outcomes:
        if transfer.record_ref in disclosed:
            _disclosed(work, transfer, f"recipient {recipient}")
    await _confirm(work, lease, [(t, outcome) for t, outcome in outcomes if isinstance(outcome, Confirm)])
    await _park(work, lease, [(t, outcome) for t, outcome in outcomes if isinstance(outcome, Park)])
    waiting = [(t, outcome) for t, outcome in outcomes if isinstance(outcome, Wait)]
    if waiting:
        await store.mark_waiting(work.connection, lease, waiting)


def _disclosed(work: Work, transfer: Transfer, reason: str) -> None:
    work.audit("record_disclosed", actor=ACTOR, subject=str(transfer.record_ref), reason=reason)


async def _confirm(work: Work, lease: UUID, outcomes: Sequence[tuple[Transfer, Confirm]]) -> None:
    ours = await store.mark_confirmed(work.connection, lease, outcomes) if outcomes else set[UUID]()
    for transfer, confirm in outcomes:
        if transfer.record_ref in ours:
            work.audit("transfer_confirmed", actor=ACTOR, subject=str(transfer.record_ref), reason=confirm.reference)
            work.publish(_confirmed(work, transfer, confirm))
            work.count("transferred")


def _confirmed(work: Work, transfer: Transfer, confirm: Confirm) -> TransferConfirmed:
    return TransferConfirmed(
        event_id=work.derive_id(transfer.record_ref, "transfer.confirmed"),
        occurred_at=work.now,
        case_id=transfer.case_id,
        record_ref=transfer.record_ref,
        police_reference=confirm.reference,
    )


async def _park(work: Work, lease: UUID, outcomes: Sequence[tuple[Transfer, Park]]) -> None:
    ours = await store.mark_parked(work.connection, lease, outcomes) if outcomes else set[UUID]()
    for transfer, park in outcomes:
        if transfer.record_ref in ours:
            work.audit("transfer_parked", actor=ACTOR, subject=str(transfer.record_ref), reason=park.code)
