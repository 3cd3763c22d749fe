"""A text as it was meant before a web form, a mail or a database spoilt it, with the way back to the text as submitted.

Undone are HTML entities, percent, quoted-printable and backslash escapes, and UTF-8 that was read as another encoding
("Oâ€™Sullivan", "SiÃ¢n"), also where that happened twice. Only sequences that nothing else means are read as spoilt: a
word that ends in a capital with a mark, before a curly apostrophe, looks like one and is none.
"""

import html
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

ROUNDS = 3  # spoilt twice, and once more for an entity inside
_HEX = "[0-9A-Fa-f]"
# What UTF-8 has for Latin letters with marks, for punctuation and for full-width signs: first bytes, then the others.
_SEQUENCES: tuple[tuple[tuple[int, ...], tuple[int, ...], int], ...] = (
    ((0xC2, 0xC3, 0xC4, 0xC5), tuple(range(0x80, 0xC0)), 1),
    ((0xC8,), (0x98, 0x99, 0x9A, 0x9B), 1),
    ((0xE1,), (0xB8, 0xB9, 0xBA, 0xBB), 2),
    ((0xE2,), (0x80, 0x82, 0x84), 2),
    ((0xEF,), (0xBC, 0xBD), 2),
)
_CODE_PAGES = ("cp1252", "mac_roman", "cp850", "cp437", "cp1250", "iso8859_2")
# Windows' own page shows these first bytes as capitals with marks: before a quote or dash they are what they look like,
# but for letters of Greek and Cyrillic, which no word has before a quote.
_QUOTES = frozenset((0x85, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0xA0, 0xAB, 0xAD, 0xBB, 0xBF))
_UNQUOTED = tuple(code for code in range(0x80, 0xC0) if code not in _QUOTES)
_WINDOWS: tuple[tuple[tuple[int, ...], tuple[int, ...], int], ...] = (
    ((0xC6,), (0x92, 0xA0, *_UNQUOTED), 1),
    ((0xCA,), (0xBB, *_UNQUOTED), 1),
    ((0xC7, 0xC8, 0xC9, 0xCB, 0xCC, 0xCD), _UNQUOTED, 1),
    ((0xCE, 0xCF, 0xD0, 0xD1), tuple(set(range(0x80, 0xC0)) - {0xA0, 0xAD}), 1),
)


class Decoded(NamedTuple):
    """A text as meant; `offsets` leads each character back, with one more for the end; None where nothing changed."""

    text: str
    offsets: list[int] | None


def _characters(page: str, codes: Iterable[int]) -> str:
    """Return what a code page shows for bytes, as a class of a pattern; what it lacks shows as in Latin-1."""
    shown = [bytes([code]).decode(page, "ignore") for code in codes]
    latin = [chr(code) for code in codes] if page == "cp1252" else []
    return f"[{re.escape(''.join((*shown, *latin)))}]"


def _sequences(page: str) -> tuple[tuple[tuple[int, ...], tuple[int, ...], int], ...]:
    return (*_SEQUENCES, *_WINDOWS) if page == "cp1252" else _SEQUENCES


def _pattern(page: str) -> str:
    alternatives = [
        _characters(page, first)
        + _characters(page, second)
        + (_characters(page, range(0x80, 0xC0)) if more > 1 else "")
        for first, second, more in _sequences(page)
    ]
    return f"(?P<{page}>{'|'.join(alternatives)})"


def _bytes_of(page: str) -> dict[str, int]:
    latin = {chr(code): code for code in range(0x80, 0x100)} if page == "cp1252" else {}
    return latin | {shown: code for code in range(0x80, 0x100) if (shown := bytes([code]).decode(page, "ignore"))}


_BYTES = {page: _bytes_of(page) for page in _CODE_PAGES}
_LEADS = "\u00c3-\u00c5\u00c8\u0102\u0106\u0139"  # first bytes of Latin letters with marks, on the pages of Europe
_SPOILT = re.compile(
    "|".join(
        (
            rf"(?P<entity>&(?:#\d{{1,7}}|#[xX]{_HEX}{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,31}});?)",
            rf"(?P<percent>(?:%{_HEX}{{2}})+)",
            rf"(?P<quoted>(?:=[89A-Fa-f]{_HEX})+|(?<=[A-Za-z])=(?:20|27|2[DdEe]|40|5[Ff])(?=[A-Za-z])|(?<=\S)=\r?\n)",
            rf"(?P<lost>[{_LEADS}](?:\ufffd|\?(?=[^\W\d_])))",
            rf"(?P<escaped>\\u(?![dD][89A-Fa-f]){_HEX}{{4}}|\\u\{{{_HEX}{{1,5}}\}}|\\U000{_HEX}{{5}}|\\x{_HEX}{{2}})",
            *map(_pattern, _CODE_PAGES),
        )
    )
)
_BEGINNINGS = frozenset("&%=\\").union(
    *(
        [shown for shown, code in table.items() if any(code in first for first, _, _ in _sequences(page))]
        for page, table in _BYTES.items()
    )
)


def decoded(text: str) -> Decoded:
    """Return a text as it was meant."""
    offsets: list[int] | None = None
    for _ in range(ROUNDS):
        if _BEGINNINGS.isdisjoint(text):
            break
        pieces = list(_pieces(text))
        meant = "".join(piece for _, piece, _ in pieces)
        if meant == text:
            break
        way = [at for start, piece, is_same in pieces for at in _way(start, piece, is_same=is_same)]
        way.append(len(text))
        offsets = way if offsets is None else [offsets[at] for at in way]
        text = meant
    return Decoded(text, offsets)


def _way(start: int, piece: str, *, is_same: bool) -> Iterator[int]:
    return iter(range(start, start + len(piece))) if is_same else iter([start] * len(piece))


def _pieces(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield each piece of a text: its start, its meaning, and whether the text says it in plain characters."""
    end = 0
    for found in _SPOILT.finditer(text):
        meant = _meant(found)
        if meant != found.group():
            yield end, text[end : found.start()], True
            yield found.start(), meant, False
            end = found.end()
    yield end, text[end:], True


def _meant(found: re.Match[str]) -> str:
    spoilt = found.group()
    match found.lastgroup:
        case "entity":
            return html.unescape(spoilt)
        case "percent" | "quoted":
            return _text_of(bytes.fromhex(spoilt.strip("\r\n").replace("%", "").replace("=", "")))
        case "lost":  # a letter, and nobody can tell which
            return "\ufffd"
        case "escaped":
            code = int(spoilt[2:].strip("{}"), 16)
            return chr(code) if not 0xD800 <= code < 0xE000 else spoilt  # noqa: PLR2004 - halves of a letter
        case page:
            try:
                return bytes(_BYTES[page or ""][shown] for shown in spoilt).decode()
            except UnicodeDecodeError:
                return spoilt


def _text_of(raw: bytes) -> str:
    """Return what bytes say: in UTF-8 or, where they are none, as Windows has them."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
