"""Finds names disguised from a search: with digits for letters ("W0lst3nholm3"), or joined to a word ("bykath")."""

from collections.abc import Iterator

from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.titles import BARE_TITLES
from sanitiser_service.matcher.findings import Match
from sanitiser_service.matcher.names.nicknames import unlisted
from sanitiser_service.matcher.protection import Form, Protection
from sanitiser_service.matcher.text.lexicons import word_set
from sanitiser_service.matcher.text.reading import Reading

LONG_ENOUGH, LONGEST, SURELY_LONG = 4, 40, 6
# A one replaces an i or an l, so both are tried.
_LETTERS = tuple(str.maketrans("023456789" + "1", "ozeasgtbg" + one) for one in "il")
_BEFORE = word_set("disguises_before") | BARE_TITLES
_AFTER, _AFTER_LONG = word_set("disguises_after"), word_set("disguises_after_long")


def undisguised(reading: Reading, protection: Protection) -> Iterator[tuple[str, Form]]:
    """Yield the words that are forms of a protected name once digits in them are read as letters."""
    for key in {reading.keys[at] for at in reading.unlettered}:
        if not LONG_ENOUGH <= len(key) <= LONGEST or not key.isalnum() or sum(map(str.isalpha, key)) < len(key) / 2:
            continue
        for letters in _LETTERS:
            plain = key.translate(letters)
            form = protection.known.get(plain) or unlisted(plain, protection, titled=False)
            if form and len(plain) >= LONG_ENOUGH and (plain in protection.known or plain[-1].isalpha()):
                yield key, form._replace(kind="name.misspelling")
                break


def joined_in(reading: Reading, protection: Protection) -> Iterator[Match]:
    """Yield the places of longer words that consist of a protected name and a small word or a number."""
    text = reading.folded.text
    forms = [form for form in protection.known if len(form) >= LONG_ENOUGH and form in text]
    if not forms:
        return
    for key in reading.present - protection.known.keys() - WORDS:
        if LONG_ENOUGH < len(key) <= LONGEST and (form := _joined(key, forms)):
            who = protection.known[form].name.who
            yield from (Match(*reading.original(at, at), who, "name.joined") for at in reading.places[key])


def _joined(key: str, forms: list[str]) -> str:
    for form in forms:
        at = key.find(form)
        if at >= 0 and _fits(key[:at], key[at + len(form) :], is_long=len(form) >= SURELY_LONG):
            return form
    return ""


def _fits(before: str, after: str, *, is_long: bool) -> bool:
    return (
        bool(before or after)
        and (not before or before in _BEFORE or before.isdigit())
        and (not after or after in _AFTER or after.isdigit() or (is_long and after in _AFTER_LONG))
    )
