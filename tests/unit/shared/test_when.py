"""The precision of a time that goes onward: by policy the day and its part in local time, or less."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline_shared.language.content import Occurrence
from pipeline_shared.language.events import SubmissionSanitised
from pipeline_shared.language.local_time import LOCAL_TIME, day_of, start_of_day
from pipeline_shared.language.when import POLICY, PartOfDay, Precision, When, times_of, when_of
from pipeline_shared.web.rendering import when as words
from tests.support.building import submission_sanitised

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("moment", "day", "part"),
    [
        ("2026-07-01T15:23:40Z", 1, PartOfDay.AFTERNOON),
        ("2026-06-30T23:30:00Z", 1, PartOfDay.NIGHT),  # 00:30 in summer time
        ("2026-01-31T23:30:00Z", 31, PartOfDay.EVENING),
        ("2026-07-01T04:59:59Z", 1, PartOfDay.NIGHT),
        ("2026-07-01T05:00:00Z", 1, PartOfDay.MORNING),
        ("2026-07-01T11:00:00+00:00", 1, PartOfDay.AFTERNOON),
        ("2026-07-01T17:00:00Z", 1, PartOfDay.EVENING),
        ("2026-10-25T00:59:00Z", 25, PartOfDay.NIGHT),  # the hour that comes twice
    ],
)
def test_a_day_and_its_part_are_those_of_this_country(moment: str, day: int, part: PartOfDay) -> None:
    when = when_of(datetime.fromisoformat(moment))
    assert (when.day, when.part) == (day, part)


@given(moment=MOMENTS)
def test_by_policy_no_time_of_the_clock_goes_onward(moment: datetime) -> None:
    began, ended = times_of(Occurrence(began_at=moment, ended_at=moment))
    assert began == ended
    assert began
    assert began.exact is None
    assert began.part is list(PartOfDay)[moment.astimezone(LOCAL_TIME).hour // 6]


@given(moment=MOMENTS)
def test_each_choice_says_less_than_the_one_before(moment: datetime) -> None:
    exact = when_of(moment)
    said = [exact.no_more_exact_than(precision) for precision in Precision]
    known = [{} if one is None else one.model_dump(exclude_none=True) for one in said]
    assert all(less.items() < more.items() for more, less in pairwise(known))
    assert said[0] == exact
    assert said[-1] is None


def test_an_approximate_time_stays_as_it_was_given_or_is_left_out() -> None:
    for text, when in (("2026", When(year=2026)), ("2026-07", When(year=2026, month=7))):
        occurrence = Occurrence(approximate=text)
        assert times_of(occurrence) == times_of(occurrence, Precision.EXACT) == (when, None)
        assert when.iso_date == text
        assert times_of(occurrence, Precision.LEFT_OUT) == (None, None)


@pytest.mark.parametrize("gap", [{"day": 1}, {"month": 7, "part": "night"}, {"exact": "2026-07-01T10:30:00Z"}])
def test_a_time_has_no_gap(gap: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        When.model_validate({"year": 2026} | gap)


def test_an_exact_time_goes_onward_only_when_a_person_has_let_it_stand() -> None:
    event = submission_sanitised()
    exact = when_of(datetime(2026, 7, 1, 15, 23, tzinfo=UTC))
    content = event.content.model_copy(
        update={"occurrence": event.content.occurrence.model_copy(update={"began": exact})}
    )
    fields: dict[str, Any] = dict(event) | {"content": content}
    with pytest.raises(ValidationError, match="let it stand"):
        SubmissionSanitised.model_validate(fields)
    assert SubmissionSanitised.model_validate(fields | {"released_by_person": True}).content.has_exact_time


def test_a_time_is_read_as_exactly_as_it_is_known() -> None:
    exact = when_of(datetime(2026, 7, 1, 15, 23, tzinfo=UTC))
    read = [words(one) for precision in Precision if (one := exact.no_more_exact_than(precision))]
    assert read == ["1 July 2026, 16:23\u00a0BST", "1 July 2026, afternoon", "1 July 2026", "July 2026"]
    assert words(When(year=2026)) == "2026"
    assert POLICY is Precision.PART_OF_DAY


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "2026-07-01"),
        (datetime(2026, 7, 1, 22, 59, 59, tzinfo=UTC), "2026-07-01"),
        (datetime(2026, 7, 1, 23, 0, tzinfo=UTC), "2026-07-02"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "2026-12-31"),
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "2026-03-29"),
    ],
)
def test_a_day_is_the_local_day(moment: datetime, day: str) -> None:
    assert day_of(moment).isoformat() == day
    assert start_of_day(moment) <= moment < start_of_day(moment) + timedelta(hours=25)
    assert start_of_day(moment).strftime("%H:%M:%S") == "00:00:00"
