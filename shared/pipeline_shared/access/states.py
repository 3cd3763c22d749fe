"""The states of the things that people act on."""

from enum import StrEnum


class CaseState(StrEnum):
    """The state of a case. `UNDER_CORRECTION`: the police system has the record, and it was reopened."""

    WAITING = "waiting"
    RECORDED = "recorded"
    NOT_RECORDED = "not_recorded"
    PASSED_ON = "passed_on"
    TRANSFERRED = "transferred"
    UNDER_CORRECTION = "under_correction"


class FlagState(StrEnum):
    """The state of a safety flag: without an owner, with one, or with a decided case."""

    OPEN = "open"
    OWNED = "owned"
    SETTLED = "settled"


class HeldState(StrEnum):
    """The state of a held submission."""

    WAITING = "waiting"
    KEPT = "kept"
    RELEASED = "released"


State = CaseState | FlagState | HeldState
