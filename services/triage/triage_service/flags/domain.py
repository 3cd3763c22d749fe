"""Safety flags: a person may be at risk, and an officer must see the flag before anything else (D-T0).

Pure. A flag does not depend on the case of its submission. It stays open until an officer acknowledges it and becomes
its owner. Only a flag of the level NOW has a clock; one of the level SOON stands below it and rings nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pipeline_shared.access.states import FlagState
from pipeline_shared.language.events import FlagLevel, SafetyFlagged, SafetyPreview
from pipeline_shared.language.vocabulary import SafetyLevel, SafetyReason

FLAG_LEVELS: tuple[FlagLevel, ...] = (SafetyLevel.NOW, SafetyLevel.SOON)  # in the order of the lists
OVERDUE_AFTER = timedelta(minutes=5)  # an open flag of the level NOW that is older than this is shown as overdue


@dataclass(frozen=True, slots=True)
class SafetyFlag:
    """One flag. `is_previewed` is set with its preview, `case_id` once its submission has been sanitised.

    `model` is the version of the safety screen's model.
    """

    flag_id: UUID
    level: FlagLevel
    reasons: tuple[SafetyReason, ...]
    preview: SafetyPreview
    flagged_at: datetime
    model: str = ""
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    case_id: UUID | None = None
    is_previewed: bool = False
    is_settled: bool = False

    @property
    def is_preview_due(self) -> bool:
        """Tell whether a preview will follow. A submission that could not be opened has none."""
        return not self.is_previewed and "everything" not in self.preview.withheld

    @property
    def state(self) -> FlagState:
        """Return the state for the permissions; a flag with an owner stays listed until its case is decided."""
        if self.is_settled:
            return FlagState.SETTLED
        return FlagState.OWNED if self.acknowledged_by else FlagState.OPEN

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the flag rings and has had no owner for too long."""
        is_ringing = self.level is SafetyLevel.NOW and self.acknowledged_at is None
        return is_ringing and now - self.flagged_at > OVERDUE_AFTER


@dataclass(frozen=True, slots=True)
class Takeover:
    """A change of a flag's owner, with the reason of the person who took it over."""

    taken_from: str
    taken_by: str
    reason: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class FlagCount:
    """How many listed flags of a level are open, and how many have an owner."""

    open: int = 0
    owned: int = 0

    @property
    def total(self) -> int:
        """Return how many flags of the level are listed."""
        return self.open + self.owned


@dataclass(frozen=True, slots=True)
class FlagList:
    """One page of the listed flags: NOW, then SOON, in each level the open ones first, with the counts on all pages.

    `number` is the number of the page; 0 for the list above the queue.
    """

    flags: Sequence[SafetyFlag]
    counts: Mapping[FlagLevel, FlagCount]
    number: int = 0

    @property
    def total(self) -> int:
        """Return how many flags are listed on all pages."""
        return sum(count.total for count in self.counts.values())


class FlagTakenError(Exception):
    """Another officer acknowledged the flag before."""


def open_flag(event: SafetyFlagged) -> SafetyFlag:
    """Return the flag of an event."""
    return SafetyFlag(event.flag_id, event.level, event.reasons, event.preview, event.occurred_at, event.model)
