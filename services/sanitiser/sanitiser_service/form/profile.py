"""The profile: every value on the form that identifies the source, the submitter or the agency (D-S2).

An *identifying* value (a name, a number, an address) counts wherever it stands, also inside another word. A
*descriptive* value (a role, a relationship) counts only as a separate word. Damaged values are decoded first.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from pipeline_shared.language.restricted import Agency, Source, Submission, Submitter
from sanitiser_service.form.common_words import WORDS, words_of
from sanitiser_service.form.decoding import decoded
from sanitiser_service.form.titles import with_plain_endings, without_titles

SHORTEST, LONG_ENOUGH, LONG = 2, 3, 5
_NAME_JOINTS = re.compile(r"[\s.,;/()+_\"\-\u2010-\u2015]+")
_AT = re.compile(r"\s*[(\[{<]\s*(?:at|@)\s*[)\]}>]\s*|\s+at\s+|\s*[@\uff20\ufe6b]\s*", re.IGNORECASE)
_POSTCODE = re.compile(r"\b[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}\b")


class Token(StrEnum):
    """The constant, visible text that replaces a protected value; never a realistic fake."""

    SOURCE = "[SOURCE]"
    SOURCE_CONTACT = "[SOURCE CONTACT]"
    SOURCE_DETAIL = "[SOURCE DETAIL]"
    SUBMITTER = "[SUBMITTER]"
    SUBMITTER_CONTACT = "[SUBMITTER CONTACT]"
    SUBMITTER_DETAIL = "[SUBMITTER DETAIL]"
    AGENCY = "[AGENCY]"
    REMOVED = "[REMOVED]"


class Protected(NamedTuple):
    """A value that must not be left, with the name of its field (`rule`) and the token that replaces it."""

    value: str
    token: Token
    rule: str
    identifying: bool = True


ORGANISATION_WORDS = words_of("organisation_words.txt")


def protected_values(submission: Submission, agency: Agency) -> tuple[Protected, ...]:
    """Return every protected value, longest first, so that a whole name is searched before its parts."""
    source, submitter = submission.source, submission.submitter
    full_names = (decoded(name).text.casefold() for name in (source.name, source.also_known_as, submitter.name))
    names = frozenset(part for name in full_names for part in _parts_of(name))
    values = [
        *_source(source, names),
        *_submitter(submitter, names),
        *_organisation(agency.name, "agency.name"),
    ]
    usable = {(v.value.casefold(), v.rule): v for v in values if sum(map(str.isalnum, v.value)) >= SHORTEST}
    return tuple(sorted(usable.values(), key=lambda v: len(v.value), reverse=True))


def _source(source: Source, names: frozenset[str]) -> Iterator[Protected]:
    yield from _name(source.name, Token.SOURCE, "source.name")
    yield from _name(source.also_known_as, Token.SOURCE, "source.also_known_as")
    yield Protected(decoded(source.phone).text, Token.SOURCE_CONTACT, "source.phone")
    yield from _email(source.email, names, Token.SOURCE_CONTACT, "source.email")
    yield from _address(source.address)
    registration = decoded(source.vehicle_registration).text
    yield Protected(registration, Token.SOURCE_DETAIL, "source.vehicle_registration")
    relationship = decoded(source.relationship_to_subject).text
    yield Protected(decoded(source.role).text, Token.SOURCE_DETAIL, "source.role", identifying=False)
    yield Protected(relationship, Token.SOURCE_DETAIL, "source.relationship", identifying=False)
    yield from _organisation(source.organisation, "source.organisation")


def _submitter(submitter: Submitter, names: frozenset[str]) -> Iterator[Protected]:
    yield from _name(submitter.name, Token.SUBMITTER, "submitter.name")
    yield Protected(decoded(submitter.phone).text, Token.SUBMITTER_CONTACT, "submitter.phone")
    yield from _email(submitter.email, names, Token.SUBMITTER_CONTACT, "submitter.email")
    yield Protected(decoded(submitter.role).text, Token.SUBMITTER_DETAIL, "submitter.role", identifying=False)
    yield from _organisation(submitter.organisation, "submitter.organisation")


def _name(value: str, token: Token, rule: str) -> Iterator[Protected]:
    """Yield the whole name and each part of it except titles."""
    name = decoded(value).text
    yield Protected(name, token, rule)
    for part in without_titles(_parts_of(with_plain_endings(name)), str.casefold):
        yield Protected(part, token, f"{rule}.part")


def _parts_of(name: str) -> list[str]:
    return [part for part in _NAME_JOINTS.split(name) if part]


def email_parts(value: str) -> tuple[str, str]:
    """Return the user and the domain of an e-mail address, also if its "@" is written in another way."""
    plain = value.strip().rpartition("<")[2].rstrip("> ") if value.rstrip().endswith(">") else value.strip()
    user, *rest = _AT.split(plain.removeprefix("mailto:"), maxsplit=1)
    return user, rest[0] if rest else ""


def _email(value: str, names: frozenset[str], token: Token, rule: str) -> Iterator[Protected]:
    """Yield the whole address and, if they are rare enough, its user name and the parts of that."""
    email = decoded(value).text
    yield Protected(email, token, rule)
    local, _ = email_parts(email.casefold())
    detail = Token.SOURCE_DETAIL if token is Token.SOURCE_CONTACT else Token.SUBMITTER_DETAIL
    whole = "".join(filter(str.isalnum, local.partition("+")[0]))
    for user in dict.fromkeys((whole, *filter(None, re.split(r"[\W_]+", local)))):
        kind = f"{rule}.user" if user == whole else f"{rule}.user.half"
        letters = user.strip("0123456789")
        if len(user) >= LONG and letters and _is_rare(user, names):
            yield Protected(user, detail, kind, identifying=letters != user)
        if len(letters) >= LONG and letters != user and letters.isalpha() and _is_rare(letters, names):
            yield Protected(letters, detail, f"{rule}.user.half", identifying=False)


def _is_rare(word: str, known: frozenset[str]) -> bool:
    return word not in known and word not in WORDS and word not in ORGANISATION_WORDS


def _address(value: str) -> Iterator[Protected]:
    """Yield the whole address, its first line and its postcode; a street alone may also be the street of a subject."""
    address = decoded(value).text
    yield Protected(address, Token.SOURCE_DETAIL, "source.address")
    lines = [line.strip() for line in address.split(",")]
    if len(lines) > 1:
        yield Protected(lines[0], Token.SOURCE_DETAIL, "source.address.first_line")
    codes = _POSTCODE.findall(address) or [line for line in lines[1:] if any(map(str.isdigit, line))]
    if codes:
        yield Protected(codes[-1], Token.SOURCE_DETAIL, "source.address.postcode")


def _organisation(value: str, rule: str) -> Iterator[Protected]:
    """Yield the whole name, and each word of it that is not common in names of organisations."""
    name = decoded(value).text
    yield Protected(name, Token.AGENCY, rule)
    for word in name.replace("-", " ").replace("'", " ").split():
        letters = "".join(filter(str.isalnum, word))
        if len(letters) >= LONG_ENOUGH and word.casefold().strip(".,&()") not in ORGANISATION_WORDS:
            yield Protected(word, Token.AGENCY, f"{rule}.part")
