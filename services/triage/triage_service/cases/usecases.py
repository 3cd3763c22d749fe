"""The use cases of cases, each in one transaction with its audit and its events."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from pipeline_shared.access.states import CaseState
from pipeline_shared.language.events import Event, SubmissionSanitised, TransferConfirmed
from pipeline_shared.runtime.errors import PermanentError
from pipeline_shared.runtime.work import Work
from triage_service.actors import SERVICE
from triage_service.cases import decision_store, domain, store
from triage_service.cases.decision import Verdict
from triage_service.cases.domain import Case, CaseFile
from triage_service.flags.usecases import settle_flag, takeovers_of, unsettle_flag
from triage_service.rules.domain import RuleTable
from triage_service.rules.facts import facts_of
from triage_service.rules.recommendation import raised


async def open_cases(work: Work, events: Sequence[SubmissionSanitised], *, rules: RuleTable) -> None:
    """Open a case with a recommendation for each sanitised submission that has none yet."""
    opened = [_open(work, event, rules) for event in events]
    added = await store.add_cases(work.connection, [case for case, _ in opened])
    for case, event in opened:
        if case.case_id in added:
            fired = case.recommendation.fired.id
            work.audit("case_opened", actor=SERVICE, subject=str(case.case_id), reason=fired, day_only=True)
            work.publish(event)


def _open(work: Work, event: SubmissionSanitised, rules: RuleTable) -> tuple[Case, Event]:
    advice = rules.recommend(facts_of(event.content, event.agency_category))
    recommendation = raised(advice, event.level, event.safety)
    event_id = work.derive_id(event.event_id, "case_opened")
    # The same case again when its event is read again after a restore, so a second decision sends no second record.
    case_id = work.derive_id(event.event_id, "case")
    return domain.open_case(event, recommendation, case_id=case_id, event_id=event_id, now=work.now)


async def record_decision(work: Work, case_id: UUID, *, verdict: Verdict, person_id: str, keep: timedelta) -> None:
    """Decide a case as an officer; raise CaseNotFoundError, or StaleVersionError when another officer was first.

    `keep` is the time until the disposal of a case that is not recorded.
    """
    case = await store.lock_case(work.connection, case_id)
    number = await decision_store.count_decisions(work.connection, case_id) + 1
    # The reference of the record must not lead back to the source reference (D-S1): only this service's secret links it
    # to the case. After a restore a case that is decided again keeps it (docs/decisions/0023-backup-and-restore.md).
    case, decision, event = domain.decide(
        case,
        verdict,
        person_id=person_id,
        record_ref=work.derive_id(case_id, "record"),
        event_id=work.derive_id(case_id, "case_decided" if number == 1 else f"case_decided_{number}"),
        now=work.now,
        keep=keep,
    )
    await store.mark_decided(work.connection, case)
    await decision_store.add_decision(work.connection, case_id, number, decision)
    await settle_flag(work, case.flag_id, person_id=person_id)
    work.audit("case_decided", actor=person_id, subject=str(case_id), reason=decision.outcome.value)
    work.count(case.state.value)
    work.publish(event)


async def reopen_case(work: Work, case_id: UUID, *, version: int, person_id: str, reason: str) -> None:
    """Take the decision on a case back as another person than its decider.

    Raises CaseNotFoundError, SamePersonError, and StaleVersionError when the case has changed meanwhile.
    """
    case = await store.lock_case(work.connection, case_id)
    file = await _file_of(work, case)
    case, reopening, event = domain.reopen(
        case,
        file.decision,
        version=version,
        person_id=person_id,
        reason=reason,
        event_id=work.derive_id(case_id, f"case_reopened_{len(file.decisions)}"),
        now=work.now,
    )
    await store.mark_decided(work.connection, case)
    await decision_store.add_reopening(work.connection, case_id, len(file.decisions), file.decisions[-1], reopening)
    if event:
        await unsettle_flag(work, case.flag_id)
        work.publish(event)
    work.audit("case_reopened", actor=person_id, subject=str(case_id), reason=f"decision {len(file.decisions)}")


async def _file_of(work: Work, case: Case) -> CaseFile:
    return CaseFile(
        case,
        await decision_store.list_decisions(work.connection, case.case_id),
        await decision_store.list_reopenings(work.connection, case.case_id),
        await takeovers_of(work, case.flag_id),
    )


async def confirm_transfers(work: Work, events: Sequence[TransferConfirmed]) -> None:
    """Store the police references of recorded cases. A repeated confirmation changes nothing."""
    cases = await store.lock_cases(work.connection, [event.case_id for event in events])
    transferred: list[Case] = []
    for event in events:
        case = _confirmable(_remembered(work, cases.get(event.case_id), event), event)
        if case.police_reference == event.police_reference:
            continue
        event_id = work.derive_id(event.event_id, "case_accepted")
        case, change = domain.confirm_transfer(case, event.police_reference, event_id=event_id, now=work.now)
        cases[case.case_id] = case
        transferred.append(case)
        work.audit("transfer_confirmed", actor=SERVICE, subject=str(event.case_id), reason=str(event.record_ref))
        work.publish(change)
    await store.mark_transferred(work.connection, transferred)


def _remembered(work: Work, case: Case | None, event: TransferConfirmed) -> Case | None:
    """Return a case that waits again after a restore as recorded: the police system has the record of its decision.

    Only this service can make the reference of a record, so nobody else can close a case in this way.
    """
    if case and case.state is CaseState.WAITING and event.record_ref == work.derive_id(case.case_id, "record"):
        work.audit("recorded_before_restore", actor=SERVICE, subject=str(case.case_id), reason=str(event.record_ref))
        return domain.recorded_before_restore(case, event.record_ref)
    return case


def _confirmable(case: Case | None, event: TransferConfirmed) -> Case:
    if case is None or case.record_ref != event.record_ref:
        raise PermanentError("record_unknown")
    if case.police_reference and case.police_reference != event.police_reference:
        raise PermanentError("second_police_reference")
    return case


async def read_case(work: Work, case_id: UUID, *, person_id: str) -> CaseFile:
    """Return a case to a person, and log the access (D-L1); raise CaseNotFoundError."""
    case = await store.get_case(work.connection, case_id)
    work.audit("case_read", actor=person_id, subject=str(case_id))
    return await _file_of(work, case)
