"""Letters that are confused at the beginning of a name; comparing them rules out most pairs of names quickly."""

# First letters that sound alike or are often confused.
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
    """Return the first letters of possible misspellings of a name with this first letter."""
    return letter + _ALIKE.get(letter, "")
