"""Finds accounts and numbers that are not on the form: a reader may trace the source by them, so a person decides.

Those in a subject row are the intelligence itself and get no finding.
"""

import re
from collections.abc import Iterator

from pipeline_shared.text.tokens import JOINED, SENTENCE
from sanitiser_service.form.common_words import WORDS
from sanitiser_service.matcher.contacts.phones import numbers_in
from sanitiser_service.matcher.findings import Match, Who
from sanitiser_service.matcher.protection import Protection
from sanitiser_service.matcher.text.lexicons import word_set
from sanitiser_service.matcher.text.reading import Reading

FEWEST, LONGEST = 3, 40
NEAR, MOST_NAMES = 3, 2
_SERVICES = word_set("accounts_services")
_LINKS = word_set("accounts_links")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,40}){0,4}|(?<![\w@])@[\w.]{3,40}")


def accounts_in(reading: Reading, protection: Protection) -> Iterator[Match]:
    """Yield the places of e-mail addresses, accounts and phone numbers that no subject row contains."""
    text, subjects = reading.folded.text, protection.subjects
    if "@" in text:
        for found in _EMAIL.finditer(text):
            if found.group().strip("@.") not in subjects:
                yield Match(*reading.folded.original(*found.span()), Who.OTHER, "account")
    for first, last, digits in numbers_in(reading):
        if digits not in subjects:
            yield Match(*reading.original(first, last), Who.OTHER, "account.number")
    for at in reading.places_of(_SERVICES):
        found = _named_after(reading, at) or _named_before(reading, at)
        if found and reading.folded.text[reading.starts[found[0]] : reading.ends[found[1]]] not in subjects:
            yield Match(*reading.original(*found), Who.OTHER, "account")


def _named_after(reading: Reading, at: int) -> tuple[int, int] | None:
    """Return the span of the account after the name of a service: "her snap is kathyyy84", "Facebook Kath Wolst"."""
    first = at + 1
    while (
        first < min(len(reading), at + NEAR) and reading.keys[first] in _LINKS and reading.breaks[first - 1] < SENTENCE
    ):
        first += 1
    if first >= len(reading) or reading.breaks[first - 1] >= SENTENCE or not _is_account(reading, first):
        return None
    last = first
    while last + 1 < min(len(reading), first + MOST_NAMES) and _goes_on(reading, last):
        last += 1
    return first, last


def _named_before(reading: Reading, at: int) -> tuple[int, int] | None:
    """Return the span of the account before the name of a service: "kwolst on hotmail", "add kath84 on tiktok"."""
    last = at - 2
    if last < 0 or reading.keys[at - 1] not in {"on", "at"} or reading.breaks[at - 1] or reading.breaks[last]:
        return None
    return (last, last) if _is_account(reading, last) and not reading.cases[last] else None


def _is_account(reading: Reading, at: int) -> bool:
    """Tell whether a word may be the name of an account: not an ordinary word and not only digits."""
    key = reading.keys[at]
    return FEWEST <= len(key) <= LONGEST and not key.isdigit() and key not in WORDS and key not in _SERVICES


def _goes_on(reading: Reading, last: int) -> bool:
    is_name = bool(reading.cases[last]) and bool(reading.cases[last + 1]) and reading.gaps[last] == " "
    return reading.gaps[last] in {".", "_", "-"} or (is_name and reading.breaks[last] == JOINED)
