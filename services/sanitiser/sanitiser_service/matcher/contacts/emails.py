"""Finds e-mail addresses, plain or spelled out ("at", "[dot]"), and handles that contain a protected name."""

import re
from collections.abc import Iterator

from sanitiser_service.matcher.contacts.users import users_in
from sanitiser_service.matcher.findings import Match
from sanitiser_service.matcher.names.bystanders import Bystanders
from sanitiser_service.matcher.protection import Name, Protection
from sanitiser_service.matcher.text.lexicons import word_set
from sanitiser_service.matcher.text.reading import Reading

LONG_ENOUGH = 4
WIDEST = 12
_ALNUM = re.compile(r"[^\W_]+")
_SPELLED = word_set("emails_spelled")
_DOTS = frozenset({".", "_", "-"})
_HANDLE = re.compile(r"@[\w.]{3,40}|\b[^\W_]{1,40}+[_.][\w.]{1,40}")


def emails_in(reading: Reading, protection: Protection) -> Iterator[Match]:
    """Yield the places of an e-mail address of the source or the submitter, or of its user name alone."""
    yield from users_in(reading, protection)
    for who, local, domain in protection.emails:
        for at in reading.places_of(local[:1]):
            if (last := _follow(reading, at, local, domain)) is not None:
                plain = all(reading.keys[n] not in _SPELLED for n in range(at, last + 1))
                yield Match(*reading.original(at, last), who, "email" if plain else "email.spelled")


def _follow(reading: Reading, first: int, local: tuple[str, ...], domain: tuple[str, ...]) -> int | None:
    """Return the last word of an address that begins at a word, or None if user, "at" or domain are missing."""
    wanted, at, found, said_at = (*local, *domain), first, 0, False
    last = first
    most = min(len(reading), first + 2 * len(wanted) + WIDEST)
    while at < most and found < len(wanted) and reading.breaks[at - 1] < 2 + (at == first):
        key = reading.keys[at]
        if key == wanted[found]:
            said_at = said_at or "@" in reading.gaps[at]
            found, last = found + 1, at
        elif key in _SPELLED:
            said_at = said_at or key == "at"
        else:
            break
        at += 1
    return last if found > len(local) and said_at else None


def other_emails_in(reading: Reading, protection: Protection) -> Iterator[Match]:
    """Yield the places of addresses that are not on the form but contain a protected name."""
    if "@" not in reading.folded.text and "dot" not in reading.present:
        return
    signs = [at for at, gap in enumerate(reading.gaps[:-1]) if gap == "@"]
    for at in sorted({*reading.places_of(("at",)), *signs}):
        first = at - 1 if reading.keys[at] == "at" else at
        first, last = _widest(reading, first, at + 1)
        if last > at + 1 and first >= 0:
            form = next((protection.known[k] for k in reading.keys[first : at + 1] if k in protection.known), None)
            if form:
                yield Match(*reading.original(first, last), form.name.who, "email.spelled")


def _widest(reading: Reading, first: int, last: int) -> tuple[int, int]:
    """Return the span of an address around its "at": words joined by dots, written as signs or as words."""
    least, most = first - WIDEST, last + WIDEST
    while first > max(0, least) and (reading.gaps[first - 1] in _DOTS or reading.keys[first - 1] in _SPELLED):
        first -= 1 if reading.gaps[first - 1] in _DOTS else 2
    while last + 1 < min(len(reading), most) and (reading.gaps[last] in _DOTS or reading.keys[last + 1] in _SPELLED):
        last += 1 if reading.gaps[last] in _DOTS else 2
    return first, min(last, len(reading) - 1)


def handles_in(reading: Reading, protection: Protection, bystanders: Bystanders) -> Iterator[Match]:
    """Yield the places of handles and unknown addresses that contain a name of the source or the submitter."""
    text = reading.folded.text
    if not _may_hold_handle(reading):
        return
    for found in _HANDLE.finditer(text):
        handle = found.group()
        if handle[0] != "@" and max(map(len, _ALNUM.findall(handle))) == 1:  # a name spelled out, not a handle
            continue
        for name in protection.names:
            part = _part_in(handle, name)
            if part and part not in bystanders.keys | bystanders.shared:
                end = found.start() + len(handle.rstrip("."))
                yield Match(*reading.folded.original(found.start(), end), name.who, "handle")


def _may_hold_handle(reading: Reading) -> bool:
    """Tell whether a text has a sign of a handle; the dot at the end of a sentence does not count."""
    text = reading.folded.text
    return "@" in text or "_" in text or ".." in text or "." in reading.gaps[:-1]


def _part_in(handle: str, name: Name) -> str:
    letters = "".join(filter(str.isalpha, handle))
    forms = (*name.parts, *sorted(name.nicknames))
    return next((form for form in forms if len(form) >= LONG_ENOUGH and form in letters), "")
