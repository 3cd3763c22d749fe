"""Finds names with lost letters, in a text or on the form: "Si?n" for Siân is at least flagged."""

import re
from collections.abc import Iterator
from functools import lru_cache

from sanitiser_service.form.common_words import WORDS
from sanitiser_service.matcher.findings import Match
from sanitiser_service.matcher.protection import SIGNS, Name, Protection
from sanitiser_service.matcher.text.reading import LOWER, Reading

LONGEST, LEAST = 40, 2
_RUN = re.compile(r"(?:[^\W\d_]|[?\ufffd])+")
_SIGNS_TOGETHER = re.compile(r"[?\ufffd]+")


def lost_in(reading: Reading, protection: Protection) -> Iterator[Match]:
    """Yield the places of words that may be a protected name, with letters lost in the text or on the form."""
    text = reading.folded.text
    if "?" in text or "\ufffd" in text:
        for found in _RUN.finditer(text):
            if (name := _name_of_run(found.group(), protection)) is not None:
                yield Match(*reading.folded.original(*found.span()), name.who, "name.similar")
    for name in protection.names:
        for lost in name.lost:
            for key in sorted(reading.present):
                if len(key) > LEAST and may_be(lost, key):
                    yield from (
                        Match(*reading.original(at, at), name.who, "name.similar")
                        for at in reading.places[key]
                        if key not in WORDS or (reading.cases[at] != LOWER and not reading.opens(at))
                    )


def _name_of_run(run: str, protection: Protection) -> Name | None:
    """Return the protected name that a word with lost letters may be; ignore a question mark after a whole word."""
    if len(run) > LONGEST or SIGNS.isdisjoint(run) or (run[-1] == "?" and run.rstrip("?") in WORDS):
        return None
    return next((name for name, part in protection.parts if may_be(run, part)), None)


def may_be(seen: str, name: str) -> bool:
    """Tell whether a word is a name if a lost letter may be any letter, two signs one letter, or signs no letter."""
    return any(
        len(read) == len(name) and all(letter in (wanted, "?") for letter, wanted in zip(read, name, strict=True))
        for read in _readings(seen)
    )


@lru_cache(maxsize=1024)
def _readings(seen: str) -> tuple[str, ...]:
    if sum(map(str.isalpha, seen)) < LEAST:
        return ()
    plain = seen.replace("\ufffd", "?")
    return tuple(
        dict.fromkeys(
            (plain, plain.replace("??", "?"), *(_SIGNS_TOGETHER.sub(sign, plain) for sign in ("?", "??", "")))
        )
    )
