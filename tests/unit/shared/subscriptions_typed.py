"""Tables of subscriptions for the type checker: one is right, and each row of the other is wrong in its own way.

`make check` reads this file and fails when the type checker lets a wrong row pass: its comment is unnecessary then.
`test_subscriptions.py` takes the comments away and sees each wrong row refused.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Sequence
from functools import partial

from pipeline_shared.language.events import HighSubmissionReceived, Received, SafetyFlagged, SubmissionReceived
from pipeline_shared.messaging.subscriptions import Prepared, Subscription
from pipeline_shared.messaging.topics import (
    HIGH_SUBMISSION_RECEIVED,
    SAFETY_FLAGGED,
    SAFETY_PREVIEWED,
    SANITISER,
    SUBMISSION_RECEIVED,
    TRIAGE,
)
from pipeline_shared.runtime.work import Work


async def open_flags(_work: Work, _events: Sequence[SafetyFlagged]) -> None:
    """Take the events of one topic."""


async def open_cases(_work: Work, _events: Sequence[SafetyFlagged], *, rules: int) -> None:
    """Take the events of one topic, and something beside them."""
    _ = rules


async def read(events: Sequence[Received], *, keys: int) -> list[str]:
    """Prepare the events of any of two topics."""
    return [str(event.event_id) for event in events] * keys


async def read_high(events: Sequence[HighSubmissionReceived]) -> list[str]:
    """Prepare the events of one of them."""
    return [str(event.event_id) for event in events]


async def keep(_work: Work, _texts: Sequence[str]) -> None:
    """Take what the two above return."""


async def keep_numbers(_work: Work, _numbers: Sequence[int]) -> None:
    """Take what neither of them returns."""


def separating(keys: int) -> Prepared[Received]:
    """Return a use case for both topics."""
    return Prepared(partial(read, keys=keys), keep)


def separating_one(keys: int) -> Prepared[SubmissionReceived]:
    """Return a use case for one topic."""
    return Prepared(partial(read, keys=keys), keep)


def right() -> tuple[Subscription, ...]:
    """Return use cases that fit their topics."""
    return (
        Subscription(SAFETY_FLAGGED, TRIAGE, open_flags),
        Subscription(SAFETY_FLAGGED, TRIAGE, partial(open_cases, rules=1)),
        Subscription(SUBMISSION_RECEIVED, SANITISER, separating(1)),
        Subscription(SUBMISSION_RECEIVED, SANITISER, separating_one(1)),
        Subscription(HIGH_SUBMISSION_RECEIVED, SANITISER, separating(1)),
        Subscription(HIGH_SUBMISSION_RECEIVED, SANITISER, Prepared(read_high, keep)),
    )


def wrong() -> tuple[Subscription, ...]:
    """Return use cases that do not."""
    return (
        Subscription(SAFETY_PREVIEWED, TRIAGE, open_flags),  # pyright: ignore[reportArgumentType]
        Subscription(SAFETY_PREVIEWED, TRIAGE, partial(open_cases, rules=1)),  # pyright: ignore[reportArgumentType]
        Subscription(SAFETY_FLAGGED, TRIAGE, open_cases),  # pyright: ignore[reportArgumentType]
        Subscription(SAFETY_FLAGGED, TRIAGE, partial(open_cases, rules="1")),  # pyright: ignore[reportArgumentType]
        Subscription(SAFETY_FLAGGED, TRIAGE, separating(1)),  # pyright: ignore[reportArgumentType]
        Subscription(HIGH_SUBMISSION_RECEIVED, SANITISER, separating_one(1)),  # pyright: ignore[reportArgumentType]
        Subscription(SUBMISSION_RECEIVED, SANITISER, Prepared(read_high, keep)),  # pyright: ignore[reportArgumentType]
        Subscription(SUBMISSION_RECEIVED, SANITISER, Prepared(partial(read, keys=1), keep_numbers)),  # pyright: ignore[reportArgumentType]
    )
