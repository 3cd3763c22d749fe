"""How one transfer moves: from waiting to confirmed or parked, never twice created.

A transfer is *in doubt* from the moment it is claimed until its outcome is stored: it may have been sent. In doubt, the
police system is asked by idempotency key before anything is created. Only a look-up's word, never a creation's, says
that something else is held under the key. Pure: delays are durations, and the database's clock makes times of them.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

FIRST_DELAY = timedelta(milliseconds=250)
LONGEST_DELAY = timedelta(seconds=10)
UNCLEAR_LIMIT = 20  # with the pauses between them a record is tried for more than two minutes before a person must look


@dataclass(frozen=True, slots=True)
class Transfer:
    """One record to hand over, as claimed: `attempts` counts this claim, `in_doubt` is as it was before it.

    `unclear` counts what no other record suffered; `abandoned` says that the claim before left no outcome.
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
    """What can be asked of the police system."""

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
    """The request certainly had no effect, for a reason that is not this record's; `reached` tells if it was read."""

    code: str
    reached: bool = False


PoliceAnswer = Held | NotHeld | Refused | Unclear | Unreachable


@dataclass(frozen=True, slots=True)
class Confirm:
    """The record is handed over."""

    reference: str


@dataclass(frozen=True, slots=True)
class Park:
    """A person must look."""

    code: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Try again after a while; `counts` says that the record itself may be why."""

    code: str
    delay: timedelta
    in_doubt: bool
    counts: bool = False


TransferOutcome = Confirm | Park | Wait
Step = Request | TransferOutcome


def first_request(transfer: Transfer) -> Request:
    """Return what to ask first: after any doubt, whether it is held already."""
    return Request.LOOK_UP if transfer.in_doubt else Request.CREATE


def next_step(transfer: Transfer, asked: Request, answer: PoliceAnswer) -> Step:
    """Return what follows from an answer: the end of the transfer, another request, or a wait."""
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
        case Unreachable(code):  # nothing was created, and we create only where nothing was held
            return Wait(code, FIRST_DELAY, in_doubt=False)
        case NotHeld():
            return _doubt(transfer, "not_created")


def _doubt(transfer: Transfer, code: str) -> Wait:
    return Wait(code, delay_after(transfer.attempts), in_doubt=True, counts=True)


def settle(transfer: Transfer, outcome: TransferOutcome, *, others_arrive: bool) -> TransferOutcome:
    """Return what becomes of a transfer after a round: one that alone stays unclear while others arrive is parked."""
    if not isinstance(outcome, Wait) or not outcome.counts:
        return outcome
    if not others_arrive:
        return replace(outcome, counts=False)
    return Park(f"undecided:{outcome.code}") if transfer.unclear + 1 >= UNCLEAR_LIMIT else outcome


def discloses(asked: Request, answer: PoliceAnswer) -> bool:
    """Tell whether a record's content left with a request: with every creation that reached a server."""
    return asked is Request.CREATE and (not isinstance(answer, Unreachable) or answer.reached)


def delay_after(attempts: int) -> timedelta:
    """Return how long a transfer rests after so many attempts: twice as long each time, up to a limit."""
    return min(FIRST_DELAY * 2 ** min(attempts - 1, 16), LONGEST_DELAY)


def is_clear(answer: PoliceAnswer) -> bool:
    """Tell whether an answer shows that the police system works."""
    return isinstance(answer, Held | NotHeld | Refused)
