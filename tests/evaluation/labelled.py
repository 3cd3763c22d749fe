"""The labelled texts of the safety screen (SAFETY.md): what is HIGH, and who wrote it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
OWN, OTHERS = FOLDER / "safety.jsonl", FOLDER / "safety_others.jsonl"
FIRST = "first"  # the author of the rules
AUTHORS = ("a", "b", "c", "d", "e")  # others, who knew the labelling rule and nothing of the screen


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, its author, whether it is HIGH, and why."""

    id: str
    author: str
    narrative: str
    high: bool
    why: str


def read_set() -> list[Labelled]:
    """Return all labelled texts."""
    return [*_read(OWN), *_read(OTHERS)]


def _read(path: Path) -> Iterator[Labelled]:
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        author = row["id"].split("-")[1] if path == OTHERS else FIRST
        yield Labelled(author=author, **row)
