"""Dates and times on the form are complete, or they are refused.

A reader that guesses takes "2026" for a number of seconds and makes 1 January 1970 of it, and an officer would read
that. So only the complete forms of ISO 8601 count, with an offset if there is a time. A year or a month alone is a
value of its own.
"""

import re
from datetime import date, datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

FIRST_YEAR, LAST_YEAR = 1880, 2100  # a person on record may have been born long ago

DateT = TypeVar("DateT", bound=date)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
)
_APPROXIMATE = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?")


def _read_day(value: object) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise PydanticCustomError("date_format", "is not a full date such as 2026-07-01")


def _read_moment(value: object) -> datetime:
    moment = value if isinstance(value, datetime) else _parsed(value)
    if moment is None:
        raise PydanticCustomError("datetime_format", "is not a full date and time such as 2026-07-01T10:30:00+01:00")
    if moment.utcoffset() is None:
        raise PydanticCustomError("timezone_aware", "has no offset from UTC, such as Z or +01:00")
    return moment


def _parsed(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) and _MOMENT.fullmatch(value) else None
    except ValueError:
        return None


def _in_range(day: DateT) -> DateT:
    """Refuse a year such as 1, which some forms send for no date: no clock can be set to it."""
    _require_year(day.year)
    return day


def _read_approximate(text: str) -> str:
    if not _APPROXIMATE.fullmatch(text):
        raise PydanticCustomError("approximate_format", "is neither a year such as 2026 nor a month such as 2026-07")
    _require_year(int(text[:4]))
    return text


def _require_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PydanticCustomError("date_out_of_range", "is not a date that a submission can be about")


Day = Annotated[
    date,
    AfterValidator(_in_range),
    BeforeValidator(_read_day),
    Field(description="A full date: 2026-07-01", examples=["2026-07-01"]),
]
Moment = Annotated[
    datetime,
    AfterValidator(_in_range),
    BeforeValidator(_read_moment),
    Field(
        description="A full date and time with its offset from UTC: 2026-07-01T10:30:00+01:00",
        examples=["2026-07-01T10:30:00+01:00"],
    ),
]
Approximate = Annotated[
    str,
    AfterValidator(_read_approximate),
    Field(
        description="A year, or a month of one, when no more is known: 2026 or 2026-07",
        examples=["2026-07"],
        json_schema_extra={"pattern": f"^{_APPROXIMATE.pattern}$"},
    ),
]
