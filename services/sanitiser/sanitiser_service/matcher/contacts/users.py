"""The user of an e-mail address in pieces or alone: "tinker bell" for tinker-bell-9@, "hx 99 k" for hx99k@, "pogo"."""

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
    """Return where an address's user stands, whole or without the number behind it, as one word or as several."""
    for who, local, _ in protection.emails:
        yield from _user_in(reading, who, forms_of(local), protection)


@lru_cache(maxsize=512)
def forms_of(local: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a user may be called: all of it, and all before the number at its end."""
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
    """Tell whether words are a user's name and no ordinary ones: "ginger nut" is, but in "a ginger nut"."""
    keys = reading.keys[first : last + 1]
    if any(key in protection.known for key in keys):
        return False
    if first == last:
        return keys[0] not in WORDS
    is_ordinary = all(key in WORDS and reading.cases[at] == LOWER for at, key in enumerate(keys, first))
    return not (is_ordinary and first and reading.keys[first - 1] in _BEFORE_WORDS - {"by", "of"})
