"""Finds initials: capitals that sign a text or stand for a name, alone ("CA", "S.F.") or not ("M Entwistle")."""

from collections.abc import Iterator

from pipeline_shared.text.tokens import LINE
from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.titles import TITLES
from sanitiser_service.matcher.findings import Match
from sanitiser_service.matcher.protection import Form, Name
from sanitiser_service.matcher.text.lexicons import ABBREVIATIONS, word_set
from sanitiser_service.matcher.text.reading import CAPITALS, LOWER, Reading

FEWEST, MOST = 2, 5
SIGNATURE = 4
_JOINTS = frozenset({".", "-", " ", ". ", ".-"})
_LETTER_WORDS = frozenset({"i", "a"})
_SIGNS = word_set("initials_signs")


def is_initial_of(key: str, name: Name) -> bool:
    """Tell whether a single letter begins a part of a name."""
    return len(key) == 1 and any(part[0] == key for part in name.parts)


def initials_in(reading: Reading, names: tuple[Name, ...]) -> Iterator[Match]:
    """Yield the places of initials of the source or the submitter."""
    wanted = {initials: name for name in reversed(names) for initials in name.initials}
    single = {name.parts[0][0]: name for name in reversed(names)}
    last = -1
    letters = [key for key in reading.present if len(key) == 1]
    for at in reading.places_of((*letters, *wanted)):
        if at <= last or not reading.keys[at][0].isalpha():
            continue
        last = _run_end(reading, at)
        found = _judge(reading, at, last, wanted) or _single(reading, at, single if at == last else {}, names)
        if found:
            yield found


def _single(reading: Reading, at: int, single: dict[str, Name], names: tuple[Name, ...]) -> Match | None:
    """Return a single letter that stands for a name: after a title, as a signature, or (unsure) as any capital."""
    key = reading.keys[at]
    if len(key) > 1 or not reading.cases[at] or not reading.cased:
        return None
    if at and reading.keys[at - 1] in TITLES:
        owner = next((name for name in names if any(part[0] == key for part in name.family)), None)
        return Match(*reading.original(at, at), owner.who, "name.initials") if owner else None
    if key in single and key not in _LETTER_WORDS:
        kind = "name.initials" if _signs(reading, at) else "name.initials.unsure"
        return Match(*reading.original(at, at), single[key].who, kind)
    return None


def _run_end(reading: Reading, first: int) -> int:
    """Return the last of several adjacent single letters; a word of several capitals is a run of its own."""
    last = first
    while (
        last + 1 < len(reading)
        and last - first < MOST
        and len(reading.keys[last]) == 1
        and len(reading.keys[last + 1]) == 1
        and (reading.cases[last + 1] != LOWER) == (reading.cases[last] != LOWER)
        and reading.gaps[last] in _JOINTS
    ):
        last += 1
    return last


def _judge(reading: Reading, first: int, last: int, wanted: dict[str, Name]) -> Match | None:
    letters = "".join(reading.keys[first : last + 1])
    name = wanted.get(letters)
    if name is None or len(letters) < FEWEST:
        return None
    kind = "name.initials" if first < last else _kind_alone(reading, first, letters)
    return Match(*reading.original(first, last), name.who, kind) if kind else None


def _kind_alone(reading: Reading, at: int, letters: str) -> str:
    """Return the kind of finding for one word; an abbreviation, or a word in a text all in capitals, must sign."""
    capitals = sum(map(str.isupper, reading.text[slice(*reading.original(at, at))]))
    if reading.cases[at] != CAPITALS and not FEWEST <= capitals < len(letters):  # "GMcA" is no word
        return "name.initials" if letters not in WORDS and _signs(reading, at) and _ends_text(reading, at) else ""
    if not reading.cased:
        return "name.initials" if _signs(reading, at) else ""
    if letters in ABBREVIATIONS or letters in WORDS:
        return "name.initials" if _signs(reading, at) else "name.initials.unsure"
    return "name.initials"


def _ends_text(reading: Reading, at: int) -> bool:
    return at + 1 >= len(reading) or reading.breaks[at] == LINE


def _signs(reading: Reading, at: int) -> bool:
    before = reading.keys[at - 1] if at else ""
    ends = at + 1 >= len(reading) or reading.breaks[at] == LINE
    begins = at == 0 or reading.breaks[at - 1] > 0
    in_brackets = at > 0 and reading.gaps[at - 1].endswith("(") and reading.gaps[at].startswith(")")
    is_near_end = at + SIGNATURE >= len(reading)
    speaks = reading.gaps[at].startswith(":") and begins  # a speaker in a transcript
    return speaks or before in _SIGNS or (ends and begins) or in_brackets or (is_near_end and begins)


def _is_initial(reading: Reading, at: int, starts: set[str]) -> bool:
    key = reading.keys[at]
    return len(key) == 1 and key in starts and (bool(reading.cases[at]) or key not in _LETTER_WORDS)


def beside_initial(reading: Reading, at: int, form: Form) -> tuple[int, int]:
    """Return the span of a part of a name with the initial of its other part before or after it."""
    others = form.name.given if form.is_family else form.name.family
    starts = {part[0] for part in (*others, *form.name.given)}
    first = at
    while first > 0 and _is_initial(reading, first - 1, starts) and reading.gaps[first - 1] in _JOINTS:
        first -= 1
    if first < at:
        return first, at
    if at + 1 < len(reading) and _is_initial(reading, at + 1, starts) and reading.gaps[at] in {" ", ", "}:
        return at, at + 1
    return at, at
