"""Undoes damage that a web form, a mail or a database did to a text, and leads back to the text as submitted.

It decodes HTML entities, percent, quoted-printable and backslash escapes, and UTF-8 that was read in another encoding
("Oâ€™Sullivan", "SiÃ¢n"), also if that happened twice. A sequence is decoded only if it cannot mean anything else: an
accented capital at the end of a word, before a curly apostrophe, looks like damaged UTF-8 and is not.
"""

import html
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

ROUNDS = 3  # damaged twice, and an entity inside
_HEX = "[0-9A-Fa-f]"
# UTF-8 sequences of accented Latin letters, punctuation and full-width signs: first bytes, second bytes, number of
# further bytes.
_SEQUENCES: tuple[tuple[tuple[int, ...], tuple[int, ...], int], ...] = (
    ((0xC2, 0xC3, 0xC4, 0xC5), tuple(range(0x80, 0xC0)), 1),
    ((0xC8,), (0x98, 0x99, 0x9A, 0x9B), 1),
    ((0xE1,), (0xB8, 0xB9, 0xBA, 0xBB), 2),
    ((0xE2,), (0x80, 0x82, 0x84), 2),
    ((0xEF,), (0xBC, 0xBD), 2),
)
_CODE_PAGES = ("cp1252", "mac_roman", "cp850", "cp437", "cp1250", "iso8859_2")
# Windows-1252 shows these first bytes as accented capitals. Before a quote or dash such a capital is genuine. A Greek
# or Cyrillic first byte is damage even there, because no word ends in the capital that it looks like.
_QUOTES = frozenset((0x85, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0xA0, 0xAB, 0xAD, 0xBB, 0xBF))
_UNQUOTED = tuple(code for code in range(0x80, 0xC0) if code not in _QUOTES)
_WINDOWS: tuple[tuple[tuple[int, ...], tuple[int, ...], int], ...] = (
    ((0xC6,), (0x92, 0xA0, *_UNQUOTED), 1),
    ((0xCA,), (0xBB, *_UNQUOTED), 1),
    ((0xC7, 0xC8, 0xC9, 0xCB, 0xCC, 0xCD), _UNQUOTED, 1),
    ((0xCE, 0xCF, 0xD0, 0xD1), tuple(set(range(0x80, 0xC0)) - {0xA0, 0xAD}), 1),
)


class Decoded(NamedTuple):
    """A decoded text; `offsets` gives the original position of each character and the end, None if nothing changed."""

    text: str
    offsets: list[int] | None


def _characters(page: str, codes: Iterable[int]) -> str:
    """Return a pattern class of the characters that a code page shows for bytes; gaps of cp1252 are read as Latin-1."""
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
_LEADS = "\u00c3-\u00c5\u00c8\u0102\u0106\u0139"  # first bytes of accented Latin letters, in European code pages
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
    """Return a text with the damage undone."""
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
    """Yield each piece of a text: its start, its decoded text, and whether decoding left it unchanged."""
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
        case "lost":  # an unknown letter
            return "\ufffd"
        case "escaped":
            code = int(spoilt[2:].strip("{}"), 16)
            return chr(code) if not 0xD800 <= code < 0xE000 else spoilt  # noqa: PLR2004 - surrogates are no characters
        case page:
            try:
                return bytes(_BYTES[page or ""][shown] for shown in spoilt).decode()
            except UnicodeDecodeError:
                return spoilt


def _text_of(raw: bytes) -> str:
    """Decode bytes as UTF-8 or, if they are not valid UTF-8, as Windows-1252."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
