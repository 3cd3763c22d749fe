"""The protected persons, in every form a text may use; built once for each submission from the fields of its form.

`form/profile.py` lists the values for the leak check. This module goes further (nicknames, sounds, short forms) and
serves the matcher alone, so that a mistake here is not repeated in the leak check.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from pipeline_shared.language.content import Subjects
from pipeline_shared.language.restricted import Agency, Submission
from sanitiser_service.form.fields import texts_of
from sanitiser_service.form.profile import email_parts
from sanitiser_service.form.titles import titles_of, with_plain_endings, without_titles
from sanitiser_service.matcher.findings import Who
from sanitiser_service.matcher.text.dialling import national_number
from sanitiser_service.matcher.text.letters import heads_like
from sanitiser_service.matcher.text.lexicons import NICKNAMES, SURNAMES
from sanitiser_service.matcher.text.normalising import fold

SHORTEST = 2
LONG_STEM = 4
_NAME_WORD = re.compile(r"[^\W\d_]+")
_PREFIXES = ("mc", "mac")
_KEPT_HEADS = (*_PREFIXES, "ll", "ni")
SIGNS = frozenset("?\ufffd")  # signs in place of a lost letter
_ALNUM = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Name:
    """The parts of a person's name, each folded."""

    who: Who
    given: tuple[str, ...]
    family: tuple[str, ...]
    nicknames: frozenset[str]
    initials: frozenset[str]
    titles: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """Return given and family names."""
        return self.given + self.family


class Form(NamedTuple):
    """A word that may stand for a person: the person's name, the kind of finding, and whether it is a family name."""

    name: Name
    kind: str
    is_family: bool = False


@dataclass(frozen=True, slots=True)
class Protection:
    """Everything that identifies the source, the submitter or the agency, in the forms that the matchers search for."""

    names: tuple[Name, ...]
    phones: tuple[tuple[Who, str], ...]
    emails: tuple[tuple[Who, tuple[str, ...], tuple[str, ...]], ...]
    address: str
    roles: tuple[tuple[Who, str, str], ...]
    organisations: tuple[tuple[Who, str], ...]
    registration: str = ""
    subjects: str = ""
    known: dict[str, Form] = field(default_factory=dict[str, Form])
    # First letters and ends of possible short or misspelt forms: they rule out most words quickly.
    heads: frozenset[str] = frozenset()
    tails: frozenset[str] = frozenset()
    parts: tuple[tuple[Name, str], ...] = ()
    by_head: dict[str, tuple[tuple[Name, str], ...]] = field(default_factory=dict[str, tuple[tuple[Name, str], ...]])


def protection_of(submission: Submission, agency: Agency) -> Protection:
    """Return the protected forms of a submission, for the search in its texts."""
    source, submitter = submission.source, submission.submitter
    names = tuple(
        name
        for who, value, email in (
            (Who.SOURCE, source.name, source.email),
            (Who.SOURCE, source.also_known_as, ""),
            (Who.SUBMITTER, submitter.name, submitter.email),
        )
        if (name := name_of(who, value, email)).parts
    )
    parts = tuple((form.name, part) for part, form in _parts(names, "name.misspelling").items())
    heads = frozenset(head for _, part in parts for head in heads_like(part[0]))
    return Protection(
        names=names,
        phones=_phones(submission),
        emails=_emails(submission),
        address=source.address,
        roles=_roles(submission),
        organisations=_organisations(submission, agency),
        registration=source.vehicle_registration,
        subjects=_said_of(submission.subjects),
        known=_known(names),
        heads=heads,
        parts=parts,
        by_head={head: tuple(one for one in parts if head in heads_like(one[1][0])) for head in heads},
        tails=frozenset(part[at:] for name in names for part in name.parts for at in range(1, len(part) - SHORTEST)),
    )


@lru_cache(maxsize=512)
def name_of(who: Who, value: str, email: str = "") -> Name:
    """Return the parts of a name without titles; the user of an e-mail address may suggest a nickname."""
    groups = [_letters(group) for group in with_plain_endings(fold(value).text).replace("'", "").split()]
    titles = titles_of(["".join(group) for group in groups if group])
    groups = without_titles([group for group in groups if group], "".join)
    given = tuple(part for group in groups[:-1] or groups for part in group)
    family = tuple(part for part in groups[-1]) if len(groups) > 1 else ()
    given, family = _long_enough(given), _long_enough(_with_bare(family))
    return Name(who, given, family, _nicknames(given, family, email), _initials(groups), tuple(titles), _lost(value))


def _lost(value: str) -> tuple[str, ...]:
    """Return the words of a name in which a sign stands for a lost letter."""
    return tuple(word.strip("().,") for word in fold(value).text.split() if not SIGNS.isdisjoint(word))


def _letters(group: str) -> tuple[str, ...]:
    return tuple(_NAME_WORD.findall(group))


