"""The recommendation on a case: the rules recommend, rank and explain; a person decides (D-T3)."""

from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline_shared.language.events import RuleTrace
from pipeline_shared.language.vocabulary import Priority, SafetyLevel, SafetyReason


class RecommendedOutcome(StrEnum):
    """The outcomes that the rules may recommend: those an officer may choose, or only that a person looks."""

    RECORD = "record"
    NOT_RECORD = "not_record"
    OTHER_ROUTE = "other_route"
    LOOK = "look"


class Route(StrEnum):
    """The destinations of a case other than a record (D-T1)."""

    CRIME_DESK = "crime_desk"
    MASH = "mash"
    PREVENT = "prevent"


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """One row of the rules that a case meets."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class NearMiss:
    """One row that a case misses by a single condition."""

    id: str
    title: str
    fact: str
    wanted: str
    actual: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The advice of the rules and its reasons, and the level of the safety screen with its reasons in `raised_by`.

    In one that was stored before there were levels, any reason means NOW.
    """

    outcome: RecommendedOutcome
    route: Route | None
    priority: Priority
    why: str
    fired: MatchedRow
    also_matched: tuple[MatchedRow, ...]
    nearly: tuple[NearMiss, ...]
    table_version: str
    table_hash: str
    raised_by: tuple[SafetyReason, ...] = ()
    level: SafetyLevel | None = None

    @property
    def safety_level(self) -> SafetyLevel:
        """Return the level of the safety screen."""
        return self.level or (SafetyLevel.NOW if self.raised_by else SafetyLevel.ORDINARY)

    @property
    def trace(self) -> RuleTrace:
        """Return the part of the explanation that is sent with a record."""
        return RuleTrace(table_version=self.table_version, table_hash=self.table_hash, fired=self.fired.id)


def raised(recommendation: Recommendation, level: SafetyLevel, reasons: tuple[SafetyReason, ...]) -> Recommendation:
    """Return a recommendation, made immediate by NOW, and high by SOON unless the rules make it immediate (D-T0)."""
    priority = recommendation.priority
    match level:
        case SafetyLevel.NOW:
            priority = Priority.IMMEDIATE
        case SafetyLevel.SOON if priority is not Priority.IMMEDIATE:
            priority = Priority.HIGH
        case _:
            pass
    return replace(recommendation, priority=priority, level=level, raised_by=reasons)
