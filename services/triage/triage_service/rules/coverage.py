"""Finds cases that no rule covers. The answer is exact.

A box holds, for each fact, the values that a row accepts. One box minus another leaves at most one piece per fact. The
search is depth-first and stops at the first piece that no earlier box covers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage_service.rules.domain import Between, Row
from triage_service.rules.facts import FACTS, Choice

Box = Mapping[str, frozenset[str | int]]


@dataclass(frozen=True, slots=True)
class UnreachableRow:
    """A row that can never fire. `taken_by` is the earlier row that covers all its cases, if a single one does."""

    id: str
    taken_by: str | None


def find_unreachable(rows: Sequence[Row]) -> UnreachableRow | None:
    """Return the first row that earlier rows cover completely, or None when every row can fire."""
    boxes = _boxes(rows)
    for index, row in enumerate(rows):
        if _find_left_over(boxes[index], boxes[:index]) is None:
            alone = (rows[i].id for i in range(index) if _find_left_over(boxes[index], [boxes[i]]) is None)
            return UnreachableRow(row.id, next(alone, None))
    return None


def _find_left_over(box: Box, taken: Sequence[Box]) -> Box | None:
    """Return a part of `box` outside all of `taken`, or None when they cover it completely."""
    if not taken:
        return box
    for piece in _cut(box, taken[0]):
        left_over = _find_left_over(piece, taken[1:])
        if left_over is not None:
            return left_over
    return None


def _cut(box: Box, other: Box) -> list[Box]:
    """Return disjoint boxes that together are `box` without `other`."""
    if any(not values & other[fact] for fact, values in box.items()):
        return [box]
    pieces: list[Box] = []
    rest = dict(box)
    for fact, values in box.items():
        outside = values - other[fact]
        if outside:
            pieces.append({**rest, fact: outside})
            rest[fact] = values & other[fact]
    return pieces


def _boxes(rows: Sequence[Row]) -> list[Box]:
    """Return the box of each row, in representative values."""
    values = {name: frozenset[str | int](_representatives(name, rows)) for name in FACTS}
    return [
        {name: frozenset(v for v in values[name] if name not in row.when or row.when[name].holds(v)) for name in FACTS}
        for row in rows
    ]


def _representatives(name: str, rows: Sequence[Row]) -> Sequence[str | int]:
    """Return the values of a choice, or the lowest number of each range that the conditions do not divide."""
    fact = FACTS[name]
    if isinstance(fact, Choice):
        return fact.values
    asked = [row.when[name] for row in rows if name in row.when]
    starts = {0}
    for condition in asked:
        if isinstance(condition, Between):
            starts |= {condition.least} | ({condition.most + 1} if condition.most is not None else set())
    return sorted(starts)
