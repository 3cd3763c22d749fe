"""Reads texts for the leak check: plain letters, words, digits and addresses.

The matcher has other code for the same tasks on purpose, so that one mistake cannot hide in both. The leak check does
not need the position of a value in the original text, so the decoders of the standard library are enough.
"""

import html
import quopri
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

ENOUGH_DIGITS = 6
DECODINGS = 3
NEAR = 3
STEM = 4

_NOT_LETTERS = re.compile(r"[\W_]+")
_ENDING = re.compile(r"(?:['\u2019]s)\b")
_STRANGE_RUN = re.compile(r"[^\x00-\x7f]+")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_LOOK_ALIKES = str.maketrans(
    "аеорсухіјѕԁкмтвнԛԝһгьпшαονρικτυχβγεηωłıøđɡɑᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢɪʟɴʀʏʙɢʜғꜱ",
    "aeopcyxijsdkmtbhqwhrbnwaovpiktuxbyenwliodgaacdejkmoptuvwzilnrybghfs",
)
_SPELLED_DIGITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_REPEATED = {"double": 2, "treble": 3, "triple": 3}
_POSTCODE = re.compile(r"[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}$")
_LINES = re.compile(r"[,;\n]")
_HOUSE_NUMBER = re.compile(r"(\d+)[a-z]?")
# Words that do not distinguish one street from another.
_NOT_DISTINCTIVE = frozenset(
    {"a", "apartment", "apt", "at", "b", "block", "c", "d", "flat", "floor", "new", "no", "number", "of", "old", "on"}
    | {"room", "saint", "st", "the", "top", "unit", "upper", "lower", "great", "little", "north", "south", "east"}
    | {"west", "heol", "ffordd", "stryd", "lon", "y", "yr", "up", "upr", "lwr", "gt", "lt", "nth", "sth", "ss", "ste"}
)
_ORDINALS = {
    "1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth", "6th": "sixth", "7th": "seventh",
    "8th": "eighth", "9th": "ninth", "10th": "tenth", "11th": "eleventh", "12th": "twelfth", "13th": "thirteenth",
    "14th": "fourteenth", "15th": "fifteenth", "16th": "sixteenth", "17th": "seventeenth", "18th": "eighteenth",
    "19th": "nineteenth", "20th": "twentieth", "30th": "thirtieth", "40th": "fortieth", "50th": "fiftieth",
}  # fmt: skip
_COUNTED = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
    *(
        f"{ten}{one}"
        for ten in ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
        for one in ("", " one", " two", " three", " four", " five", " six", " seven", " eight", " nine")
    ),
)
_IN_FIGURES = {said: str(number) for number, said in enumerate(_COUNTED, 1)}
_IN_WORDS = {number: said for said, number in _IN_FIGURES.items()}
_BEFORE_NUMBERS = _NOT_DISTINCTIVE | _IN_FIGURES.keys()


def plain(text: str) -> str:
    """Return a text without accents and invisible characters; look-alike letters and digits become plain ones."""
    parts = unicodedata.normalize("NFKD", text.replace("\u0131", "i")).casefold()
    kept = "".join(part for part in parts if unicodedata.category(part) not in {"Mn", "Cf", "Me"})
    if not kept.isascii():
        kept = "".join(part if part.isascii() else str(unicodedata.digit(part, part)) for part in kept)
    return kept.translate(_LOOK_ALIKES)


def words_of(text: str) -> str:
    """Return the words of a text in plain letters, with one space between them."""
    return _NOT_LETTERS.sub(" ", _ENDING.sub("", plain(text))).strip()


def views_of(text: str) -> tuple[str, ...]:
    """Return a text as submitted and, if it was damaged, also as decoded."""
    meant = text
    for _ in range(DECODINGS):
        before = meant
        meant = _once_decoded(meant)
        if meant == before:
            break
    return (text,) if meant == text else (text, meant)


