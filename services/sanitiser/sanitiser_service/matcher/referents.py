"""Resolves a finding to its referent: whom or what the words most likely mean, and the form of their mention.

Two mentions with the same form mean the same person or thing, so a reviewer is asked about them once.
"""

from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from sanitiser_service.form.fields import is_subject_identity
from sanitiser_service.matcher.findings import Finding, Who
from sanitiser_service.matcher.text.normalising import fold
from sanitiser_service.matcher.text.reading import plain


class Referent(StrEnum):
    """Whom or what a mention most likely means, as far as the form and the subject rows tell."""

    SOURCE = "source"
    SUBMITTER = "submitter"
    NEAR_SOURCE = "near_source"
    AGENCY = "agency"
    SUBJECT = "subject"
    UNKNOWN = "unknown"


LIKELY = {
    Referent.SOURCE: "Most likely the source",
    Referent.SUBMITTER: "Most likely the submitter",
    Referent.NEAR_SOURCE: "Most likely somebody near the source",
    Referent.AGENCY: "Most likely the agency",
    Referent.SUBJECT: "Most likely a subject",
    Referent.UNKNOWN: "Nothing on the form says who",
}


class Sort(StrEnum):
    """What a mention is: a name, another value that leads to one person or place, or words that tell who spoke."""

    NAME = "name"
    IDENTIFIER = "identifier"
    TELLING = "telling"


_OF_WHO = {Who.SOURCE: Referent.SOURCE, Who.SUBMITTER: Referent.SUBMITTER, Who.AGENCY: Referent.AGENCY}
_NAMES = frozenset({"name", "also_known_as", "relative", "stranger"})
_TELLING = frozenset({"role", "relationship", "cue"})
_TELLING_KINDS = frozenset({"organisation.shared", "organisation.described"})


class Mention(NamedTuple):
    """What a finding mentions: its sort, its form (letters and digits alone) and its most likely referent."""

    sort: Sort
    form: str
    referent: Referent


def mention_of(found: Finding, words: str) -> Mention:
    """Return what a finding mentions; `words` are its words in the text."""
    sort = sort_of(found)
    return Mention(sort, "" if sort is Sort.TELLING else form_of(words), _referent_of(found))


def sort_of(found: Finding) -> Sort:
    """Return whether a finding is a name, another identifier, or words that tell who spoke."""
    kind = kind_of(found)
    head = kind.partition(".")[0]
    if head in _TELLING or kind in _TELLING_KINDS:
        return Sort.TELLING
    return Sort.NAME if head in _NAMES and found.who is not Who.AGENCY else Sort.IDENTIFIER


def kind_of(found: Finding) -> str:
    """Return the kind of a finding: its rule without the person it protects."""
    who, _, kind = found.rule.partition(".")
    return who if who == "cue" else kind


@lru_cache(maxsize=8192)
def form_of(words: str) -> str:
    """Return the form of a mention: small letters and digits, without a possessive ending ("Mags's" is "mags")."""
    return "".join(filter(str.isalnum, " ".join(map(plain, fold(words).text.split()))))


def _referent_of(found: Finding) -> Referent:
    if is_subject_identity(found.path):
        return Referent.SUBJECT
    kind = kind_of(found)
    if kind.startswith("relative"):
        return Referent.NEAR_SOURCE
    return _OF_WHO.get(found.who, Referent.UNKNOWN)
