"""Whether a text says anything to an eye: what nobody can see is no name and no narrative."""

import unicodedata

# Letters and symbols by their category, and blank all the same: Hangul fillers, the empty braille pattern, a null
# notehead, the placeholder of an object that is not there.
BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\U0001d159\ufffc")
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
VISIBLE = ("L", "N", "P", "S")  # marks stand on something; separators, formats, private and unassigned ones say nothing


def has_visible(text: str) -> bool:
    """Tell whether a text has a character that can be seen by itself."""
    return any(unicodedata.category(character)[0] in VISIBLE and character not in BLANK for character in text)


def has_letter(text: str) -> bool:
    """Tell whether a text has a letter of any script."""
    return any(unicodedata.category(character)[0] == "L" and character not in BLANK for character in text)


def has_unseen(text: str) -> bool:
    """Tell whether a text has a character that only steers how others are shown, or ends a line."""
    return any(unicodedata.category(character) in UNSEEN or character in BLANK for character in text)
