"""Finds the values of the form with any spacing and punctuation: "E.n.t.w.i.s.t.l.e", "07700-900-118"."""

from collections.abc import Iterator
from itertools import compress

from sanitiser_service.form.profile import Protected
from sanitiser_service.matcher.findings import KINDS, Match, Who
from sanitiser_service.matcher.text.reading import Reading

LONG_ENOUGH = 5
_ENDINGS = ("'s", "s")


def exact_in(reading: Reading, values: tuple[tuple[Protected, str], ...]) -> Iterator[Match]:
    """Yield the places of the values; each value comes with its folded letters and digits."""
    letters = reading.letters
    present = [
        (item, wanted)
        for item, wanted in values
        if wanted and wanted in letters and _is_hidden(item, wanted, reading, letters)
    ]
    places = _places(reading.folded.text) if present else []
    for item, wanted in present:
        spelled = _is_ambiguous(item)
        at = letters.find(wanted)
        while at >= 0:
            start, end = places[at], places[at + len(wanted) - 1] + 1
            if (spelled and not _is_spelled_out(item, start, end)) or not _may_be(item, reading.folded.text[start:end]):
                at = letters.find(wanted, at + 1)
                continue
            end = _with_ending(reading.folded.text, end)
            if _stands_alone(reading.folded.text, start, end):
                who, _, kind = item.rule.partition(".")
                yield Match(*reading.folded.original(start, end), Who(who), kind if kind in KINDS else "name.part")
            at = letters.find(wanted, at + 1)


def _is_hidden(item: Protected, wanted: str, reading: Reading, letters: str) -> bool:
    """Tell whether a value stands in a text in another form than on the form; other matchers find unchanged names."""
    if not (_is_ambiguous(item) or item.rule.endswith(".name")):
        return True
    return letters.count(wanted) > reading.folded.text.count(item.value.lower())


def _is_ambiguous(item: Protected) -> bool:
    """Tell whether a value may also belong to another person; other matchers judge it, unless it is spelled out."""
    return item.rule.endswith(".part") or "organisation" in item.rule or item.rule == "agency.name"


def _is_spelled_out(item: Protected, start: int, end: int) -> bool:
    """Tell whether a span is longer than the value in it: "E.n.t.w.i.s.t.l.e"."""
    return len(item.value) >= LONG_ENOUGH and end - start > len(item.value)


def _may_be(item: Protected, seen: str) -> bool:
    """Tell whether a span may be a value; separate words that together form a descriptive user name are not."""
    return ".user" not in item.rule or item.identifying or not any(map(str.isspace, seen))


def _places(text: str) -> list[int]:
    return list(compress(range(len(text)), map(str.isalnum, text)))


def _with_ending(text: str, end: int) -> int:
    """Return the end of a value including a possessive or plural ending: the "s" of "Sharons" must not stay."""
    for ending in _ENDINGS:
        after = end + len(ending)
        if text.startswith(ending, end) and not text[after : after + 1].isalnum():
            return after
    return end


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not text[max(0, start - 1) : start].isalnum() and not text[end : end + 1].isalnum()
