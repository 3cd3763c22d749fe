"""Compares names that were written down by ear in another spelling, or mistyped on a keyboard.

Welsh, Irish, Polish, Turkish, Ukrainian and Arabic spellings become one key of consonants and vowels. A letter with two
pronunciations ("g", "gh", "c", "w") gives a name one key for each.
"""

import re
from functools import lru_cache

from sanitiser_service.matcher.names.respelling import respelled, rules_of

BRIEF, SHORT, ENOUGH = 2, 4, 3
OPEN = "aeiou"

_VARIANTS = tuple(
    (re.compile(pattern), replacements)
    for pattern, replacements in (
        (r"ough(?=s?$)", ("of", "uf", "u", "o")),
        (r"g(?=[eiy])", ("g", "j")),
        (r"c(?=[ei])", ("s", "j", "k")),
        (r"ch", ("S", "k", "")),
        (r"^w(?=[aeiou])|(?<=[aeiou])w(?=[eiaou].)", ("", "v", "u")),
        (r"^x", ("j", "s")),
    )
)
_SOUNDS = rules_of(
    (
        (r"^ma(?:c|(?=g(?:ui|inn|ee|ow|enn)))(?=[^aeiouhky])|^mc", "mk"),
        (r"(?<=.)(?:ait?h|adh|aigh|agh)$", "a"),
        (r"(?<=g)u(?=[ie])", ""),
        (r"eigh|igh|ey$|ie$|y$", "i"),
        (r"gh", ""),
        (r"rz", "r"),
        (r"sch|sh|cz|sz|tsh|tch|ts|tz|z|c(?=[ei])", "s"),
        (r"^(?:kn|gn)", "n"),
        (r"^wr|^rh", "r"),
        (r"ph|f|v", "v"),
        (r"th|dd|dh", "d"),
        (r"x", "ks"),
        (r"ck|qu|q|c", "k"),
        (r"(?<=i)ng$", "n"),
        (r"(?<=..)es$", "s"),
        (r"^(?:y|i(?=[eo]))", "j"),
        (r"^h", "H"),
        (r"[dt]$", "t"),
        (r"h", ""),
        (r"(?<=[ncks])ia(?=.)|ee|ea|ie|ei|y", "i"),
        (r"eu|ew|ue|ui|uw|oo|ou", "u"),
        (r"aw|au|oe|oa|ow|oi|w(?![aeiou])", "o"),
        (r"ai|ay|ae|aa(?=.)|a(?=[^aeiou]e$)", "e"),
        (r"(?<=[^aeiou])e$", ""),
        (r"w", "u"),
        (r"S", "s"),
        (r"(.)\1", r"\1"),
    )
)
# Beginnings that are confused by ear, or between the spellings of two languages.
_SWAPS = ("jH", "Hg", "mn", "lv", "vb", "sj", "ks")
_NEAR = {
    "q": "wa", "w": "qeas", "e": "wrsd", "r": "etdf", "t": "ryfg", "y": "tugh", "u": "yihj", "i": "uojk", "o": "ipkl",
    "p": "ol", "a": "qwsz", "s": "awedxz", "d": "serfcx", "f": "drtgvc", "g": "ftyhbv", "h": "gyujnb", "j": "huikmn",
    "k": "jiolm", "l": "kop", "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk",
}  # fmt: skip


# Each group: letters that may begin names with the same first sound.
_HEADS = (OPEN + "yhw", "jyihxgzc", "hgxk", "mn", "lvw", "vbwfp", "sjczxt", "ksqcgx", "wr", "gk", "dt")


def heads_heard(name: str) -> set[str]:
    """Return the possible first letters of a name written down by ear."""
    return {letter for heads in _HEADS if name[0] in heads for letter in heads}


def heads_of_slips(name: str) -> str:
    """Return the possible first letters of a name with a typing error at its beginning."""
    return name[:2] + _NEAR.get(name[0], "")


@lru_cache(maxsize=8192)
def keys_of(name: str) -> frozenset[str]:
    """Return one key for each pronunciation of a name."""
    ways = {name}
    for pattern, replacements in _VARIANTS:
        if pattern.search(name):
            ways = {pattern.sub(one, way) for way in ways for one in replacements}
    return frozenset(respelled(way, _SOUNDS) for way in ways)


def sounds_like(seen: str, name: str) -> bool:
    """Tell whether two names sound alike: equal in every sound, or in three consonants and of similar length."""
    if _always_said(seen) != _always_said(name):
        return False
    common = _shapes(seen) & _shapes(name)
    if abs(len(seen) - len(name)) >= ENOUGH:
        common = {shape for shape in common if ":" not in shape}
    return bool(common) and (min(len(seen), len(name)) <= SHORT or any(len(shape) > BRIEF for shape in common))


def _always_said(name: str) -> tuple[bool, bool, bool]:
    """Return whether a name has the sounds that every spelling shows; comparing them rules out most pairs quickly."""
    return "l" in name, "r" in name, "n" in name or "m" in name


@lru_cache(maxsize=8192)
def _shapes(name: str) -> frozenset[str]:
    """Return a name's keys, whole, without vowels and without the beginning; names that sound alike share one."""
    keys = [key for key in keys_of(name) if len(key) >= BRIEF]
    long = [key for key in keys if len(_bones(key)) >= ENOUGH]
    swapped = (f"{swap}:{key[1:]}" for key in long for swap in _SWAPS if key[0] in swap)
    return frozenset((*keys, *(f"{_bones(key)}:" for key in long), *swapped))


def _bones(key: str) -> str:
    """Return the consonants of a key, with one sign for a vowel at its beginning."""
    return ("a" if key[:1] in OPEN else key[:1]) + "".join(sound for sound in key[1:] if sound not in OPEN)


@lru_cache(maxsize=16384)
def may_be_slip(seen: str, name: str) -> bool:
    """Tell whether a word may be a name with a typing error in its first letters, or anywhere if it has four."""
    if len(name) < SHORT or abs(len(seen) - len(name)) > 1:
        return False
    if len(seen) < len(name):
        gone = (
            0
            if seen == name[1:]
            else next((at for at in range(1, len(name)) if name[:at] + name[at + 1 :] == seen), -1)
        )
        return gone == 0 or (gone > 0 and len(name) == SHORT)
    if len(seen) > len(name):
        return seen[1:] == name and seen[0] in _NEAR.get(name[0], "")
    other = [at for at, (one, two) in enumerate(zip(seen, name, strict=True)) if one != two]
    is_where = other[:1] == [0] or len(name) == SHORT
    is_near = len(other) == 1 and seen[other[0]] in _NEAR.get(name[other[0]], "")
    is_swapped = len(other) == BRIEF and other[1] == other[0] + 1 and seen[other[0]] == name[other[1]]
    return is_where and (is_near or (is_swapped and seen[other[1]] == name[other[0]]))
