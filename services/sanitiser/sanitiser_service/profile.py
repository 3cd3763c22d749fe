"""Whom the text must not give away: every value of the form that identifies source, submitter or agency (D-S2).

A value is *identifying* when it points at one person or agency wherever it stands (a name, a number, an address) and
*descriptive* when it does so only as a word of its own (a role, a relationship).
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from pipeline_shared.submission import Agency, Source, Submission, Submitter

SHORTEST = 2


class Token(StrEnum):
    """What stands where a protected value stood: constant and visible, never a realistic fake."""

    SOURCE = "[SOURCE]"
    SOURCE_CONTACT = "[SOURCE CONTACT]"
    SOURCE_DETAIL = "[SOURCE DETAIL]"
    SUBMITTER = "[SUBMITTER]"
    SUBMITTER_CONTACT = "[SUBMITTER CONTACT]"
    SUBMITTER_DETAIL = "[SUBMITTER DETAIL]"
    AGENCY = "[AGENCY]"
    REMOVED = "[REMOVED]"


class Protected(NamedTuple):
    """One value that must not be left: what it is (`rule`), what replaces it, and how it identifies."""

    value: str
    token: Token
    rule: str
    identifying: bool = True


def _read_words(name: str) -> frozenset[str]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


ORGANISATION_WORDS = _read_words("organisation_words.txt")
TITLES = _read_words("titles.txt")


def protected_values(submission: Submission, agency: Agency) -> tuple[Protected, ...]:
    """Return every protected value, longest first, so that a whole name goes before its parts."""
    values = [
        *_source(submission.source),
        *_submitter(submission.submitter),
        *_organisation(agency.name, "agency.name"),
    ]
    usable = {(v.value.casefold(), v.rule): v for v in values if sum(map(str.isalnum, v.value)) >= SHORTEST}
    return tuple(sorted(usable.values(), key=lambda v: len(v.value), reverse=True))


def _source(source: Source) -> Iterator[Protected]:
    yield from _name(source.name, Token.SOURCE, "source.name")
    yield from _name(source.also_known_as, Token.SOURCE, "source.also_known_as")
    yield Protected(source.phone, Token.SOURCE_CONTACT, "source.phone")
    yield Protected(source.email, Token.SOURCE_CONTACT, "source.email")
    yield from _address(source.address)
    yield Protected(source.vehicle_registration, Token.SOURCE_DETAIL, "source.vehicle_registration")
    yield Protected(source.role, Token.SOURCE_DETAIL, "source.role", identifying=False)
    yield Protected(source.relationship_to_subject, Token.SOURCE_DETAIL, "source.relationship", identifying=False)
    yield from _organisation(source.organisation, "source.organisation")


def _submitter(submitter: Submitter) -> Iterator[Protected]:
    yield from _name(submitter.name, Token.SUBMITTER, "submitter.name")
    yield Protected(submitter.phone, Token.SUBMITTER_CONTACT, "submitter.phone")
    yield Protected(submitter.email, Token.SUBMITTER_CONTACT, "submitter.email")
    yield Protected(submitter.role, Token.SUBMITTER_DETAIL, "submitter.role", identifying=False)
    yield from _organisation(submitter.organisation, "submitter.organisation")


def _name(name: str, token: Token, rule: str) -> Iterator[Protected]:
    yield Protected(name, token, rule)
    for part in name.replace("-", " ").replace(".", " ").split():
        if part.casefold() not in TITLES:
            yield Protected(part, token, f"{rule}.part")


def _address(address: str) -> Iterator[Protected]:
    """Protect the whole, its first line and its postcode; a street alone may be the subject's too."""
    yield Protected(address, Token.SOURCE_DETAIL, "source.address")
    lines = [line.strip() for line in address.split(",")]
    if len(lines) > 1:
        yield Protected(lines[0], Token.SOURCE_DETAIL, "source.address.first_line")
        if any(map(str.isdigit, lines[-1])):
            yield Protected(lines[-1], Token.SOURCE_DETAIL, "source.address.postcode")


def _organisation(name: str, rule: str) -> Iterator[Protected]:
    """Protect the whole name, and each word of it that is not one of many organisations'."""
    yield Protected(name, Token.AGENCY, rule)
    for word in name.replace("-", " ").replace("'", " ").split():
        if word.casefold().strip(".,&()") not in ORGANISATION_WORDS:
            yield Protected(word, Token.AGENCY, f"{rule}.part")
