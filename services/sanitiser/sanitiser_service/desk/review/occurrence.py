"""How exactly the time goes onward: what a reader at the source desk may choose, and what becomes of the content."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipeline_shared.language.content import Occurrence
from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.language.when import POLICY, Precision, When, times_of

FIELD = "time"  # of the review form
CHOICES: Mapping[Precision, str] = MappingProxyType(
    {
        Precision.PART_OF_DAY: "The day and the part of it",
        Precision.DAY: "The day",
        Precision.MONTH: "The month",
        Precision.LEFT_OUT: "Leave the time out",
        Precision.EXACT: "Let the exact time stand: many could have been there",
    }
)
# Of a month or a year there is nothing more exact to choose.
APPROXIMATE_CHOICES: Mapping[Precision, str] = MappingProxyType(
    {POLICY: "As it was given", Precision.LEFT_OUT: "Leave the time out"}
)


@dataclass(frozen=True, slots=True)
class TimeChoice:
    """What the review page shows of a time: as it was given, as it would go onward, and what may be chosen."""

    chosen: Precision
    choices: Mapping[Precision, str]
    given: tuple[tuple[str, When], ...]
    onward: tuple[tuple[str, When], ...]


def precision_in(form: Mapping[str, str]) -> Precision:
    """Return how exactly a form lets the time go onward; without a word of it, as the policy says."""
    value = form.get(FIELD, "")
    return Precision(value) if value in list(Precision) else POLICY


def time_choice(occurrence: Occurrence, chosen: Precision) -> TimeChoice | None:
    """Return the choice that a reader has, if there is a time at all."""
    given, onward = (_labelled(*times_of(occurrence, precision)) for precision in (Precision.EXACT, chosen))
    choices = APPROXIMATE_CHOICES if occurrence.approximate else CHOICES
    return TimeChoice(chosen, choices, given, onward) if given else None


def _labelled(began: When | None, ended: When | None) -> tuple[tuple[str, When], ...]:
    return tuple((label, when) for label, when in (("It began", began), ("It ended", ended)) if when)


def with_times(content: SanitisedContent, occurrence: Occurrence, precision: Precision) -> SanitisedContent:
    """Return content whose times are those of the form, no more exact than `precision`."""
    began, ended = times_of(occurrence, precision)
    seen = content.occurrence.model_copy(update={"began": began, "ended": ended})
    return content.model_copy(update={"occurrence": seen})
