"""Dates and times on the form count only if they are complete: a guess would become a record."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from pipeline_shared.language.content import Occurrence
from pipeline_shared.language.dates import FIRST_YEAR, LAST_YEAR, Approximate, Day, Moment

DAY, MOMENT, APPROXIMATE = TypeAdapter[date](Day), TypeAdapter[datetime](Moment), TypeAdapter[str](Approximate)
FULL_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FULL_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
DAYS = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(FIRST_YEAR, 1, 2), datetime(LAST_YEAR, 12, 30), timezones=OFFSETS)  # noqa: DTZ001
LENIENT = [
    "2026", "20260701", "202607010030", "383875200", "1e9", "1751328000.5", "2026-W27-3", "2026-07", "2026-182",
    "2026-07-01T10", "20260701T103000Z", "2026-07-01 10:30:00Z", "2026-07-01t10:30:00z", "2026-7-1", "01/07/2026",
    "2026-07-01T10:30:00+0100", "2026-07-01T10:30:00+01", "2026-07-01T10:30:60Z", "2026-07-01T24:00:00Z",
    "2026-07-01T10:30:00,5Z", "+2026-07-01", "-2026-07-01T10:30:00Z", "2026-02-30", "2026-13-01", "infinity", "P1D",
    " 2026-07-01", "2026-07-01\n",
    "2026-07-01T10:30:00+01:60", "2026-07-01T10:30:00-01:99", "2026-07-01T10:30:00+14:01", "2026-07-01T10:30:00+23:59",
    "２０２６-07-01", "٢٠٢٦-٠٧-٠١", "",
]  # fmt: skip


def accepts(adapter: TypeAdapter[Any], value: object) -> bool:
    """Tell whether a value is accepted; the JSON schema and the code agree."""
    try:
        adapter.validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        known = {"date_format", "datetime_format", "timezone_aware", "date_out_of_range", "string_type"}
        assert {each["type"] for each in error.errors()} <= known | {"approximate_format"}
        return False
    return True


@pytest.mark.parametrize("value", [*LENIENT, 1751328000, 0, 1e9, True, None, [], {}])
def test_what_is_not_written_in_full_is_refused(value: object) -> None:
    assert not accepts(DAY, value)
    assert not accepts(MOMENT, value)


@given(text=st.text() | st.integers().map(str) | st.floats().map(str) | st.from_regex(r"[0-9TZW:+.-]{4,30}"))
def test_a_text_that_is_not_the_full_form_is_refused(text: str) -> None:
    assert not accepts(DAY, text) or FULL_DAY.fullmatch(text)
    assert not accepts(MOMENT, text) or FULL_MOMENT.fullmatch(text)


@given(day=DAYS)
def test_every_full_date_is_read_as_it_is_written(day: date) -> None:
    assert DAY.validate_json(json.dumps(day.isoformat()), strict=True) == day


@given(moment=MOMENTS)
def test_every_full_time_is_read_as_it_is_written(moment: datetime) -> None:
    read = MOMENT.validate_json(json.dumps(moment.isoformat()), strict=True)
    assert (read, read.utcoffset()) == (moment, moment.utcoffset())
    assert MOMENT.validate_json(MOMENT.dump_json(read), strict=True) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-07-01T10:30Z", datetime(2026, 7, 1, 10, 30, tzinfo=UTC)),
        ("2026-07-01T10:30:15.1234567Z", datetime(2026, 7, 1, 10, 30, 15, 123456, tzinfo=UTC)),
        ("2026-07-01T10:30:15+01:00", datetime(2026, 7, 1, 9, 30, 15, tzinfo=UTC)),
    ],
)
def test_seconds_may_be_left_out_or_have_parts(text: str, moment: datetime) -> None:
    assert MOMENT.validate_python(text) == moment


@given(year=st.integers(FIRST_YEAR, LAST_YEAR), month=st.integers(1, 12))
def test_a_year_or_a_month_alone_is_approximate(year: int, month: int) -> None:
    assert accepts(APPROXIMATE, f"{year}")
    assert accepts(APPROXIMATE, f"{year}-{month:02}")


@pytest.mark.parametrize(
    "text", ["2026-00", "2026-13", "2026-7", "1700", "2101", "26", "2026-07-01", "202607", "2026\n", "٢٠٢٦", 2026]
)
def test_what_is_neither_a_year_nor_a_month_is_not_approximate(text: object) -> None:
    assert not accepts(APPROXIMATE, text)


@pytest.mark.parametrize("name", ["began_at", "ended_at"])
def test_a_time_is_either_exact_or_approximate(name: str) -> None:
    midday = datetime.combine(date(2026, 7, 1), time(12), UTC)
    with pytest.raises(ValidationError, match="either exact or approximate"):
        Occurrence.model_validate({"approximate": "2026-07", name: midday})
