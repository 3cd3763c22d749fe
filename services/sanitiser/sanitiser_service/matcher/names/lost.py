"""Names whose letters were lost on the way: "Si?n" for Siân, in a text or on the form, is at least pointed at."""

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
    """Return where a name may stand that lost letters in the text, or on the form."""
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
    """Return whose name a word with lost letters may be; a question mark behind a whole word is none."""
    if len(run) > LONGEST or SIGNS.isdisjoint(run) or (run[-1] == "?" and run.rstrip("?") in WORDS):
        return None
    return next((name for name, part in protection.parts if may_be(run, part)), None)


def may_be(seen: str, name: str) -> bool:
    """Tell whether a word is a name once each lost letter may be any: one, two of it, one of two signs, or none."""
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
