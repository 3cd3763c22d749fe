"""The precision of released times: the reviewer's choices, and their effect on the content."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipeline_shared.language.content import Occurrence
from pipeline_shared.language.sanitised import SanitisedContent
from pipeline_shared.language.when import POLICY, Precision, When, times_of

FIELD = "time"  # the name of the field in the review form
CHOICES: Mapping[Precision, str] = MappingProxyType(
    {
        Precision.PART_OF_DAY: "The day and the part of it",
        Precision.DAY: "The day",
        Precision.MONTH: "The month",
        Precision.LEFT_OUT: "Leave the time out",
        Precision.EXACT: "Let the exact time stand: many could have been there",
    }
)
# A month or a year offers no finer choice.
APPROXIMATE_CHOICES: Mapping[Precision, str] = MappingProxyType(
    {POLICY: "As it was given", Precision.LEFT_OUT: "Leave the time out"}
)


@dataclass(frozen=True, slots=True)
class TimeChoice:
    """A time on the review page: as given, as it would be released (`onward`), and the choices."""

    chosen: Precision
    choices: Mapping[Precision, str]
    given: tuple[tuple[str, When], ...]
    onward: tuple[tuple[str, When], ...]


def precision_in(form: Mapping[str, str]) -> Precision:
    """Return the chosen precision, or the policy's if the form has none."""
    value = form.get(FIELD, "")
    return Precision(value) if value in list(Precision) else POLICY


def time_choice(occurrence: Occurrence, chosen: Precision) -> TimeChoice | None:
    """Return the reviewer's choice of precision, or None if the form gives no time."""
    given, onward = (_labelled(*times_of(occurrence, precision)) for precision in (Precision.EXACT, chosen))
    choices = APPROXIMATE_CHOICES if occurrence.approximate else CHOICES
    return TimeChoice(chosen, choices, given, onward) if given else None


def _labelled(began: When | None, ended: When | None) -> tuple[tuple[str, When], ...]:
    return tuple((label, when) for label, when in (("It began", began), ("It ended", ended)) if when)


def with_times(content: SanitisedContent, occurrence: Occurrence, precision: Precision) -> SanitisedContent:
    """Return content with the times of the submission, reduced to `precision`."""
    began, ended = times_of(occurrence, precision)
    seen = content.occurrence.model_copy(update={"began": began, "ended": ended})
    return content.model_copy(update={"occurrence": seen})
