"""Folds a text to the spelling of the matcher: characters that look alike become one character.

Damaged text is decoded first (`decoding.py`). Case, accents, full-width letters, look-alike letters and digits of other
scripts, and curly quotes are folded; invisible characters are removed.
"""

import unicodedata
from functools import lru_cache

from pipeline_shared.text.fold import Folded, fold_text
from sanitiser_service.form.decoding import decoded

_LETTERS = {
    "ł": "l", "\u0131": "i", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŋ": "n",
    "ə": "e",
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i", "ј": "j", "ѕ": "s", "ԁ": "d",  # noqa: RUF001
    "к": "k", "м": "m", "т": "t", "в": "b", "н": "h", "ԛ": "q", "ԝ": "w", "һ": "h",  # noqa: RUF001
    "г": "r", "ь": "b", "п": "n", "ш": "w",  # noqa: RUF001
    "α": "a", "ο": "o", "ν": "v", "ρ": "p", "ι": "i", "κ": "k", "τ": "t", "υ": "u", "χ": "x",  # noqa: RUF001
    "β": "b", "γ": "y", "ε": "e", "η": "n", "ω": "w", "ϲ": "c", "ϳ": "j",  # noqa: RUF001
    "օ": "o", "ս": "u", "հ": "h", "ո": "n", "ց": "g", "ɑ": "a", "ɡ": "g", "ɩ": "i", "ɪ": "i", "ʟ": "l", "ɴ": "n",  # noqa: RUF001
    "ʀ": "r", "ʏ": "y", "ʙ": "b", "ɢ": "g", "ʜ": "h", "ғ": "f", "ꜱ": "s", "ᴀ": "a", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e",  # noqa: RUF001
    "ᴊ": "j", "ᴋ": "k", "ᴍ": "m", "ᴏ": "o", "ᴘ": "p", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w", "ᴢ": "z",  # noqa: RUF001
    "\u2018": "'", "\u2019": "'", "\u201b": "'", "\u02bc": "'", "\u02b9": "'", "`": "'", "\u00b4": "'", "\u2032": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-",
}  # fmt: skip
# Letters in black circles and squares, and regional indicators, which form the emoji of flags.
_BOXED = {chr(first + n): chr(ord("a") + n) for first in (0x1F150, 0x1F170, 0x1F1E6) for n in range(26)}
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn"})
_SPACING = "\t\n\r"
MOST_LETTERS = 4  # one Arabic ligature stands for eighteen letters: a text of it would take as long as eighteen texts


def fold(text: str) -> Folded:
    """Return a text decoded and folded."""
    meant, way = decoded(text)
    return fold_meant(meant).after(way)


def fold_meant(text: str) -> Folded:
    """Return a text folded, without decoding it."""
    return fold_text(text, _fold_one)


def squeezed(text: str) -> str:
    """Return only the letters and digits of a value, folded."""
    return "".join(filter(str.isalnum, fold(text).text))


@lru_cache(maxsize=8192)
def _fold_one(character: str) -> str:
    if character in _SPACING:
        return character
    parts = unicodedata.normalize("NFKD", character).casefold()
    if len(parts) > MOST_LETTERS:
        return " "
    kept = (_plain_of(part) for part in parts if unicodedata.category(part) not in _INVISIBLE)
    return "".join(kept).replace("\n", " ")


def _plain_of(part: str) -> str:
    """Return the plain letter that looks the same, or the ASCII digit for a digit of any script."""
    if part.isdigit() and not part.isascii():
        return str(unicodedata.digit(part))
    return _LETTERS.get(part) or _BOXED.get(part, part)
