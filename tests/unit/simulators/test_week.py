"""The week that the demonstration sends: intake accepts every submission, nobody in it can be reached, few are HIGH."""

import re
from collections import Counter
from itertools import islice

import orjson
import pytest

from intake_service.submissions.reading import read_submission
from pipeline_shared.language.restricted import Agency, SourceKind
from pipeline_simulators.fiction.week import FILE, PARTNERS, PartnersReport, week_of_reports

WEEK = list(week_of_reports(200))
TEXT = FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("report", WEEK, ids=lambda report: report.form["narrative"][:30])
def test_intake_accepts_it_and_knows_its_agency(report: PartnersReport) -> None:
    assert read_submission(orjson.dumps(report.form)).narrative == report.form["narrative"]
    assert Agency(name=report.agency, category=PARTNERS[report.agency])


def test_the_week_is_always_the_same_has_200_texts_and_begins_again() -> None:
    assert len({report.form["narrative"] for report in WEEK}) == len(WEEK) == 200
    assert list(islice(week_of_reports(450), 200, 400)) == WEEK


def test_few_are_high_and_they_are_spread_over_the_week() -> None:
    high = [number for number, report in enumerate(WEEK) if report.high]
    assert 6 <= len(high) <= 8
    assert min(high) < 50
    assert max(high) > 150


def test_most_come_from_somebody_else_and_every_agency_sends_some() -> None:
    kinds = Counter(report.form["source"]["kind"] for report in WEEK)
    assert kinds[SourceKind.PERSON] > kinds[SourceKind.OWN_OBSERVATION]
    assert {report.agency for report in WEEK} == PARTNERS.keys()


def test_only_who_is_high_is_in_immediate_danger_by_the_form() -> None:
    assert all(report.high for report in WEEK if report.form["risk"]["immediate_danger"] == "yes")


def test_what_a_form_says_of_a_vehicle_or_a_phone_is_in_its_text() -> None:
    for report in WEEK:
        said = re.sub(r"\W", "", report.form["narrative"]).casefold()
        subjects = report.form.get("subjects", {})
        values = [row.get("registration", "") for row in subjects.get("vehicles", ())]
        values += [row["number"] for row in subjects.get("phones", ())]
        assert all(re.sub(r"\W", "", value).casefold() in said for value in values), report.form["narrative"]


def test_nobody_can_be_reached() -> None:
    assert set(re.findall(r"\b07\d{3} \d{3}", TEXT)) == {"07700 900"}
    assert set(re.findall(r"\b01\d{3} \d{3}", TEXT)) == {"01632 960"}
    assert set(re.findall(r"\b020 \d{4} \d", TEXT)) == {"020 7946 0"}
    hosts = set(re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", TEXT))
    assert all(host.endswith(("example.org", "example.net", "example.com")) for host in hosts)
