"""Safety flags on the pages, in a list or alone. No SQL, no HTML."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline_shared.language.events import FlagLevel
from pipeline_shared.web.paging import entries_before, last_page
from pipeline_shared.web.rendering import age
from triage_service.flags.domain import FlagList, SafetyFlag
from triage_service.wording import (
    LEVEL_COLOURS,
    SAFETY_LEVELS,
    SAFETY_REASONS,
    RiskLine,
    person_cells,
    risk_lines,
    words,
)

WITHHELD: Mapping[str, str] = {
    "phrases": "The words that were matched are left out: they could say who spoke.",
    "subjects": "Subjects are left out or masked (…): what is written there could say who spoke.",
    "district": "The district is left out: it could say who spoke.",
    "everything": "The submission could not be opened. The source desk and operations must look at it at once.",
}
SCREEN = "Software chose “{level}” from the words and from the answers on the form. Version of its model: {model}."
PREVIEW_DUE = "What was matched, the subjects and the district follow within seconds: load this page again to see them."


@dataclass(frozen=True, slots=True)
class FlagPage:
    """A safety flag, in a list or on its own page. `told` are the risk questions that the form answers with yes."""

    flag: SafetyFlag
    level: str
    colour: str
    reasons: str
    category: str
    agency: str
    age: str
    is_overdue: bool
    owner: str
    risk: Sequence[RiskLine]
    told: Sequence[str]
    people: Sequence[Sequence[str]]
    withheld: Sequence[str]
    screen: str


def flag_page(flag: SafetyFlag, *, now: datetime, name_of: Callable[[str], str]) -> FlagPage:
    """Return the page data of a flag."""
    preview = flag.preview
    return FlagPage(
        flag=flag,
        level=SAFETY_LEVELS[flag.level],
        colour=LEVEL_COLOURS[flag.level],
        reasons=", ".join(SAFETY_REASONS[reason] for reason in flag.reasons).capitalize()
        or "Not known: it could not be opened",
        category=words(preview.category) if preview.category else "Not known",
        agency=words(preview.agency_category) if preview.agency_category else "Not known",
        age=age(now - flag.flagged_at),
        is_overdue=flag.is_overdue(now),
        owner=name_of(flag.acknowledged_by) if flag.acknowledged_by else "",
        risk=list(risk_lines(preview.risk)),
        told=[question for question, _, is_yes in risk_lines(preview.risk) if is_yes],
        people=[person_cells(person) for person in preview.subjects.people],
        withheld=[PREVIEW_DUE] if flag.is_preview_due else [WITHHELD[field] for field in preview.withheld],
        screen=SCREEN.format(level=SAFETY_LEVELS[flag.level].lower(), model=flag.model or "not known"),
    )


@dataclass(frozen=True, slots=True)
class FlagsPage:
    """A list of flags: one page of all, or the first flags above the queue."""

    lines: Sequence[FlagPage]
    listed: FlagList

    def of(self, level: FlagLevel) -> Sequence[FlagPage]:
        """Return the lines of a level."""
        return [line for line in self.lines if line.flag.level == level]

    @property
    def address(self) -> str:
        """Return the address from which the list is refreshed."""
        return f"/flags/fresh?page={self.listed.number}" if self.listed.number else "/flags/fresh"

    @property
    def more(self) -> int:
        """Return how many flags are beyond the linked pages."""
        return 0 if self.listed.number else self.listed.total - len(self.lines)

    @property
    def last(self) -> int:
        """Return the number of the last page."""
        return last_page(self.listed.total)

    @property
    def first_shown(self) -> int:
        """Return the position of the first line, counted from 1."""
        return entries_before(self.listed.number) + 1


def flags_page(listed: FlagList, *, now: datetime, name_of: Callable[[str], str]) -> FlagsPage:
    """Return the page data of a list of flags."""
    return FlagsPage([flag_page(flag, now=now, name_of=name_of) for flag in listed.flags], listed)
