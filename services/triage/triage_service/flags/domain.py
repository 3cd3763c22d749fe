"""Safety flags: somebody may be at risk, and an officer must see it before anything else (D-T0).

Pure. A flag is independent of the case that its submission becomes: it stays open until an officer has acknowledged
it, and from then on that officer owns it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pipeline_shared.language.events import SafetyFlagged, SafetyPreview
from pipeline_shared.language.vocabulary import SafetyReason

OVERDUE_AFTER = timedelta(minutes=5)  # open longer than this, a flag is shown as overdue to everybody


@dataclass(frozen=True, slots=True)
class SafetyFlag:
    """One flag; `is_previewed` once its texts have been looked at, `case_id` once its submission has been sanitised."""

    flag_id: UUID
    reasons: tuple[SafetyReason, ...]
    preview: SafetyPreview
    flagged_at: datetime
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    case_id: UUID | None = None
    is_previewed: bool = False

    @property
    def is_preview_due(self) -> bool:
        """Tell whether more of this will be seen soon: what could not be opened has no preview."""
        return not self.is_previewed and "everything" not in self.preview.withheld

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether nobody has taken this on for too long."""
        return self.acknowledged_at is None and now - self.flagged_at > OVERDUE_AFTER


@dataclass(frozen=True, slots=True)
class FlagList:
    """Some of the flags that are listed: open ones first, and how many of both kinds there are.

    `number` is that of the page; 0 for those above the queue.
    """

    flags: Sequence[SafetyFlag]
    open_count: int
    owned_count: int
    number: int = 0

    @property
    def total(self) -> int:
        """Return how many flags are listed on all pages."""
        return self.open_count + self.owned_count


class FlagTakenError(Exception):
    """Another officer has acknowledged the flag before."""


def open_flag(event: SafetyFlagged) -> SafetyFlag:
    """Return the flag that an event raises."""
    return SafetyFlag(event.flag_id, event.reasons, event.preview, event.occurred_at)
