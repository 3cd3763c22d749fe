"""The proportionality rules: a decision table that recommends, ranks and says why (D-T1, D-T2, D-T3).

The first row whose conditions all hold gives the recommendation. A table is refused unless it can be trusted: no
unknown fact or value, no duplicate id, no row that can never fire, and a last row without conditions where a person
looks.
"""

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline_shared.language.vocabulary import Priority
from triage_service.cases.domain import MatchedRow, NearMiss, Recommendation, RecommendedOutcome, Route
from triage_service.rules.coverage import find_box_left_over
from triage_service.rules.facts import FACTS, Choice, Count, Facts

RULES_FILE = Path(__file__).parent / "rules.yaml"


class RuleTableError(Exception):
    """The table cannot be trusted; says where and why."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")


class _Interval(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    at_least: Annotated[int, Field(ge=0)] = 0
    at_most: Annotated[int, Field(ge=0)] | None = None


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]{1,31}$")]
    title: Annotated[str, Field(min_length=1)]
    when: dict[str, str | list[str] | _Interval] = {}
    outcome: RecommendedOutcome
    route: Route | None = None
    priority: Priority
    why: Annotated[str, Field(min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, Field(min_length=1)]
    rows: Annotated[list[_Row], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class OneOf:
    """A choice must be one of these values."""

    values: frozenset[str]

    def holds(self, value: str | int) -> bool:
        """Tell whether a fact's value meets this condition."""
        return value in self.values

    def __str__(self) -> str:
        """Return the condition as an officer reads it."""
        return " or ".join(sorted(wording(value) for value in self.values))


@dataclass(frozen=True, slots=True)
class Between:
    """A count must lie between these numbers, both included."""

    least: int
    most: int | None

    def holds(self, value: str | int) -> bool:
        """Tell whether a fact's value meets this condition."""
        return isinstance(value, int) and self.least <= value and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        """Return the condition as an officer reads it."""
        if self.most is None:
            return f"{self.least} or more"
        return f"{self.least} to {self.most}" if self.least else f"at most {self.most}"


Condition = OneOf | Between


@dataclass(frozen=True, slots=True)
class Row:
    """One row: all its conditions must hold."""

    id: str
    title: str
    when: Mapping[str, Condition]
    outcome: RecommendedOutcome
    route: Route | None
    priority: Priority
    why: str

    def unmet(self, facts: Facts) -> list[str]:
        """Return the facts whose conditions do not hold."""
        return [fact for fact, condition in self.when.items() if not condition.holds(facts[fact])]


@dataclass(frozen=True, slots=True)
class RuleTable:
    """A checked table; `hash` is the SHA-256 of the file it was read from."""

    version: str
    hash: str
    rows: tuple[Row, ...]

    def recommend(self, facts: Facts) -> Recommendation:
        """Return the first row's advice, with the rows that also match and those that miss by one condition."""
        unmet = [(row, row.unmet(facts)) for row in self.rows]
        matched = [row for row, missing in unmet if not missing]
        fired = matched[0]
        return Recommendation(
            outcome=fired.outcome,
            route=fired.route,
            priority=fired.priority,
            why=fired.why,
            fired=MatchedRow(fired.id, fired.title),
            also_matched=tuple(MatchedRow(row.id, row.title) for row in matched[1:] if row.when),
            nearly=tuple(_near_miss(row, missing[0], facts) for row, missing in unmet if _is_near(row, missing)),
            table_version=self.version,
            table_hash=self.hash,
        )


def _is_near(row: Row, missing: Sequence[str]) -> bool:
    # A row of one condition would be a near miss of every case that does not meet it: that says nothing.
    return len(missing) == 1 and len(row.when) > 1


def _near_miss(row: Row, fact: str, facts: Facts) -> NearMiss:
    return NearMiss(row.id, row.title, FACTS[fact].label, wanted=str(row.when[fact]), actual=wording(facts[fact]))


def wording(value: str | int) -> str:
    """Return a value as an officer reads it."""
    return str(value).replace("_", " ")


def load_rules(path: Path = RULES_FILE) -> RuleTable:
    """Read and check the table; raise RuleTableError."""
    return parse_rules(path.read_bytes())


