"""The identity canary: a unique token in every identity field of every submission, and a search for all tokens.

All tokens begin with one of three marks that occur nowhere else, so a search needs no list of planted tokens. The mark
shows that something leaked; the rest of the token names the field and the submission.
"""

import base64
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline_shared.language.restricted import Source, Submitter

MARK = "zqorvexil"
DIGITS = "918273645546"  # the mark of phone numbers
AGENCY_MARK = "zqagencyx"  # separate, because intake may store the names of its agencies
IDENTITY = (MARK, DIGITS)

IDENTITY_FIELDS = {
    part: [name for name in model.model_fields if name not in {"kind", "wishes_anonymity"}]
    for part, model in (("source", Source), ("submitter", Submitter))
}
AS_LETTERS = str.maketrans("0123456789", "bcdfghjkmp")  # a name may not have digits
CHUNK = 8 * 1024 * 1024
LONGEST_SPELLING = 256
AFTERWARDS = 48


def token(field: str, seed: str) -> str:
    """Return the token for a field of the submission with this seed."""
    number = f"{int.from_bytes(sha256(f'{field} {seed}'.encode()).digest()[:5]):013d}"
    return f"{DIGITS}{number}" if field == "phone" else f"{MARK}{field.replace('_', '')}{number.translate(AS_LETTERS)}"


def plant(form: Any, seed: str) -> Any:
    """Return a form with a token in each identity field and one in its text; existing values stay beside the tokens.

    The same seed plants the same tokens, so a submission sent again is the same submission.
    """
    if not isinstance(form, dict) or has_mark(repr(form)):  # pyright: ignore[reportUnknownArgumentType]
        return form  # pyright: ignore[reportUnknownVariableType]
    planted: dict[str, Any] = {**form}
    for part, fields in IDENTITY_FIELDS.items():
        if isinstance(planted.get(part), dict):
            planted[part] = {**planted[part], **_planted(part, planted[part], fields, seed)}
    planted.setdefault("known_how_note", token("note", seed))
    contacts = [planted[part]["email"] for part in IDENTITY_FIELDS if isinstance(planted.get(part), dict)]
    if isinstance(planted.get("narrative"), str):  # a token without a name: a name in a story would hold the submission
        planted["narrative"] += "".join(f" ({contact})" for contact in contacts)
    return planted


def _planted(part: str, holds: dict[str, Any], fields: list[str], seed: str) -> dict[str, str]:
    """Fill an empty value; a name keeps its own words and gets the token as one more word."""
    tokens = {field: token("phone" if field == "phone" else part + field, f"{part} {seed}") for field in fields}
    tokens["name"] = f"{holds.get('name', '')} {token(part + 'name', seed)}".strip()
    return {field: text for field, text in tokens.items() if field == "name" or not holds.get(field)}


def has_mark(text: str) -> bool:
    """Tell whether a text contains a token in its plain spelling."""
    return any(mark in text.casefold() for mark in (*IDENTITY, AGENCY_MARK))


class Search:
    """A search for marks in bytes: plain, base64 at each alignment, hexadecimal, URL and JSON escapes, UTF-16."""

    def __init__(self, *marks: str) -> None:
        self._in_any_case = [(name, text) for mark in marks for name, text in _spellings_in_any_case(mark)]
        self._exact = [(f"base64+{n}", text) for mark in marks for n, text in enumerate(_base64_spellings(mark))]

    def in_bytes(self, data: bytes) -> Iterator[str]:
        """Yield the encoding and the surroundings of each mark in the data, once for each encoding."""
        lowered = data.lower()
        for spellings, text in ((self._in_any_case, lowered), (self._exact, data)):
            for name, spelling in spellings:
                if (at := text.find(spelling)) >= 0:
                    yield f"{name} {data[at : at + len(spelling) + AFTERWARDS]!r}"

    def in_file(self, path: Path) -> Iterator[str]:
        """Yield the results of `in_bytes` for a whole file. Skip its holes: Kafka and PostgreSQL reserve space."""
        with path.open("rb", buffering=0) as file:
            for start, end in _written(file.fileno()):
                for at in range(start, end, CHUNK):
                    length = min(CHUNK, end - at) + LONGEST_SPELLING  # the piece overlaps the next one
                    yield from self.in_bytes(os.pread(file.fileno(), length, at))


def _spellings_in_any_case(mark: str) -> Iterator[tuple[str, bytes]]:
    """Yield the spellings to find in lower-case bytes. UTF-16 of either byte order has the same middle."""
    yield "plain", mark.encode()
    yield "hex", mark.encode().hex().encode()
    yield "url", "".join(f"%{ord(letter):02x}" for letter in mark).encode()
    yield "json", "".join(f"\\u{ord(letter):04x}" for letter in mark).encode()
    yield "utf-16", mark.encode("utf-16-le")[:-1]


def _base64_spellings(mark: str) -> Iterator[bytes]:
    """Yield, for each alignment, the characters that do not depend on the neighbouring bytes."""
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(mark)) * 8 // 6
        yield base64.b64encode(bytes(before) + mark.encode() + bytes(2))[first:last]


def _written(descriptor: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a file that hold data."""
    size, at = os.fstat(descriptor).st_size, 0
    while at < size:
        try:
            start = os.lseek(descriptor, at, os.SEEK_DATA)
        except OSError:  # the rest of the file is a hole
            return
        at = os.lseek(descriptor, start, os.SEEK_HOLE)
        yield start, at
