"""The time of an incident, as exact as it may be published: an exact time may reveal the source (D-S2).

By policy a day and its part are published, in local time. Only a person may release the exact time.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pipeline_shared.language.content import Occurrence
from pipeline_shared.language.dates import Moment
from pipeline_shared.language.local_time import LOCAL_TIME
from pipeline_shared.language.texts import Model

HOURS_IN_PART = 6


class PartOfDay(StrEnum):
    """A quarter of a local day, in order from midnight."""

    NIGHT = "night"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class Precision(StrEnum):
    """The precision of a published time."""

    EXACT = "exact"
    PART_OF_DAY = "part_of_day"
    DAY = "day"
    MONTH = "month"
    LEFT_OUT = "left_out"


POLICY = Precision.PART_OF_DAY
_FIELDS: Mapping[Precision, tuple[str, ...]] = MappingProxyType(
    {
        Precision.EXACT: ("year", "month", "day", "part", "exact"),
        Precision.PART_OF_DAY: ("year", "month", "day", "part"),
        Precision.DAY: ("year", "month", "day"),
        Precision.MONTH: ("year", "month"),
        Precision.LEFT_OUT: (),
    }
)


class When(Model):
    """A year, or its month, or a day of that, or a part of the day, or the exact time; each needs the one before."""

    year: int
    month: Annotated[int, Field(ge=1, le=12)] | None = None
    day: Annotated[int, Field(ge=1, le=31)] | None = None
    part: PartOfDay | None = None
    exact: Moment | None = None

    @model_validator(mode="after")
    def _has_no_gap(self) -> Self:
        known = [value is not None for value in (self.year, self.month, self.day, self.part, self.exact)]
        if known != sorted(known, reverse=True):
            raise PydanticCustomError("when_with_gap", "knows a time more exactly than what it is part of")
        return self

    @property
    def iso_date(self) -> str:
        """Return the date in ISO 8601, as far as it is known: 2026, 2026-07 or 2026-07-01."""
        known = [f"{self.year:04}", *(f"{n:02}" for n in (self.month, self.day) if n is not None)]
        return "-".join(known)

    def no_more_exact_than(self, precision: Precision) -> Self | None:
        """Return this time without the parts more exact than `precision`; None if it is left out."""
        kept = {name: getattr(self, name) for name in _FIELDS[precision]}
        return type(self)(**kept) if kept else None


def when_of(moment: datetime) -> When:
    """Return a moment with its local day and part of day."""
    local = moment.astimezone(LOCAL_TIME)
    part = list(PartOfDay)[local.hour // HOURS_IN_PART]
    return When(year=local.year, month=local.month, day=local.day, part=part, exact=moment)


def times_of(occurrence: Occurrence, precision: Precision = POLICY) -> tuple[When | None, When | None]:
    """Return the begin and the end of an incident, no more exact than `precision`."""
    began, ended = (moment and when_of(moment) for moment in (occurrence.began_at, occurrence.ended_at))
    if occurrence.approximate:
        year, *month = (int(part) for part in occurrence.approximate.split("-"))
        began = When(year=year, month=month[0] if month else None)
    return began and began.no_more_exact_than(precision), ended and ended.no_more_exact_than(precision)
