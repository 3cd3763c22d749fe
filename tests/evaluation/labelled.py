"""The labelled texts of the safety screen (SAFETY.md): their labels and their authors."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
OWN, OTHERS = FOLDER / "safety.jsonl", FOLDER / "safety_others.jsonl"
SHORT_AND_MIXED, HELD_OUT = FOLDER / "safety_short_mixed.jsonl", FOLDER / "safety_held_out.jsonl"
TERSE, TERSE_HELD_OUT = FOLDER / "safety_terse.jsonl", FOLDER / "safety_terse_held_out.jsonl"
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


def read_set() -> list[Labelled]:
    """Return all labelled texts that may be used for fitting."""
    return [*_read(OWN), *_read(OTHERS), *_read(SHORT_AND_MIXED), *_read(TERSE)]


def read_held_out() -> list[Labelled]:
    """Return the short, mixed and terse texts that are never used for fitting."""
    return [*_read(HELD_OUT), *_read(TERSE_HELD_OUT)]


def _read(path: Path) -> Iterator[Labelled]:
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        first, second, *_ = row["id"].split("-")
        if path in (SHORT_AND_MIXED, HELD_OUT):
            yield Labelled(author=SECOND, kind=first, voice=second, **row)
        elif path in (TERSE, TERSE_HELD_OUT):
            yield Labelled(author=THIRD, kind=NOTE, voice=second, **row)
        else:
            yield Labelled(author=second if path == OTHERS else FIRST, kind=USUAL, voice="", **row)
