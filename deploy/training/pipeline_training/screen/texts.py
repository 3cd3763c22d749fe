"""The labelled texts of the safety screen (tests/evaluation/SAFETY.md): their labels and their authors."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OWN, OTHERS = "safety.jsonl", "safety_others.jsonl"
SHORT_AND_MIXED, HELD_OUT = "safety_short_mixed.jsonl", "safety_held_out.jsonl"
TERSE, TERSE_HELD_OUT = "safety_terse.jsonl", "safety_terse_held_out.jsonl"
FIRST = "first"  # the author of the rules
AUTHORS = ("a", "b", "c", "d", "e")  # other authors, who knew the labelling rule and nothing about the screen
SECOND = "second"  # the author of the certain rules and of the short and mixed texts
THIRD = "third"  # the author of the terse notes and of their rules
USUAL, SHORT, MIXED, NOTE = "usual", "short", "mixed", "terse"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, its author, its kind, its imagined speaker, whether it is HIGH, and why."""

    id: str
    author: str
    kind: str
    voice: str
    narrative: str
    high: bool
    why: str = ""


def read_set(folder: Path) -> list[Labelled]:
    """Return all labelled texts of a folder that may be used for fitting."""
    return [text for file in (OWN, OTHERS, SHORT_AND_MIXED, TERSE) for text in _read(folder, file)]


def read_held_out(folder: Path) -> list[Labelled]:
    """Return the short, mixed and terse texts of a folder that are never used for fitting."""
    return [text for file in (HELD_OUT, TERSE_HELD_OUT) for text in _read(folder, file)]


def _read(folder: Path, file: str) -> Iterator[Labelled]:
    for line in (folder / file).read_text("utf-8").splitlines():
        row = json.loads(line)
        first, second, *_ = row["id"].split("-")
        if file in (SHORT_AND_MIXED, HELD_OUT):
            yield Labelled(author=SECOND, kind=first, voice=second, **row)
        elif file in (TERSE, TERSE_HELD_OUT):
            yield Labelled(author=THIRD, kind=NOTE, voice=second, **row)
        else:
            yield Labelled(author=second if file == OTHERS else FIRST, kind=USUAL, voice="", **row)
