"""Finds the user of an e-mail address, whole or in pieces: "tinker bell" for tinker-bell-9@, "hx 99 k" for hx99k@."""

from collections.abc import Iterator
from functools import lru_cache

from pipeline_shared.text.tokens import SENTENCE
from sanitiser_service.form.common_words import WORDS
from sanitiser_service.matcher.findings import Match, Who
from sanitiser_service.matcher.protection import Protection
from sanitiser_service.matcher.text.lexicons import word_set
from sanitiser_service.matcher.text.reading import LOWER, Reading

SHORTEST, LONGEST, MOST = 3, 24, 8
_BEFORE_WORDS = word_set("names_before_words")


def users_in(reading: Reading, protection: Protection) -> Iterator[Match]:
    """Yield the places of an address's user, with or without the number at its end, as one word or several."""
    for who, local, _ in protection.emails:
        yield from _user_in(reading, who, forms_of(local), protection)


@lru_cache(maxsize=512)
def forms_of(local: tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms of a user: the whole user, and the user without the number at its end."""
    whole = "".join(local)
    return tuple(
        form
        for form in dict.fromkeys((whole, whole.rstrip("0123456789")))
        if SHORTEST <= len(form) <= LONGEST and not form.isdigit()
    )


@lru_cache(maxsize=512)
def _beginnings(forms: tuple[str, ...]) -> frozenset[str]:
    return frozenset(form[:end] for form in forms for end in range(1, len(form) + 1))


def _user_in(reading: Reading, who: Who, forms: tuple[str, ...], protection: Protection) -> Iterator[Match]:
    begins = _beginnings(forms)
    for at in reading.places_of(begins):
        last, seen = at, reading.keys[at]
        while seen in begins and seen not in forms and last + 1 < min(len(reading), at + MOST):
            if reading.breaks[last] >= SENTENCE:
                break
            last += 1
            seen += reading.keys[last]
        if seen in forms and _is_user(reading, at, last, protection):
            yield Match(*reading.original(at, last), who, "email.user.half")


def _is_user(reading: Reading, first: int, last: int, protection: Protection) -> bool:
    """Tell whether words are a user and not ordinary words: "ginger nut" is a user, but not in "a ginger nut"."""
    keys = reading.keys[first : last + 1]
    if any(key in protection.known for key in keys):
        return False
    if first == last:
        return keys[0] not in WORDS
    is_ordinary = all(key in WORDS and reading.cases[at] == LOWER for at, key in enumerate(keys, first))
    return not (is_ordinary and first and reading.keys[first - 1] in _BEFORE_WORDS - {"by", "of"})
