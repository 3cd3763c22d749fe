"""Reads and checks a YAML file of rules.

A table is refused for an unknown fact or value, an id used twice, a row that can never fire, or a last row that is not
"a person looks".
"""

import hashlib
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline_shared.language.vocabulary import Priority
from triage_service.rules.coverage import find_unreachable
from triage_service.rules.domain import Between, Condition, OneOf, Row, RuleTable
from triage_service.rules.facts import FACTS, Choice, Count
from triage_service.rules.recommendation import RecommendedOutcome, Route

RULES_FILE = Path(__file__).parent / "rules.yaml"


class RuleTableError(Exception):
    """The table is invalid; the message gives the place and the problem."""

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


def load_rules(path: Path = RULES_FILE) -> RuleTable:
    """Read and check the table; raise RuleTableError."""
    return parse_rules(path.read_bytes())


def parse_rules(source: bytes) -> RuleTable:
    """Return the table in a YAML text; raise RuleTableError when it is invalid."""
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
    """Reads every scalar as text (`no` is the answer no, not False), and refuses a repeated key."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - its signature
        """Return the mapping; raise when a key is repeated."""
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
    unreachable = find_unreachable(rows)
    if unreachable:
        by = f"row {unreachable.taken_by}" if unreachable.taken_by else "the rows above it together"
        raise RuleTableError(unreachable.id, f"can never fire, because {by} takes every case that it would match")
