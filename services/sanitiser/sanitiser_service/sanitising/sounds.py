"""How alike two names are, by letters and by sound; bounded, as names are short and few are compared."""

import re
from functools import lru_cache

SHORT, LONG, LONGER = 5, 8, 10
BRIEF = 3

# Spelling to sound, in order: the Irish, Welsh and Polish spellings are those that strangers misspell most.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^ma?c(?=[^aeiouhky])", "mk"),
        (r"^sio", "sho"),
        (r"^si(?=[aeou])", "sh"),
        (r"^sea", "sho"),
        (r"bh|mh|ph", "v"),
        (r"gh|dh|th(?=$)", ""),
        (r"aoi", "i"),
        (r"^ll", "l"),
        (r"dd", "d"),
        (r"ff", "f"),
        (r"szcz|sch|sz|ch|sh|cz|ts|tch|tz", "S"),
        (r"^wr|^rh", "r"),
        (r"^kn|^gn", "n"),
        (r"ck|qu|q|k|c(?=[aourlt])|x|c$", "k"),
        (r"c", "s"),
        (r"z", "s"),
        (r"j|g(?=[eiy])", "j"),
        (r"w|h|y", ""),
        (r"f", "v"),
        (r"[aeiou]", ""),
    )
)


# First letters that sound alike, or that hands and ears swap.
_ALIKE = {
    "c": "ks",
    "k": "cq",
    "q": "k",
    "f": "p",
    "p": "f",
    "j": "g",
    "g": "j",
    "s": "cz",
    "z": "sx",
    "x": "z",
    "r": "w",
    "w": "r",
    "n": "kg",
    "i": "ye",
    "y": "i",
    "e": "aio",
    "a": "eo",
    "o": "aeu",
    "u": "o",
    "h": "w",
}


def heads_like(letter: str) -> str:
    """Return the letters that a name with this first letter may begin with when somebody else writes it."""
    return letter + _ALIKE.get(letter, "")


@lru_cache(maxsize=4096)
def sound_of(name: str) -> str:
    """Return a name's consonants by sound, repeated ones once; equal for most ways to spell it."""
    text = name
    for pattern, sound in _SOUNDS:
        text = pattern.sub(sound, text)
    return "".join(letter for at, letter in enumerate(text) if at == 0 or text[at - 1] != letter)


@lru_cache(maxsize=4096)
def looks_like(seen: str, name: str) -> bool:
    """Tell whether a word may be a misspelling of a name."""
    if abs(len(seen) - len(name)) > SHORT // 2 or seen[0] not in heads_like(name[0]):
        return False
    if len(name) < SHORT - 1:
        return len(name) >= BRIEF and _bare(seen) == _bare(name)
    allowed = 1 if len(name) < LONG else 2
    # A long name that differs more is another's.
    if len(name) >= LONG and distance(seen, name, 3) > (2 if len(name) < LONGER else 3):
        return False
    if len(name) == SHORT - 1 and _bare(seen) == _bare(name):
        return True
    if seen[0] == name[0] and len(name) >= SHORT and distance(seen, name, allowed) <= allowed:
        return True
    return _begin_alike(seen, name) and len(sound_of(name)) > 1 and sound_of(seen) == sound_of(name)


def looks_like_short(seen: str, name: str) -> bool:
    """Tell whether a word after a title may be a short name misspelt: one letter more, less or other."""
    return len(name) < SHORT and abs(len(seen) - len(name)) <= 1 and distance(seen, name, 1) <= 1


@lru_cache(maxsize=4096)
def loosely_like(seen: str, name: str) -> bool:
    """Tell whether a word may be a name where the other half of that name stands beside it."""
    if len(name) < SHORT - 1 or len(seen) < BRIEF or abs(len(seen) - len(name)) > BRIEF:
        return False
    if seen[0] not in heads_like(name[0]):
        return False
    if distance(seen, name, BRIEF) <= min(BRIEF, len(name) // 4):
        return True
    one, other = sound_of(seen), sound_of(name)
    return _begin_alike(seen, name) and min(len(one), len(other)) >= BRIEF and one == other


def _bare(name: str) -> str:
    """Return a short name without what strangers leave out or double: Zhao and Zao, Khan and Kahn, Fox and Foxx."""
    return "".join(letter for at, letter in enumerate(name) if letter != "h" and letter != name[at - 1 : at])


def _begin_alike(seen: str, name: str) -> bool:
    return sound_of(seen)[:1] == sound_of(name)[:1] and (seen[0] in "aeiou") == (name[0] in "aeiou")


def distance(one: str, other: str, limit: int) -> int:
    """Return how many letters to add, drop, change or swap; more than the limit may come back as any number over it."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, last, row = row, before, [at]
        for to, wanted in enumerate(other, 1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != wanted))
            if last and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, last[to - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
