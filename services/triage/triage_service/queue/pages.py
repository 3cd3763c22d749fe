"""The queue on the pages. No SQL, no HTML."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline_shared.access.states import CaseState
from pipeline_shared.language.vocabulary import Priority, SafetyLevel
from pipeline_shared.web.paging import entries_before
from pipeline_shared.web.rendering import days
from triage_service.cases.labels import LABELS, PRIORITY_COLOURS, headline, with_route
from triage_service.queue.store import QueueRow
from triage_service.rules.recommendation import RecommendedOutcome, Route
from triage_service.wording import LEVEL_COLOURS, SAFETY_LEVELS, words


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One line of the queue."""

    row: QueueRow
    headline: str
    category: str
    priority: str
    colour: str
    level: str
    level_colour: str
    recommended: str
    age: str
    state: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue."""

    lines: Sequence[QueueLine]
    is_waiting: bool
    counts: Mapping[str, int]
    number: int
    last: int

    @property
    def total(self) -> int:
        """Return how many cases the chosen state has."""
        return self.counts["waiting" if self.is_waiting else "decided"]

    @property
    def first_shown(self) -> int:
        """Return the position of the first line, counted from 1."""
        return entries_before(self.number) + 1


def queue_line(row: QueueRow, *, today: date, name_of: Callable[[str], str]) -> QueueLine:
    """Return a case as a line of the queue."""
    return QueueLine(
        row=row,
        headline=headline(row.headline),
        category=words(row.category),
        priority=words(row.priority),
        colour=PRIORITY_COLOURS[Priority(row.priority)],
        level=SAFETY_LEVELS[SafetyLevel(row.level)],
        level_colour=LEVEL_COLOURS.get(SafetyLevel(row.level), ""),
        recommended=with_route(RecommendedOutcome(row.recommended), Route(row.route) if row.route else None),
        age=days(today - row.received_on),
        state=LABELS[CaseState(row.state)],
        decided_by=name_of(row.decided_by) if row.decided_by else "",
    )