def parse_rules(source: bytes) -> RuleTable:
    """Return the table that a YAML text holds; raise RuleTableError unless it can be trusted."""
    try:
        table = _Table.model_validate(yaml.load(source, Loader=_StrictLoader))  # noqa: S506 - makes strings, lists, maps only
    except ValidationError as error:
        first = error.errors()[0]
        raise RuleTableError(_place(first["loc"], source), first["msg"]) from None
    except yaml.YAMLError as error:
        raise RuleTableError("not readable as YAML", str(error)) from None
    rows = tuple(_checked_row(row) for row in table.rows)
    _check_ids(rows)
    _check_last(rows[-1])
    _check_reachable(rows)
    return RuleTable(table.version, hashlib.sha256(source).hexdigest(), rows)


class _StrictLoader(yaml.BaseLoader):
    """Every scalar stays text (`no` is the answer no, not False), and a key given twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - its signature
        """Return the mapping; raise when a key comes twice."""
        keys = [key.value for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "the same key twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _place(location: Sequence[int | str], source: bytes) -> str:
    where = ".".join(str(part) for part in location)
    if location[:1] == ("rows",) and len(location) > 1 and isinstance(location[1], int):
        row = yaml.load(source, Loader=_StrictLoader)["rows"][location[1]]  # noqa: S506
        where = f"{row.get('id', location[1] + 1)}, {'.'.join(str(part) for part in location[2:])}"
    return where


def _checked_row(row: _Row) -> Row:
    if (row.route is not None) != (row.outcome is RecommendedOutcome.OTHER_ROUTE):
        raise RuleTableError(row.id, "the outcome other_route, and no other, names a route")
    when = {fact: _condition(row.id, fact, given) for fact, given in row.when.items()}
    return Row(row.id, row.title, when, row.outcome, row.route, row.priority, row.why)


def _condition(row_id: str, name: str, given: str | list[str] | _Interval) -> Condition:
    fact = FACTS.get(name)
    match fact, given:
        case None, _:
            raise RuleTableError(row_id, f"unknown fact {name!r}; known are {', '.join(FACTS)}")
        case Count(), _Interval():
            if given.at_most is not None and given.at_most < given.at_least:
                raise RuleTableError(row_id, f"{name} cannot be at least {given.at_least} and at most {given.at_most}")
            return Between(given.at_least, given.at_most)
        case Choice(values=known), str() | list():
            return _one_of(row_id, name, [given] if isinstance(given, str) else given, known=known)
        case _:
            raise RuleTableError(
                row_id, f"{name} needs {'a value' if isinstance(fact, Choice) else 'at_least or at_most'}"
            )


def _one_of(row_id: str, name: str, values: Sequence[str], *, known: Sequence[str]) -> OneOf:
    unknown = [value for value in values if value not in known]
    if unknown or not values:
        raise RuleTableError(row_id, f"unknown value {unknown} of {name}; known are {', '.join(known)}")
    return OneOf(frozenset(values))


def _check_ids(rows: Sequence[Row]) -> None:
    ids = [row.id for row in rows]
    twice = {row_id for row_id in ids if ids.count(row_id) > 1}
    if twice:
        raise RuleTableError(", ".join(sorted(twice)), "id used more than once")


def _check_last(last: Row) -> None:
    if last.when or last.outcome is not RecommendedOutcome.LOOK:
        raise RuleTableError(last.id, "the last row must have no conditions and the outcome look: a person looks")


def _check_reachable(rows: Sequence[Row]) -> None:
    boxes = _boxes(rows)
    for index, row in enumerate(rows):
        if find_box_left_over(boxes[index], boxes[:index]) is None:
            earlier = [rows[i].id for i in range(index) if find_box_left_over(boxes[index], [boxes[i]]) is None]
            by = f"row {earlier[0]}" if earlier else "the rows above it together"
            raise RuleTableError(row.id, f"can never fire, because {by} takes every case that it would match")


def _boxes(rows: Sequence[Row]) -> list[dict[str, frozenset[str | int]]]:
    """Return what each row takes, as sets over values that stand for all values."""
    values = {name: frozenset[str | int](_representatives(name, rows)) for name in FACTS}
    return [
        {name: frozenset(v for v in values[name] if name not in row.when or row.when[name].holds(v)) for name in FACTS}
        for row in rows
    ]


def _representatives(name: str, rows: Sequence[Row]) -> Sequence[str | int]:
    """Return a choice's values, or of a count the lowest number of each stretch that no condition tells apart."""
    fact = FACTS[name]
    if isinstance(fact, Choice):
        return fact.values
    asked = [row.when[name] for row in rows if name in row.when]
    starts = {0}
    for condition in asked:
        if isinstance(condition, Between):
            starts |= {condition.least} | ({condition.most + 1} if condition.most is not None else set())
    return sorted(starts)
