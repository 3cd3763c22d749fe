"""The decision table: its recommendations, its explanations, and the tables that it refuses."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_shared.language.vocabulary import Answer, Category
from tests.unit.triage.builders import facts
from triage_service.rules.domain import OneOf
from triage_service.rules.facts import FACTS, Choice, Facts, YesNo
from triage_service.rules.recommendation import RecommendedOutcome, Route
from triage_service.rules.table_file import RULES_FILE, RuleTableError, load_rules, parse_rules

LAST = {"id": "LOOK", "title": "A person looks", "outcome": "look", "priority": "routine", "why": "Nothing fits"}
TABLE = load_rules()

any_facts = st.fixed_dictionaries(
    {
        name: st.sampled_from(fact.values) if isinstance(fact, Choice) else st.integers(0, 500)
        for name, fact in FACTS.items()
    }
)


def row_text(**row: object) -> str:
    return "  - {" + ", ".join(f"{key}: {value}" for key, value in row.items()) + "}\n"


def table_text(*rows: dict[str, object]) -> bytes:
    return ("version: t\nrows:\n" + "".join(row_text(**row) for row in (*rows, LAST))).encode()


def record_row(row_id: str, when: str) -> dict[str, object]:
    return {"id": row_id, "title": row_id, "when": when, "outcome": "record", "priority": "high", "why": "Because"}


@st.composite
def random_when(draw: st.DrawFn) -> str:
    names = draw(
        st.lists(st.sampled_from(["category", "weapon", "suspect", "people"]), min_size=1, max_size=3, unique=True)
    )
    parts: list[str] = []
    for name in names:
        fact = FACTS[name]
        if isinstance(fact, Choice):
            most = min(3, len(fact.values) - 1)  # a list of all values would be no condition
            values = draw(st.lists(st.sampled_from(fact.values[:3]), min_size=1, max_size=most, unique=True))
            parts.append(f"{name}: [{', '.join(values)}]")
        else:
            least = draw(st.integers(0, 3))
            parts.append(f"{name}: {{at_least: {least}, at_most: {least + draw(st.integers(0, 2))}}}")
    return "{" + ", ".join(parts) + "}"


@given(any_facts)
def test_the_first_row_whose_conditions_all_hold_gives_the_recommendation(case: Facts) -> None:
    advice = TABLE.recommend(case)
    holding = [row for row in TABLE.rows if all(c.holds(case[name]) for name, c in row.when.items())]
    assert advice.fired.id == holding[0].id
    assert (advice.outcome, advice.priority, advice.route) == (
        holding[0].outcome,
        holding[0].priority,
        holding[0].route,
    )
    assert [row.id for row in advice.also_matched] == [row.id for row in holding[1:] if row.when]


@given(any_facts)
def test_a_near_miss_fails_exactly_the_condition_it_names(case: Facts) -> None:
    rows = {row.id: row for row in TABLE.rows}
    for miss in TABLE.recommend(case).nearly:
        failing = [name for name, condition in rows[miss.id].when.items() if not condition.holds(case[name])]
        assert [FACTS[name].label for name in failing] == [miss.fact]
        assert miss.actual == str(case[failing[0]]).replace("_", " ")


@given(any_facts)
def test_no_row_both_matches_and_nearly_matches(case: Facts) -> None:
    advice = TABLE.recommend(case)
    matched = {advice.fired.id, *(row.id for row in advice.also_matched)}
    assert not matched & {miss.id for miss in advice.nearly}


# All cases that the conditions of `random_when` can distinguish.
SMALL_WORLD = [
    {"category": category, "weapon": weapon, "suspect": suspect, "people": people}
    for category in Category
    for weapon in Answer
    for suspect in YesNo
    for people in range(7)
]


@settings(max_examples=60, deadline=None)
@given(st.lists(random_when(), min_size=1, max_size=4))
def test_a_table_is_refused_as_unreachable_exactly_when_no_case_fires_some_row(whens: list[str]) -> None:
    rows = [record_row(f"ROW-{n}", when) for n, when in enumerate(whens)]
    conditions = [parse_rules(table_text(row)).rows[0].when for row in rows] + [{}]
    fired = {
        next(n for n, when in enumerate(conditions) if all(c.holds(case[name]) for name, c in when.items()))
        for case in SMALL_WORLD
    }
    dead = [n for n in range(len(conditions)) if n not in fired]
    if not dead:
        parse_rules(table_text(*rows))
        return
    with pytest.raises(RuleTableError) as refusal:
        parse_rules(table_text(*rows))
    name = f"ROW-{dead[0]}" if dead[0] < len(rows) else "LOOK"
    assert str(refusal.value).startswith(f"{name}: can never fire")


def test_the_shipped_table_carries_its_version_and_the_hash_of_its_file() -> None:
    advice = TABLE.recommend(facts())
    assert advice.table_hash == hashlib.sha256(RULES_FILE.read_bytes()).hexdigest()
    assert advice.table_version == TABLE.version


def test_when_no_row_fits_a_person_looks() -> None:
    advice = TABLE.recommend(facts(category="other"))
    assert advice.outcome is RecommendedOutcome.LOOK
    assert advice.also_matched == ()


@pytest.mark.parametrize(
    ("case", "row", "route"),
    [
        ({"category": "terrorism"}, "TERROR", Route.PREVENT),
        ({"category": "terrorism", "immediate_danger": "yes", "subjects": 3}, "TERROR-NOW", Route.PREVENT),
        ({"missing_person": "yes", "child_at_risk": "yes"}, "MISSING-CHILD", Route.MASH),
        ({"category": "domestic_abuse", "adult_at_risk": "yes"}, "ADULT-SAFEGUARDING", Route.MASH),
        ({"category": "theft_and_fraud", "victim": "yes"}, "VICTIM-KNOWN", Route.CRIME_DESK),
        ({"category": "drugs", "subjects": 2}, "DRUGS-SUPPLY", None),
        ({"category": "other", "known_how": "do_not_know", "narrative_length": 400}, "RUMOUR", None),
        ({"category": "antisocial_behaviour"}, "NUISANCE", None),
    ],
)
def test_the_shipped_table_routes_as_the_domain_rules_say(
    case: dict[str, str | int], row: str, route: Route | None
) -> None:
    advice = TABLE.recommend(facts(**case))
    assert (advice.fired.id, advice.route) == (row, route)


def test_an_answer_no_in_the_file_means_no_and_not_false() -> None:
    table = parse_rules(table_text(record_row("NO-WEAPON", "{weapon: no, people: {at_least: 1}}")))
    assert table.rows[0].when["weapon"] == OneOf(frozenset({"no"}))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([record_row("R1", "{colour: red}")], "R1: unknown fact 'colour'"),
        ([record_row("R1", "{category: drug}")], "R1: unknown value ['drug'] of category"),
        ([record_row("R1", "{category: []}")], "R1: unknown value"),
        ([record_row("R1", "{people: many}")], "R1: people needs at_least or at_most"),
        ([record_row("R1", "{category: {at_least: 1}}")], "R1: category needs a value"),
        ([record_row("R1", "{people: {at_least: 3, at_most: 2}}")], "R1: people cannot be"),
        ([record_row("R1", "{people: {more_than: 3}}")], "R1, when.people"),
        ([record_row("R1", "{weapon: yes, weapon: no}")], "the same key twice"),
        ([record_row("R1", "{weapon: yes}"), record_row("R1", "{weapon: no}")], "R1: id used more than once"),
        ([{**record_row("R1", "{weapon: yes}"), "route": "mash"}], "R1: the outcome other_route, and no other"),
        (
            [{**record_row("R1", "{weapon: yes}"), "outcome": "other_route"}],
            "R1: the outcome other_route, and no other",
        ),
        ([{**record_row("R1", "{weapon: yes}"), "outcome": "maybe"}], "R1, outcome"),
        ([{**record_row("R1", "{weapon: yes}"), "colour": "red"}], "R1, colour"),
        ([record_row("R1", "{}")], "LOOK: can never fire, because row R1 takes every case"),
        (
            [record_row("R1", "{people: {at_least: 2}}"), record_row("R2", "{people: {at_least: 3}, weapon: yes}")],
            "R2: can never fire, because row R1",
        ),
        (
            [
                record_row("R1", "{people: {at_least: 2}}"),
                record_row("R2", "{people: {at_most: 1}, weapon: [yes, no]}"),
                record_row("R3", "{weapon: no}"),
            ],
            "R3: can never fire, because the rows above it together",
        ),
    ],
)
def test_a_table_that_cannot_be_trusted_is_refused_with_the_row_and_the_reason(
    rows: list[dict[str, object]], message: str
) -> None:
    with pytest.raises(RuleTableError) as refusal:
        parse_rules(table_text(*rows))
    assert message in str(refusal.value)


def test_a_table_without_a_last_row_for_a_person_is_refused() -> None:
    with pytest.raises(RuleTableError, match="a person looks"):
        parse_rules(("version: t\nrows:\n" + row_text(**record_row("R1", "{weapon: yes}"))).encode())


@pytest.mark.parametrize("text", [b"", b"rows: []", b"version: t\nrows: []", b"\x00", b"[1, 2]", b"version: {"])
def test_what_is_no_table_at_all_is_refused(text: bytes) -> None:
    with pytest.raises(RuleTableError):
        parse_rules(text)
