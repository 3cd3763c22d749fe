"""Initials: capitals that sign a text or stand for a name, alone ("CA", "S.F.") or beside a part of it ("M Entwistle")."""

from collections.abc import Iterator

from sanitiser_service.sanitising.findings import Match
from sanitiser_service.sanitising.lexicons import ABBREVIATIONS, WORDS
from sanitiser_service.sanitising.persons import Form, Name
from sanitiser_service.sanitising.reading import CAPITALS, LINE, LOWER, Reading

MOST = 5
_JOINTS = frozenset({".", "-", " ", ". ", ".-"})
_SIGNS = frozenset("by from signed taken initials regards ref per".split())


def is_initial_of(key: str, name: Name) -> bool:
    """Tell whether a single letter begins a part of a name."""
    return len(key) == 1 and any(part[0] == key for part in name.parts)


def initials_in(reading: Reading, names: tuple[Name, ...]) -> Iterator[Match]:
    """Return where initials of source or submitter stand."""
    wanted = {initials: name for name in reversed(names) for initials in name.initials}
    at = 0
    while at < len(reading):
        if reading.cases[at] == LOWER or len(reading.keys[at]) > MOST:
            at += 1
            continue
        last = _run_end(reading, at)
        found = _judge(reading, at, last, wanted)
        if found:
            yield found
        at = last + 1


def _run_end(reading: Reading, first: int) -> int:
    """Return the last of the single letters that stand together; a word of several capitals stands for itself."""
    last = first
    while (
        last + 1 < len(reading)
        and last - first < MOST
        and len(reading.keys[last]) == 1
        and len(reading.keys[last + 1]) == 1
        and reading.cases[last + 1] != LOWER
        and reading.gaps[last] in _JOINTS
    ):
        last += 1
    return last


def _judge(reading: Reading, first: int, last: int, wanted: dict[str, Name]) -> Match | None:
    letters = "".join(reading.keys[first : last + 1])
    name = wanted.get(letters)
    if name is None or len(letters) < len("ab"):
        return None
    kind = "name.initials" if first < last else _kind_alone(reading, first, letters)
    return Match(*reading.original(first, last), name.who, kind) if kind else None


def _kind_alone(reading: Reading, at: int, letters: str) -> str:
    """Return how one word of capitals counts: where all is capitals or it is an abbreviation, it must sign."""
    if reading.cases[at] != CAPITALS:
        return ""
    if not reading.cased:
        return "name.initials" if _signs(reading, at) else ""
    if letters in ABBREVIATIONS or letters in WORDS:
        return "name.initials" if _signs(reading, at) else "name.initials.unsure"
    return "name.initials"


def _signs(reading: Reading, at: int) -> bool:
    before = reading.keys[at - 1] if at else ""
    ends = at + 1 >= len(reading) or reading.breaks[at] == LINE
    begins = at == 0 or reading.breaks[at - 1] > 0
    in_brackets = at > 0 and reading.gaps[at - 1].endswith("(") and reading.gaps[at].startswith(")")
    return before in _SIGNS or (ends and begins) or in_brackets


def beside_initial(reading: Reading, at: int, form: Form) -> tuple[int, int]:
    """Return the stretch of a part of a name with the initial of its other part before or after it."""
    others = form.name.given if form.is_family else form.name.family
    starts = {part[0] for part in others}
    if at > 0 and reading.keys[at - 1] in starts and reading.cases[at - 1] and reading.gaps[at - 1] in _JOINTS:
        return at - 1, at
    if at + 1 < len(reading) and reading.keys[at + 1] in starts and reading.cases[at + 1] and reading.gaps[at] in {" ", ", "}:
        return at, at + 1
    return at, at
