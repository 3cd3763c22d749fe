"""The states of one transfer, from waiting to confirmed or parked. No record is ever created twice.

A transfer is *in doubt* from its claim until its outcome is stored, because it may have been sent. A transfer in doubt
is looked up by its idempotency key before it is created. Only a look-up, never a creation, can establish that the key
holds another record. Pure: delays are durations, and the database clock turns them into times.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pipeline_shared.runtime.retry import grown

FIRST_DELAY = timedelta(milliseconds=250)
LONGEST_DELAY = timedelta(seconds=10)
UNCLEAR_LIMIT = 20  # with the pauses between attempts, a record is tried for more than two minutes before it is parked


@dataclass(frozen=True, slots=True)
class Transfer:
    """One claimed record to hand over: `attempts` includes this claim, `in_doubt` is the state before it.

    `unclear` counts the unclear answers of this record while others arrived. `abandoned` is true when the claim before
    left no outcome.
    """

    record_ref: UUID
    case_id: UUID
    digest: str
    envelope: bytes
    attempts: int
    in_doubt: bool
    decided_at: datetime
    unclear: int = 0
    abandoned: bool = False


class Request(StrEnum):
    """A request to the police system."""

    LOOK_UP = "look_up"
    CREATE = "create"


@dataclass(frozen=True, slots=True)
class Held:
    """The police system holds a record with this digest under the key."""

    reference: str
    digest: str


@dataclass(frozen=True, slots=True)
class NotHeld:
    """The police system holds nothing under the key."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The police system will never take this record as it is."""

    code: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """The request may or may not have had its effect."""

    code: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The request had no effect, and the record is not the cause. `reached` is true if the request was read."""

    code: str
    reached: bool = False


PoliceAnswer = Held | NotHeld | Refused | Unclear | Unreachable


@dataclass(frozen=True, slots=True)
class Confirm:
    """The record is handed over."""

    reference: str


@dataclass(frozen=True, slots=True)
class Park:
    """The transfer must wait for a person."""

    code: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Try again after a delay. `counts` is true when the record itself may be the cause."""

    code: str
    delay: timedelta
    in_doubt: bool
    counts: bool = False


TransferOutcome = Confirm | Park | Wait
Step = Request | TransferOutcome


def first_request(transfer: Transfer) -> Request:
    """Return the first request: a look-up when the transfer is in doubt, else a creation."""
    return Request.LOOK_UP if transfer.in_doubt else Request.CREATE


def next_step(transfer: Transfer, asked: Request, answer: PoliceAnswer) -> Step:
    """Return the next step after an answer: the end of the transfer, another request, or a wait."""
    return _after_look_up(transfer, answer) if asked is Request.LOOK_UP else _after_create(transfer, answer)


def _after_look_up(transfer: Transfer, answer: PoliceAnswer) -> Step:
    match answer:
        case Held(reference, digest):
            return Confirm(reference) if digest == transfer.digest else Park("other_content_held")
        case NotHeld():
            return Request.CREATE
        case Refused(code) | Unclear(code):
            return _doubt(transfer, code)
        case Unreachable(code):
            return Wait(code, FIRST_DELAY, in_doubt=True)


def _after_create(transfer: Transfer, answer: PoliceAnswer) -> Step:
    match answer:
        case Held(reference, digest) if digest == transfer.digest:
            return Confirm(reference)
        case Held():
            return _doubt(transfer, "other_digest")
        case Refused(code):
            return Park(code)
        case Unclear(code):
            return _doubt(transfer, code)
        case Unreachable(code):  # nothing was created now, and nothing was held before
            return Wait(code, FIRST_DELAY, in_doubt=False)
        case NotHeld():
            return _doubt(transfer, "not_created")


def _doubt(transfer: Transfer, code: str) -> Wait:
    return Wait(code, delay_after(transfer.attempts), in_doubt=True, counts=True)


def settle(transfer: Transfer, outcome: TransferOutcome, *, others_arrive: bool) -> TransferOutcome:
    """Return the final outcome of a round; a transfer that stays unclear while others arrive is parked at the limit."""
    if not isinstance(outcome, Wait) or not outcome.counts:
        return outcome
    if not others_arrive:
        return replace(outcome, counts=False)
    return Park(f"undecided:{outcome.code}") if transfer.unclear + 1 >= UNCLEAR_LIMIT else outcome


def discloses(asked: Request, answer: PoliceAnswer) -> bool:
    """Tell whether a request disclosed the record: every creation that reached a server does."""
    return asked is Request.CREATE and (not isinstance(answer, Unreachable) or answer.reached)


def delay_after(attempts: int) -> timedelta:
    """Return the delay before the next attempt: it doubles with each attempt, up to a limit."""
    return grown(FIRST_DELAY, LONGEST_DELAY, attempts)


def is_clear(answer: PoliceAnswer) -> bool:
    """Tell whether an answer shows that the police system works."""
    return isinstance(answer, Held | NotHeld | Refused)