def _once_decoded(text: str) -> str:
    text = html.unescape(text) if "&" in text else text
    text = unquote(text) if "%" in text else text
    if "=" in text:
        text = quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    if "\\" in text:
        text = _ESCAPE.sub(lambda found: chr(int(f"0x{found[1] or found[2]}", 0)), text)
    return text if text.isascii() else _STRANGE_RUN.sub(lambda found: _reread(found.group()), text)


def _reread(run: str) -> str:
    """Return a run of letters decoded as UTF-8 if a code page had garbled it, otherwise the run unchanged."""
    for page in ("cp1252", "latin-1", "mac_roman", "cp850", "cp437"):
        try:
            return "".join(map(chr, _bytes_of(run, page))).encode("latin-1").decode()
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return run


def _bytes_of(run: str, page: str) -> Iterator[int]:
    for character in run:
        code = ord(character)
        yield code if 0x80 <= code < 0xA0 else character.encode(page)[0]  # noqa: PLR2004 - unused by Windows-1252


def home_digits(value: str) -> str:
    """Return the last digits of a phone number, which are the same with and without a country code."""
    digits = "".join(filter(str.isdecimal, plain(value)))
    return digits[-9:] if len(digits) >= ENOUGH_DIGITS else ""


def digits_of(words: list[str]) -> Iterator[str]:
    """Yield the digits of words, with a space wherever another word stands between them."""
    times = 1
    for word in words:
        if word in _REPEATED:
            times = _REPEATED[word]
            continue
        digit = word if word.isdecimal() else _SPELLED_DIGITS.get(word, " ")
        yield digit[:1] * (times - 1) + digit
        times = 1


def houses_of(address: str) -> tuple[tuple[str, str], ...]:
    """Return each number of an address with the first distinctive word after it."""
    words = words_of(address).split()
    found: list[tuple[str, str]] = []
    for at, word in enumerate(words):
        opens = at == 0 or (words[at - 1] in _BEFORE_NUMBERS and " ".join(words[at - 1 : at + 1]) not in _IN_FIGURES)
        said = _IN_FIGURES.get(" ".join(words[at : at + 2])) or _IN_FIGURES.get(word, "") if opens else ""
        if number := number_in(word) or said:
            street = next((w for w in words[at + 1 :] if _is_distinctive(w) and w not in _IN_FIGURES), "")
            found += [(number, _stem(street))] if street else []
    return tuple(found)


def _is_distinctive(word: str) -> bool:
    return len(word) > 1 and word not in _NOT_DISTINCTIVE and not number_in(word)


def phrases_of(address: str) -> tuple[str, ...]:
    """Return phrases that identify a house without digits: its name, or its number in words ("eighteen tarn")."""
    said = (f"{_IN_WORDS[number]} {street}" for number, street in houses_of(address) if number in _IN_WORDS)
    return (*named_houses_of(address), *said)


def named_houses_of(address: str) -> tuple[str, ...]:
    """Return the lines of more than one word before the first line with a house number, or before the last line."""
    lines = [_POSTCODE.sub("", plain(line).strip()).strip() for line in _LINES.split(address)]
    lines = [words_of(line) for line in lines if line]
    end = next(
        (at for at, line in enumerate(lines) if any(map(str.isdigit, line)) and not _is_unit(line)), len(lines) - 1
    )
    return tuple(line for line in lines[:end] if " " in line and not _is_unit(line))


def _is_unit(line: str) -> bool:
    """Tell whether a line contains only the number of a flat or floor."""
    return all(word in _BEFORE_NUMBERS or number_in(word) for word in line.split())


def stands_at(words: list[str], number: str, street: str) -> bool:
    """Tell whether a house number stands shortly before the distinctive word of its street."""
    places = (at for at, word in enumerate(words) if word[:1].isdigit() and number_in(word) == number)
    return any(street in map(_stem, words[at + 1 : at + 1 + NEAR]) for at in places)


def number_in(word: str) -> str:
    """Return the digits of a house number, or an empty text for any other word."""
    found = _HOUSE_NUMBER.fullmatch(word)
    return found[1] if found else ""


def _stem(word: str) -> str:
    return _ORDINALS.get(word) or (word.removesuffix("s") if len(word) >= STEM else word)
