"""Compares two names by letters and by sound; names are short and few are compared, so the time is limited."""

from functools import lru_cache

from rapidfuzz.distance import OSA

from sanitiser_service.matcher.names.respelling import each_letter_once, respelled, rules_of
from sanitiser_service.matcher.text.letters import heads_like

SHORT, LONG, LONGER = 5, 8, 10
BRIEF, CLOSE = 3, 2
OPEN_SOUNDS = frozenset("aeiouyh")

# From spelling to sound, in order. Irish, Welsh and Polish names are misspelt most.
_SOUNDS = rules_of(
    (
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


@lru_cache(maxsize=4096)
def sound_of(name: str) -> str:
    """Return the consonants of a name by sound, without repeats; equal for most spellings of a name."""
    return each_letter_once(respelled(name, _SOUNDS))


@lru_cache(maxsize=4096)
def looks_like(seen: str, name: str) -> bool:
    """Tell whether a word may be a misspelling of a name."""
    if abs(len(seen) - len(name)) > SHORT // 2 or seen[0] not in heads_like(name[0]):
        return False
    if len(name) < SHORT - 1:
        return len(name) >= BRIEF and _bare(seen) == _bare(name)
    allowed = 1 if len(name) < LONG else 2
    # A long name that differs more is another name.
    if len(name) >= LONG and not differ_by_at_most(2 if len(name) < LONGER else 3, seen, name):
        return False
    if len(name) == SHORT - 1 and _bare(seen) == _bare(name):
        return True
    if seen[0] == name[0] and len(name) >= SHORT and differ_by_at_most(allowed, seen, name):
        return True
    return _begin_alike(seen, name) and len(sound_of(name)) > 1 and sound_of(seen) == sound_of(name)


@lru_cache(maxsize=16384)
def may_be_heard_as(seen: str, name: str) -> bool:
    """Tell whether two names may be confused when heard or typed; longer names may differ more."""
    short, long = sorted((len(seen), len(name)))
    if long - short > BRIEF or short < BRIEF or not _may_begin_alike(seen, name):
        return False
    one, other = spoken(seen), spoken(name)
    if one == other or spoken(seen.replace("c", "k")) == spoken(name.replace("c", "k")):
        return True
    if short < SHORT:
        allowed = 1 if short < SHORT - 1 or len(sound_of(name)) == 1 else CLOSE
        is_swap = short < SHORT - 1 and short == long  # Tim and Tom are different names
        return sound_of(seen) == sound_of(name) and not is_swap and differ_by_at_most(allowed, seen, name)
    sounds, wanted = _hissing(sound_of(seen)), _hissing(sound_of(name))
    if sounds == wanted and len(wanted) < BRIEF - (seen[:2] == name[:2]):
        return differ_by_at_most(CLOSE, seen, name)
    allowed = 1 if short < LONG - 1 else 2
    return sounds == wanted or differ_by_at_most(allowed, seen, name) or differ_by_at_most(1, one, other)


def _hissing(sound: str) -> str:
    """Return a sound with "sh" and "s" as one: Roisin has a "sh", and both are written."""
    return each_letter_once(sound.replace("S", "s"))


def _may_begin_alike(seen: str, name: str) -> bool:
    """Tell whether two names may begin with the same sound: confusable letters, or both a vowel, "y" or "h"."""
    return seen[0] in heads_like(name[0]) or (seen[0] in OPEN_SOUNDS and name[0] in OPEN_SOUNDS)


# From spelling to speech, in order: vowels by kind, doubled letters once, silent letters removed.
_SPEECH = rules_of(
    (
        (r"^ma?c(?=[^aeiouhky])", "mk"),
        (r"(?<=n)d(?=s)", ""),
        (r"^c(?=i[ae])", "k"),
        (r"eigh|ey$|ie$|ee$|y$|i$|ih$|leigh$", "i"),
        (r"ai|ay|ei|ae|a(?=[^aeiou]e$)", "e"),
        (r"ee|ie|y|ea", "i"),
        (r"oo|ou|ow|uu|o", "u"),
        (r"augh|au|aw", "u"),
        (r"ph", "f"),
        (r"sch|sh|ch|cz|tch|sz", "S"),
        (r"ck|qu|q|k|c(?=[aourltk])|c$", "k"),
        (r"c|z", "s"),
        (r"x", "ks"),
        (r"j|g(?=[eiy])", "j"),
        (r"(?<=[^aeiou])h|h(?=[^aeiou])|h$", ""),
        (r"^(?:wr|rh)", "r"),
        (r"^(?:kn|gn)", "n"),
        (r"(?<=[^aeiou])e$", ""),
    )
)


@lru_cache(maxsize=16384)
def spoken(name: str) -> str:
    """Return a name roughly as spoken, without doubled letters: Lynne and Lin, Reece and Rhys, Jeffrey and Geoffrey."""
    return each_letter_once(respelled(name, _SPEECH))


def looks_like_short(seen: str, name: str) -> bool:
    """Tell whether a word after a title may be a misspelt short name: one letter more, fewer or different."""
    return len(name) < SHORT and differ_by_at_most(1, seen, name)


@lru_cache(maxsize=4096)
def loosely_like(seen: str, name: str) -> bool:
    """Tell whether a word may be half of a name if the other half stands beside it."""
    if len(name) < SHORT - 1 or len(seen) < BRIEF or abs(len(seen) - len(name)) > BRIEF:
        return False
    if seen[0] not in heads_like(name[0]):
        return False
    if differ_by_at_most(min(BRIEF, len(name) // 4), seen, name):
        return True
    one, other = sound_of(seen), sound_of(name)
    return _begin_alike(seen, name) and min(len(one), len(other)) >= BRIEF and one == other


def _bare(name: str) -> str:
    """Return a short name without "h" and doubled letters: equal for Zhao and Zao, Khan and Kahn, Fox and Foxx."""
    return "".join(letter for at, letter in enumerate(name) if letter != "h" and letter != name[at - 1 : at])


def _begin_alike(seen: str, name: str) -> bool:
    return sound_of(seen)[:1] == sound_of(name)[:1] and (seen[0] in "aeiou") == (name[0] in "aeiou")


def differ_by_at_most(letters: int, one: str, other: str) -> bool:
    """Tell whether two words differ by at most this many letters added, dropped, changed or swapped with the next."""
    return OSA.distance(one, other, score_cutoff=letters) <= letters
