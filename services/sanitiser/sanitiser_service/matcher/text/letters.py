"""Letters that people mistake for each other at the beginning of a name: a quick no for most pairs of names."""

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
