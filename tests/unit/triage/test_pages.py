"""The pages of cases, down to the HTML."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.requests import Request

import triage_service
from pipeline_shared.access.people import Role
from pipeline_shared.access.permissions import Action
from pipeline_shared.access.states import CaseState
from pipeline_shared.language.sanitised import SanitisedPerson, SanitisedSubjects
from pipeline_shared.language.vocabulary import PersonTag
from pipeline_shared.web.errors import FormError
from pipeline_shared.web.identity.sessions import Session
from pipeline_shared.web.renderer import Link, Renderer
from pipeline_shared.web.rendering import age, moment
from tests.unit.shared.web.builders import facts_of
from tests.unit.triage.builders import NOW, OFFICER, decided, verdict, waiting_case
from triage_service.cases import domain, pages
from triage_service.cases.decision import Decision, Outcome, ReasonCode
from triage_service.cases.domain import Case, CaseFile
from triage_service.cases.labels import LABELS, choices, headline
from triage_service.flags import pages as flag_pages
from triage_service.flags.domain import FLAG_LEVELS, FlagCount, FlagList
from triage_service.queue.pages import QueuePage, queue_line
from triage_service.queue.store import QueueRow
from triage_service.rules.recommendation import RecommendedOutcome, Route

PACKAGE = Path(triage_service.__file__).parent
SESSION = Session(facts_of("officer", Role.TRIAGE_SUPERVISOR), "the-token")
RENDERER = Renderer("Triage", PACKAGE, (Link("Queue", "/queue", Action.LIST_CASES),), form_targets=list)
REQUEST = Request({"type": "http", "method": "GET", "path": "/queue", "headers": [], "query_string": b""})
TODAY = NOW.date()


def html(template: str, errors: Sequence[FormError] = (), **values: Any) -> str:
    return bytes(RENDERER.render(REQUEST, template, session=SESSION, errors=errors, **values).body).decode()


def case_html(case: Case, *decisions: Decision, **values: Any) -> str:
    defaults: dict[str, Any] = {
        "page": pages.case_page(CaseFile(case, decisions), lambda person: f"name of {person}", today=TODAY),
        "form": {},
        "outcomes": choices(Outcome),
        "route_choices": choices(Route),
        "reason_codes": choices(ReasonCode),
    }
    return html("cases/case.html", **{**defaults, **values})


def test_every_outcome_route_reason_and_state_has_a_label() -> None:
    for values in (Outcome, Route, ReasonCode, CaseState, RecommendedOutcome):
        assert all(value in LABELS for value in values)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "less than a minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=23, minutes=59), "23 hours"),
        (timedelta(days=2, hours=5), "2 days"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(passed: timedelta, words: str) -> None:
    assert age(passed) == words


@pytest.mark.parametrize(
    ("edge", "shown"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), "1 January 1, 00:00\u00a0UTC"),
        (
            datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12))),
            "31 December 9999, 23:59\u00a0UTC-12:00",
        ),
    ],
)
def test_a_time_at_the_edge_of_the_calendar_is_shown_all_the_same(edge: datetime, shown: str) -> None:
    assert moment(edge) == shown


def test_what_people_wrote_is_escaped_and_isolated() -> None:
    person = SanitisedPerson(name="<b>Sean</b>", tags=(PersonTag.SUSPECT,), date_of_birth=date(1990, 5, 4))
    page = case_html(
        waiting_case(narrative="<script>alert(1)</script> \u202elive", subjects=SanitisedSubjects(people=(person,)))
    )
    assert "<script>alert" not in page
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt; \u202elive</bdi>" in page
    assert "<bdi>&lt;b&gt;Sean&lt;/b&gt;</bdi>" in page
    assert "4 May 1990" in page


def test_a_waiting_case_shows_the_form_with_its_token_and_version() -> None:
    page = case_html(waiting_case())
    assert 'name="csrf" value="the-token"' in page
    assert 'name="version" value="1"' in page
    assert {"record", "not_record", "other_route"} <= set(
        re.findall(r'name="outcome" type="radio" value="(\w+)"', page)
    )


def test_what_was_typed_is_still_there_when_something_is_missing() -> None:
    page = case_html(
        waiting_case(),
        form={"version": "1", "outcome": "other_route", "reason": "A child <is> at risk"},
        errors=[FormError("route", "Choose where this case goes")],
    )
    assert "<title>Error: " in page
    assert 'href="#route"' in page
    assert 'id="route"' in page
    assert "A child &lt;is&gt; at risk</textarea>" in page
    assert re.search(r'value="other_route" checked', page)


def test_a_decided_case_shows_the_decision_instead_of_the_form() -> None:
    made = verdict(Outcome.NOT_RECORD, reason_code=ReasonCode.NOT_TIMELY, reason="Ten years old")
    case, decision, _ = decided(waiting_case(), made)
    page = case_html(case, decision)
    assert 'name="outcome"' not in page
    assert "Do not record: it is out of date" in page
    assert "25 December 2026" in page
    assert f"name of {OFFICER}" in page


def test_a_transferred_case_shows_the_police_reference() -> None:
    recorded, decision, _ = decided(waiting_case(), verdict())
    case, _ = domain.confirm_transfer(recorded, "NR-2026-1", event_id=recorded.case_id, now=NOW)
    page = case_html(case, decision)
    assert 'data-police-reference="NR-2026-1"' in page
    assert "Held by the police records system" in page


def test_the_page_says_why_the_rules_recommend_what_they_do() -> None:
    case = waiting_case()
    page = case_html(case)
    assert case.recommendation.fired.title in page
    assert all(miss.title in page for miss in case.recommendation.nearly)
    assert f'data-recommended="{case.recommendation.outcome}"' in page


def test_the_officer_who_comes_second_sees_the_first_decision_and_their_own_words() -> None:
    case, decision, _ = decided(waiting_case(), verdict(reason="First"))
    page = html(
        "cases/stale.html",
        page=pages.case_page(CaseFile(case, (decision,)), str, today=TODAY),
        form={"reason": "Second"},
    )
    assert "First" in page
    assert "Second" in page
    assert "was not saved" in page


def no_flags() -> flag_pages.FlagsPage:
    return flag_pages.flags_page(FlagList([], dict.fromkeys(FLAG_LEVELS, FlagCount())), now=NOW, name_of=str)


def a_row(
    headline: str = "A car", *, level: str = "ordinary", recommended: str = "record", route: str = ""
) -> QueueRow:
    return QueueRow(
        case_id=UUID(int=7),
        version=1,
        headline=headline,
        category="drugs",
        priority="high",
        level=level,
        recommended=recommended,
        route=route,
        state="waiting",
        received_on=TODAY,
        police_reference=None,
        decided_at=None,
        decided_by=None,
    )


@pytest.mark.parametrize(("level", "tag"), [("now", "Look now"), ("soon", "Look soon"), ("ordinary", "")])
def test_a_line_of_the_queue_says_how_urgent_the_safety_screen_finds_it(level: str, tag: str) -> None:
    line = queue_line(a_row(level=level), today=TODAY, name_of=str)
    queue = QueuePage([line], is_waiting=True, counts={"waiting": 1, "decided": 0}, number=1, last=1)
    page = html("queue/queue.html", queue=queue, flags=no_flags())
    assert re.findall(r"pipeline-level\">([^<]+)<", page) == ([tag] if tag else [])


def test_the_queue_links_to_each_case_and_pages_on() -> None:
    row = QueueRow(
        UUID(int=7), 1, "A <car>", "drugs", "high", "ordinary", "record", None, "waiting", TODAY, None, None, None
    )
    line = queue_line(row, today=TODAY + timedelta(days=3), name_of=str)
    queue = QueuePage([line], is_waiting=True, counts={"waiting": 60, "decided": 0}, number=2, last=3)
    page = html("queue/queue.html", queue=queue, flags=no_flags())
    assert f'href="/cases/{UUID(int=7)}"' in page
    assert "A &lt;car&gt;" in page
    assert "3 days" in page
    assert 'href="/queue?state=waiting&amp;page=3"' in page


def test_every_page_carries_the_marking_and_the_way_to_the_content() -> None:
    for page in (case_html(waiting_case()), html("error.html", title="Page not found", text="Check the address.")):
        assert page.count('class="pipeline-marking">OFFICIAL') == 2
        assert 'href="#main-content"' in page
        assert 'id="main-content"' in page
        assert "Sign out" in page


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("Wages kept", "Wages kept"),
        ("A short text.…", "A short text."),
        ("word " * 18 + "…", "word " * 17 + "word…"),
        ("a " * 44 + "ha…", "a " * 43 + "a…"),
        ("x" * 90 + "…", "x" * 90 + "…"),
    ],
)
def test_a_text_that_stands_for_a_title_ends_with_a_whole_word(stored: str, shown: str) -> None:
    assert headline(stored) == shown


def test_a_recommendation_of_another_route_says_which_in_the_queue() -> None:
    row = QueueRow(
        UUID(int=7), 1, "A car", "drugs", "high", "ordinary", "other_route", "mash", "waiting", TODAY, None, None, None
    )
    line = queue_line(row, today=TODAY, name_of=str)
    assert line.recommended == "Pass to another route: Safeguarding hub (MASH)"
