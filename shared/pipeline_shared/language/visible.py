"""Whether a text is visible: invisible characters alone are neither a name nor a narrative."""

import unicodedata

# These are letters and symbols by their category, but blank: Hangul fillers, the empty braille pattern, a null
# notehead, the placeholder of a missing object.
BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\U0001d159\ufffc")
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
VISIBLE = ("L", "N", "P", "S")  # marks need a base; separators, formats, private and unassigned signs show nothing


def has_visible(text: str) -> bool:
    """Tell whether a text has a character that is visible by itself."""
    return any(unicodedata.category(character)[0] in VISIBLE and character not in BLANK for character in text)


def has_letter(text: str) -> bool:
    """Tell whether a text has a letter of any script."""
    return any(unicodedata.category(character)[0] == "L" and character not in BLANK for character in text)


def has_unseen(text: str) -> bool:
    """Tell whether a text has a character that only controls the display of others, or ends a line."""
    return any(unicodedata.category(character) in UNSEEN or character in BLANK for character in text)
