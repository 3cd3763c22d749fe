"""The labelled texts of the safety screen (tests/evaluation/SAFETY.md): their labels and their authors."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OWN, OTHERS = "safety.jsonl", "safety_others.jsonl"
SHORT_AND_MIXED, HELD_OUT = "safety_short_mixed.jsonl", "safety_held_out.jsonl"
TERSE, TERSE_HELD_OUT = "safety_terse.jsonl", "safety_terse_held_out.jsonl"
TERSE_NOTES, NEAR_MISSES = "terse_notes.jsonl", "near_misses.jsonl"
BASE_RATE, WEEK = "base_rate.jsonl", "ordinary_week.jsonl"
HANDWRITTEN = tuple(f"handwritten{number}.jsonl" for number in range(3, 8))
# Never used for a fit, nor for the choice of a bar.
KEPT = ("unseen.jsonl", "unseen2.jsonl", "unseen_week.jsonl", "unseen_terse.jsonl", HELD_OUT, TERSE_HELD_OUT)
FIRST = "first"  # the author of the rules
SECOND = "second"  # the author of the certain rules and of the short and mixed texts
THIRD = "third"  # the author of the terse notes and of their rules
USUAL, SHORT, MIXED, NOTE, MIX = "usual", "short", "mixed", "terse", "mix"
# The authors who are left out together; each group has about a seventh of the texts.
GROUPS = (
    ("a", "k", "b1", "d1", SECOND),
    ("b", "l", "b2", "d2", THIRD),
    ("c", "n", "c1", "d3", "notes"),
    ("d", "c2", "d4", "near1"),
    ("e", "c3", "d5", "near2"),
    (FIRST, "d6", "base"),
    ("a3", "a4", "d7", "d8", "week"),
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, its author, its kind, whether it is HIGH, and why."""

    id: str
    author: str
    kind: str
    narrative: str
    high: bool
    why: str = ""


def read_set(folder: Path) -> list[Labelled]:
    """Return all labelled texts of a folder that may be used for fitting."""
    files = (OWN, OTHERS, SHORT_AND_MIXED, TERSE, TERSE_NOTES, NEAR_MISSES, BASE_RATE, WEEK, *HANDWRITTEN)
    return [text for file in files for text in _read(folder, file)]


def read_kept(folder: Path, file: str) -> list[Labelled]:
    """Return the texts of one of the KEPT files."""
    return list(_read(folder, file))


def read_held_out(folder: Path) -> list[Labelled]:
    """Return the short, mixed and terse texts of a folder that are never used for fitting."""
    return [text for file in (HELD_OUT, TERSE_HELD_OUT) for text in _read(folder, file)]


def _read(folder: Path, file: str) -> Iterator[Labelled]:
    for line in (folder / file).read_text("utf-8").splitlines():
        row = json.loads(line)
        author, kind = _origin(file, row)
        yield Labelled(row["id"], author, kind, row["narrative"], row["high"], row.get("why", ""))


def _origin(file: str, row: dict[str, str]) -> tuple[str, str]:
    """Return a text's author and kind."""
    first, second, *_ = row["id"].split("-")
    if file in (SHORT_AND_MIXED, HELD_OUT):
        return SECOND, first
    if file in (TERSE, TERSE_HELD_OUT):
        return THIRD, NOTE
    authors = {OWN: FIRST, OTHERS: second, TERSE_NOTES: "notes", BASE_RATE: "base", WEEK: "week"}
    kinds = {TERSE_NOTES: NOTE, "unseen_terse.jsonl": NOTE, BASE_RATE: MIX, WEEK: MIX, "unseen_week.jsonl": MIX}
    return authors.get(file) or row.get("style") or first, kinds.get(file, USUAL)
