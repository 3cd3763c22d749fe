"""What triage does, each in one transaction that also holds its audit and its events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from pipeline_shared.language.events import (
    Event,
    SafetyFlagged,
    SafetyPreviewed,
    SubmissionSanitised,
    TransferConfirmed,
)
from pipeline_shared.runtime.errors import PermanentError
from pipeline_shared.runtime.work import Work
from triage_service.cases import domain
from triage_service.cases.domain import Case, CaseState, Decision, Verdict
from triage_service.cases.store import CaseStore
from triage_service.flags.domain import FlagTakenError, SafetyFlag, open_flag
from triage_service.flags.store import FlagStore
from triage_service.rules.domain import RuleTable
from triage_service.rules.facts import facts_of

ACTOR = "service:triage"


async def open_cases(work: Work, events: Sequence[SubmissionSanitised], *, rules: RuleTable) -> None:
    """Open a case with a recommendation for each sanitised submission that is not known yet."""
    opened = [_open(work, event, rules) for event in events]
    added = await CaseStore(work.connection).add_cases([case for case, _ in opened])
    for case, event in opened:
        if case.case_id in added:
            fired = case.recommendation.fired.id
            work.audit("case_opened", actor=ACTOR, subject=str(case.case_id), reason=fired, day_only=True)
            work.publish(event)


def _open(work: Work, event: SubmissionSanitised, rules: RuleTable) -> tuple[Case, Event]:
    recommendation = domain.raised(rules.recommend(facts_of(event.content, event.agency_category)), event.safety)
    event_id = work.derive_id(event.event_id, "case_opened")
    return domain.open_case(event, recommendation, case_id=uuid4(), event_id=event_id, now=work.now)


async def open_flags(work: Work, events: Sequence[SafetyFlagged]) -> None:
    """Put safety flags before the officers (D-T0)."""
    flags = [open_flag(event) for event in events]
    await FlagStore(work.connection).add_flags(flags)
    for flag in flags:
        reasons = " ".join(flag.reasons)
        work.audit("safety_flag_opened", actor=ACTOR, subject=str(flag.flag_id), reason=reasons, day_only=True)


async def add_previews(work: Work, events: Sequence[SafetyPreviewed]) -> None:
    """Keep what may be seen of flagged submissions; it joins its flag when that is shown, whichever came first."""
    await FlagStore(work.connection).add_previews({event.flag_id: event.preview for event in events})


async def read_flag(work: Work, flag_id: UUID, *, person_id: str) -> SafetyFlag:
    """Return a flag to a person who reads it, and log that they did (D-L1); raise FlagNotFoundError."""
    flag = await FlagStore(work.connection).get_flag(flag_id)
    work.audit("safety_flag_read", actor=person_id, subject=str(flag_id))
    return flag


async def acknowledge_flag(work: Work, flag_id: UUID, *, person_id: str) -> None:
    """Make a person the owner of a flag; raise FlagNotFoundError, or FlagTakenError when it has another owner."""
    store = FlagStore(work.connection)
    if not await store.mark_acknowledged(flag_id, person_id, work.now):
        await store.get_flag(flag_id)
        raise FlagTakenError
    work.audit("safety_flag_acknowledged", actor=person_id, subject=str(flag_id))


async def record_decision(work: Work, case_id: UUID, *, verdict: Verdict, person_id: str, keep: timedelta) -> None:
    """Decide a case for a person; raise CaseNotFoundError, or StaleVersionError when somebody else was first.

    `keep` is how long a case that is not recorded is kept before its disposal.
    """
    store = CaseStore(work.connection)
    case = await store.lock_case(case_id)
    # The record's reference must not lead back to the source's (D-S1): fresh, random, made of nothing.
    case, decision, event = domain.decide(
        case,
        verdict,
        person_id=person_id,
        record_ref=uuid4(),
        event_id=work.derive_id(case_id, "case_decided"),
        now=work.now,
        keep=keep,
    )
    await store.mark_decided(case)
    await store.add_decision(case_id, decision)
    # Who decides a case has seen more than its flag shows: it is theirs if it was nobody's.
    if await FlagStore(work.connection).settle_flag(case.flag_id, person_id, work.now):
        work.audit("safety_flag_acknowledged", actor=person_id, subject=str(case.flag_id))
    work.audit("case_decided", actor=person_id, subject=str(case_id), reason=decision.outcome.value)
    work.count(case.state.value)
    work.publish(event)


async def confirm_transfers(work: Work, events: Sequence[TransferConfirmed]) -> None:
    """Note the police references of recorded cases; a confirmation that repeats what is known changes nothing."""
    store = CaseStore(work.connection)
    cases = await store.lock_cases([event.case_id for event in events])
    transferred: list[Case] = []
    for event in events:
        case = _confirmable(cases, event)
        if case.police_reference == event.police_reference:
            continue
        event_id = work.derive_id(event.event_id, "case_accepted")
        case, change = domain.confirm_transfer(case, event.police_reference, event_id=event_id, now=work.now)
        cases[case.case_id] = case
        transferred.append(case)
        work.audit("transfer_confirmed", actor=ACTOR, subject=str(event.case_id), reason=str(event.record_ref))
        work.publish(change)
    await store.mark_transferred(transferred)


def _confirmable(cases: dict[UUID, Case], event: TransferConfirmed) -> Case:
    case = cases.get(event.case_id)
    if case is None or case.record_ref != event.record_ref:
        raise PermanentError("record_unknown")
    if case.state is CaseState.TRANSFERRED and case.police_reference != event.police_reference:
        raise PermanentError("second_police_reference")
    return case


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case and what was decided on it."""

    case: Case
    decision: Decision | None


async def read_case(work: Work, case_id: UUID, *, person_id: str) -> CaseFile:
    """Return a case to a person who reads it, and log that they did (D-L1); raise CaseNotFoundError."""
    store = CaseStore(work.connection)
    case = await store.get_case(case_id)
    work.audit("case_read", actor=person_id, subject=str(case_id))
    return CaseFile(case, await store.find_decision(case_id))
