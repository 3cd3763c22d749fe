"""Recognises forms of a name that are on no list: short, with a familiar ending, the end of a long name, misspelt.

They are proposals: "Robbo" for Robotham and "Tope" for Temitope follow how English speakers shorten names, not a list.
"""

from functools import lru_cache

from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.titles import TITLES
from sanitiser_service.matcher.names.sounds import looks_like, looks_like_short
from sanitiser_service.matcher.protection import Form, Protection
from sanitiser_service.matcher.text.lexicons import GREETINGS, NICKNAMES

STEM = 3
LONG = 6
_ENDINGS = ("ster", "zza", "sy", "za", "ie", "ey", "bo", "er", "y", "i", "o", "a", "s", "z", "x")
_BARE_STEM_ENDINGS = frozenset({"zza", "za", "z", "bo"})


def unlisted(key: str, protection: Protection, *, titled: bool) -> Form | None:
    """Return the protected name that a word may be a form of, although no list has this form."""
    if (key in WORDS and not titled) or key in TITLES or key in GREETINGS or key[0].isdigit():
        return None
    alike = protection.by_head.get(key[0], ())
    for name, part in protection.parts if key in protection.tails else alike:
        if may_be_short_for(key, part, titled=titled):
            return Form(name, "name.nickname", part not in name.given)
    if key in NICKNAMES:
        return None
    for name, part in alike:
        if looks_like(key, part):
            return Form(name, "name.misspelling", part not in name.given)
        if titled and looks_like_short(key, part):
            return Form(name, "name.similar", part not in name.given)
    return None


@lru_cache(maxsize=4096)
def may_be_short_for(short: str, name: str, *, titled: bool) -> bool:
    """Tell whether a word may be a familiar form of a name; after a title, two letters are enough."""
    if short == name or len(name) < STEM + 1:
        return False
    if name.startswith(short) and len(name) >= LONG - 1:
        return STEM - titled <= len(short) < len(name)
    if len(name) > LONG and len(short) > STEM and name.endswith(short):
        return True
    return any(_has_stem(short, ending, name) for ending in _ENDINGS if short.endswith(ending))


def _has_stem(short: str, ending: str, name: str) -> bool:
    stem = short.removesuffix(ending)
    if len(stem) > STEM and stem[-1] == stem[-2]:
        stem = stem[:-1]
    needed = STEM - 1 if ending in _BARE_STEM_ENDINGS else STEM
    return len(stem) >= needed and name.startswith(stem) and len(stem) < len(name)