def _with_bare(family: tuple[str, ...]) -> tuple[str, ...]:
    """Return family names, and each that begins with "Mc" or "Mac" also without it."""
    bare = (part.removeprefix(prefix) for part in family for prefix in ("mc", "mac") if part.startswith(prefix))
    return (*family, *(part for part in bare if len(part) > LONG_STEM))


def _long_enough(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for part in parts if len(part) >= SHORTEST)


def _nicknames(given: tuple[str, ...], family: tuple[str, ...], email: str) -> frozenset[str]:
    found = {form for part in given for form in NICKNAMES.get(part, ())}
    hints = _NAME_WORD.findall(fold(email).text.partition("@")[0])
    hinted = {hint for hint in hints if len(hint) > SHORTEST and any(hint[:2] == part[:2] for part in given)}
    joined = {"".join(given)} if len(given) > 1 else set[str]()
    return frozenset(found | hinted | joined) - set(given) - set(family)


def _initials(groups: list[tuple[str, ...]]) -> frozenset[str]:
    """Return the possible initials: with and without middle names and second halves of hyphenated names."""
    if len(groups) < SHORTEST:
        return frozenset()
    whole = "".join(part[0] for group in groups for part in group)
    ends = groups[0][0][0] + groups[-1][0][0]
    heads = "".join(group[0][0] for group in groups)
    given = groups[0][0][0] + "".join(part[0] for part in groups[-1])
    firsts = "".join(part[0] for part in groups[0]) + groups[-1][0][0]
    double = "".join(part[0] for part in groups[0])
    long = "".join(_head(group[0]) for group in groups)
    return frozenset({whole, ends, heads, given, firsts, long, *([double] if len(double) > 1 else [])})


def _head(part: str) -> str:
    """Return the initial of a name, with the letters that people keep before it: "GMcA", "MLlH", "ANíD"."""
    head = next((kept for kept in _KEPT_HEADS if part.startswith(kept)), "")
    if head in _PREFIXES:
        return head + part[len(head) : len(head) + 1]
    return head or part[0]


def _known(names: tuple[Name, ...]) -> dict[str, Form]:
    """Return every exact form of a name; a part wins over a nickname, and the source over the submitter."""
    known = _parts(names, "name.part")
    for name in names:
        for form in sorted(name.nicknames):
            known.setdefault(form, Form(name, "name.nickname"))
        for part in name.family:
            for spelling in sorted(SURNAMES.get(part, ())):
                known.setdefault(spelling, Form(name, "name.misspelling", is_family=True))
    return known


def _parts(names: tuple[Name, ...], kind: str) -> dict[str, Form]:
    """Return each part of the names, and family names of several parts also as one word; the first name wins."""
    parts: dict[str, Form] = {}
    for name in names:
        whole = ("".join(name.family),) if name.family else ()
        for part in (*name.parts, *whole):
            parts.setdefault(part, Form(name, kind, part not in name.given))
    return parts


def _said_of(subjects: Subjects) -> str:
    """Return the text of all subject rows, with phone numbers as dialled at home, to exempt the values in it."""
    numbers = (national_number(phone.number) for phone in subjects.phones)
    return " ".join((*(fold(text).text for text in texts_of(subjects).values()), *numbers))


def _phones(submission: Submission) -> tuple[tuple[Who, str], ...]:
    values = ((Who.SOURCE, submission.source.phone), (Who.SUBMITTER, submission.submitter.phone))
    return tuple((who, national) for who, value in values if len(national := national_number(value)) > SHORTEST)


def _emails(submission: Submission) -> tuple[tuple[Who, tuple[str, ...], tuple[str, ...]], ...]:
    values = ((Who.SOURCE, submission.source.email), (Who.SUBMITTER, submission.submitter.email))
    found: list[tuple[Who, tuple[str, ...], tuple[str, ...]]] = []
    for who, value in values:
        local, domain = email_parts(fold(value).text)
        if local:
            found.append((who, tuple(_ALNUM.findall(local)), tuple(_ALNUM.findall(domain.replace(" dot ", ".")))))
    return tuple(found)


def _roles(submission: Submission) -> tuple[tuple[Who, str, str], ...]:
    source, submitter = submission.source, submission.submitter
    values = (
        (Who.SOURCE, "role", source.role),
        (Who.SOURCE, "relationship", source.relationship_to_subject),
        (Who.SUBMITTER, "role", submitter.role),
    )
    return tuple((who, kind, fold(value).text) for who, kind, value in values if value)


def _organisations(submission: Submission, agency: Agency) -> tuple[tuple[Who, str], ...]:
    values = (
        (Who.SOURCE, submission.source.organisation),
        (Who.SUBMITTER, submission.submitter.organisation),
        (Who.AGENCY, agency.name),
    )
    return tuple({fold(value).text: (who, value) for who, value in values if value}.values())
