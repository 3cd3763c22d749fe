"""Which cases a set of rules leaves over: exact, by cutting boxes out of a box.

A box names for each fact the values it takes. Cutting one box out of another leaves at most one piece per fact; the
search goes depth first and stops at the first piece that no earlier box takes.
"""

from collections.abc import Mapping, Sequence

Box = Mapping[str, frozenset[str | int]]


def find_box_left_over(box: Box, taken: Sequence[Box]) -> Box | None:
    """Return a part of `box` that none of `taken` reaches into, or None when they cover it all."""
    if not taken:
        return box
    for piece in _cut(box, taken[0]):
        find_leaks = find_box_left_over(piece, taken[1:])
        if find_leaks is not None:
            return find_leaks
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
