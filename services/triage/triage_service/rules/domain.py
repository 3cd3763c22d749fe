"""The proportionality rules: a decision table that recommends, ranks and gives reasons (D-T1, D-T2, D-T3).

The first row with all conditions met gives the recommendation. `table_file.py` reads a table and refuses an invalid
one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline_shared.language.vocabulary import Priority
from triage_service.rules.facts import FACTS, Facts
from triage_service.rules.recommendation import MatchedRow, NearMiss, Recommendation, RecommendedOutcome, Route


@dataclass(frozen=True, slots=True)
class OneOf:
    """A choice must be one of these values."""

    values: frozenset[str]

    def holds(self, value: str | int) -> bool:
        """Tell whether a fact's value meets this condition."""
        return value in self.values

    def __str__(self) -> str:
        """Return the condition in words for an officer."""
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
        """Return the condition in words for an officer."""
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
    """A checked table. `hash` is the SHA-256 of its file."""

    version: str
    hash: str
    rows: tuple[Row, ...]

    def recommend(self, facts: Facts) -> Recommendation:
        """Return the advice of the first row that matches, with all other matching rows and near misses."""
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
    # Without this, a row of one condition would be a near miss of every case that does not meet it.
    return len(missing) == 1 and len(row.when) > 1


def _near_miss(row: Row, fact: str, facts: Facts) -> NearMiss:
    return NearMiss(row.id, row.title, FACTS[fact].label, wanted=str(row.when[fact]), actual=wording(facts[fact]))


def wording(value: str | int) -> str:
    """Return a value in words for an officer."""
    return str(value).replace("_", " ")
