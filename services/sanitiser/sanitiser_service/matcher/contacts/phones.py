"""Finds phone numbers in digits, words or letters for digits: whole, in part, or nearly equal."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from sanitiser_service.matcher.findings import Match, Who
from sanitiser_service.matcher.text.dialling import dialled_at_home
from sanitiser_service.matcher.text.lexicons import word_set
from sanitiser_service.matcher.text.reading import Reading

SURE = 6
PARTIAL = 3
CLOSE = 2
WIDEST_GAP = 4
AREA, COMPLETE, LONGEST = 4, 11, 20

_DIGITS = {
    "zero": "0",
    "oh": "0",
    "o": "0",
    "nought": "0",
    "naught": "0",
    "nil": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "niner": "9",
}
_TENS = {
    "ten": "10",
    "eleven": "11",
    "twelve": "12",
    "thirteen": "13",
    "fourteen": "14",
    "fifteen": "15",
    "sixteen": "16",
    "seventeen": "17",
    "eighteen": "18",
    "nineteen": "19",
    "twenty": "20",
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "seventy": "70",
    "eighty": "80",
    "ninety": "90",
}
_ZEROS = {"hundred": "00", "thousand": "000"}
_TIMES = {"double": 2, "treble": 3, "triple": 3}
_SPELLING = frozenset({*_DIGITS, *_TENS, *_TIMES})
_MIXED = re.compile(r"[\doli]*\d[\doli]*")
_LETTER_DIGITS = str.maketrans("oli", "011")
_ENDING_WORDS = word_set("phones_ending_words")
_BETWEEN, MOST_BETWEEN = word_set("phones_between"), 2


class _Run(NamedTuple):
    """A run of words that spells digits."""

    first: int
    last: int
    digits: str


def phones_in(reading: Reading, phones: tuple[tuple[Who, str], ...]) -> Iterator[Match]:
    """Yield the places of phone numbers of the source or the submitter: whole, in part, or nearly equal."""
    if not phones:
        return
    for run in _runs(reading):
        found = _judge(reading, run, phones)
        if found:
            start, end = reading.original(run.first, run.last)
            yield Match(start - (reading.text[start - 1 : start] == "+"), end, *found)


def numbers_in(reading: Reading) -> Iterator[tuple[int, int, str]]:
    """Yield the span and the digits of every number that has the length and the beginning of a phone number."""
    for run in _runs(reading):
        digits = dialled_at_home(run.digits)
        if digits[0] == "0" and COMPLETE - 1 <= len(digits) <= COMPLETE:
            yield run.first, run.last, digits


def _runs(reading: Reading) -> Iterator[_Run]:
    """Yield runs of digits; if words such as "then" divide a run, the whole run comes first and then its parts."""
    past = -1
    for at in sorted({*reading.unlettered, *reading.places_of(_SPELLING)}):
        digits, used = _digits_at(reading, at) if at > past else ("", 0)
        if not used:
            continue
        parts = [_part_from(reading, _Run(at, at + used - 1, digits), 0)]
        found = parts[0].digits
        while (skipped := _between(reading, parts[-1].last)) and len(found) < COMPLETE:
            start = parts[-1].last + 1 + skipped
            digits, used = _digits_at(reading, start) if start < len(reading) else ("", 0)
            if not used or (digits[0] == "0" and len(digits) >= AREA):
                break
            parts.append(_part_from(reading, _Run(start, start + used - 1, digits), len(found)))
            found += parts[-1].digits
        past = parts[-1].last
        runs = [_Run(at, past, found), *parts] if len(parts) > 1 else parts
        yield from (run for run in runs if len(run.digits) >= PARTIAL)


def _part_from(reading: Reading, run: _Run, before: int) -> _Run:
    """Return a run with all digits that follow directly, up to the length of a phone number."""
    first, last, found = run
    while last + 1 < len(reading) and _close(reading, last):
        digits, used = _digits_at(reading, last + 1)
        if (
            not used
            or before + len(found) >= COMPLETE + found.startswith("00")
            or (
                found[0] != "0" and "," in reading.gaps[last] and _is_word(reading, last) != _is_word(reading, last + 1)
            )
        ):
            break
        found += digits
        last += used
    return _Run(first, last, found)


def _between(reading: Reading, last: int) -> int:
    """Return the number of words after a digit that announce more digits: "07700 and then 900"."""
    count = 0
    while count < MOST_BETWEEN and last + count + 1 < len(reading) and reading.keys[last + count + 1] in _BETWEEN:
        count += 1
    return count if count and _close(reading, last + count) else 0


def _is_word(reading: Reading, at: int) -> bool:
    return reading.keys[at].isalpha()


def _close(reading: Reading, at: int) -> bool:
    return len(reading.gaps[at]) <= WIDEST_GAP and "\n" not in reading.gaps[at]


def _digits_at(reading: Reading, at: int) -> tuple[str, int]:
    """Return the digits that a word spells, and the number of words used."""
    key = reading.keys[at]
    if key in _DIGITS:
        return _DIGITS[key], 1
    if key[0] == "x" and key[1:].isdigit():
        return key[1:], 1
    if not key.isalpha():
        return (key.translate(_LETTER_DIGITS), 1) if len(key) < LONGEST and _MIXED.fullmatch(key) else ("", 0)
    if key in _TIMES and at + 1 < len(reading) and reading.keys[at + 1] not in _TIMES:
        digit, used = _digits_at(reading, at + 1)
        return (digit[:1] * _TIMES[key] + digit[1:], used + 1) if used else ("", 0)
    if key in _TENS:
        return _TENS[key], 1
    return (_ZEROS[key], 1) if key in _ZEROS and at and _is_digit(reading.keys[at - 1]) else ("", 0)


def _is_digit(key: str) -> bool:
    return key in _DIGITS or (len(key) == 1 and key.isdigit())


def _judge(reading: Reading, run: _Run, phones: tuple[tuple[Who, str], ...]) -> tuple[Who, str] | None:
    seen = dialled_at_home(run.digits)
    for who, number in phones:
        if seen.endswith(number) or (len(seen) >= SURE and number.endswith(seen)):
            return who, "phone"
    for who, number in phones:
        is_part = number.endswith(seen) or (len(seen) >= SURE + 2 and number.startswith(seen))
        if is_part and (len(seen) > PARTIAL or _said_to_be_an_end(reading, run)):
            return who, "phone.part"
    for who, number in phones:
        if number in seen or (len(seen) >= SURE and _nearly(seen, number)):
            return who, "phone.similar"
    return None


def _said_to_be_an_end(reading: Reading, run: _Run) -> bool:
    if reading.keys[run.first][0] == "x":
        return True
    near = (*range(max(0, run.first - 5), run.first), *range(run.last + 1, min(len(reading), run.last + 5)))
    return any(reading.keys[at] in _ENDING_WORDS for at in near)


def _nearly(seen: str, number: str) -> bool:
    tail = number[-len(seen) :]
    return len(tail) == len(seen) and sum(one != other for one, other in zip(seen, tail, strict=True)) <= CLOSE
