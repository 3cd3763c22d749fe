"""The results of the matcher: places in a text, each with a rule, the protected person and a band.

One table lists the kinds of finding: replaced at once, proposed, or only flagged. A reason is a code without any of the
text; pages turn it into a sentence.
"""

from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from sanitiser_service.form.profile import Token


class Band(StrEnum):
    """The certainty of a finding, which decides the work of the reviewer."""

    AUTO = "auto"
    PROPOSE = "propose"
    FLAG = "flag"


class Who(StrEnum):
    """The person or agency that a finding protects."""

    SOURCE = "source"
    SUBMITTER = "submitter"
    AGENCY = "agency"
    OTHER = "other"


class Kind(NamedTuple):
    """The band of a kind of finding, its score, and the sort of token that replaces it."""

    band: Band
    score: float
    subject: str = "name"


AUTO, PROPOSE, FLAG = Band.AUTO, Band.PROPOSE, Band.FLAG

KINDS: dict[str, Kind] = {
    "name": Kind(AUTO, 0.99),
    "name.part": Kind(PROPOSE, 0.95),
    "name.nickname": Kind(PROPOSE, 0.85),
    "name.misspelling": Kind(PROPOSE, 0.75),
    "name.initials": Kind(PROPOSE, 0.8),
    "name.initials.unsure": Kind(FLAG, 0.4),
    "name.shared": Kind(FLAG, 0.5),
    "name.similar": Kind(FLAG, 0.3),
    "name.word": Kind(FLAG, 0.3),
    "name.joined": Kind(FLAG, 0.4),
    "also_known_as": Kind(AUTO, 0.95),
    "phone": Kind(AUTO, 0.99, "contact"),
    "phone.part": Kind(PROPOSE, 0.8, "contact"),
    "phone.similar": Kind(FLAG, 0.3),
    "email": Kind(AUTO, 0.99, "contact"),
    "email.spelled": Kind(PROPOSE, 0.95, "contact"),
    "email.user": Kind(PROPOSE, 0.7, "detail"),
    "email.user.half": Kind(FLAG, 0.4),
    "handle": Kind(PROPOSE, 0.8, "contact"),
    "account": Kind(FLAG, 0.4),
    "account.number": Kind(FLAG, 0.4),
    "address": Kind(AUTO, 0.99, "detail"),
    "address.first_line": Kind(AUTO, 0.97, "detail"),
    "address.postcode": Kind(AUTO, 0.95, "detail"),
    "address.postcode.read": Kind(PROPOSE, 0.8, "detail"),
    "address.number.unsure": Kind(FLAG, 0.4),
    "address.short": Kind(PROPOSE, 0.8, "detail"),
    "address.shared": Kind(FLAG, 0.4),
    "address.number": Kind(PROPOSE, 0.6, "detail"),
    "vehicle_registration": Kind(AUTO, 0.99, "detail"),
    "vehicle_registration.read": Kind(PROPOSE, 0.85, "detail"),
    "vehicle.part": Kind(FLAG, 0.4),
    "vehicle.own": Kind(PROPOSE, 0.7, "detail"),
    "vehicle.other": Kind(FLAG, 0.4),
    "role": Kind(PROPOSE, 0.7, "detail"),
    "role.similar": Kind(PROPOSE, 0.6, "detail"),
    "role.word": Kind(FLAG, 0.5),
    "relationship": Kind(PROPOSE, 0.7, "detail"),
    "organisation": Kind(AUTO, 0.97, "agency"),
    "organisation.part": Kind(PROPOSE, 0.75, "agency"),
    "organisation.initials": Kind(PROPOSE, 0.75, "agency"),
    "organisation.shared": Kind(FLAG, 0.5),
    "organisation.described": Kind(FLAG, 0.4),
    "reference": Kind(PROPOSE, 0.8, "agency"),
    "relative": Kind(PROPOSE, 0.75, "removed"),
    "relative.unsure": Kind(FLAG, 0.4),
    "stranger": Kind(FLAG, 0.35),
    "cue": Kind(FLAG, 0.3),
}

_TOKENS = {
    (Who.SOURCE, "name"): Token.SOURCE,
    (Who.SOURCE, "contact"): Token.SOURCE_CONTACT,
    (Who.SOURCE, "detail"): Token.SOURCE_DETAIL,
    (Who.SUBMITTER, "name"): Token.SUBMITTER,
    (Who.SUBMITTER, "contact"): Token.SUBMITTER_CONTACT,
    (Who.SUBMITTER, "detail"): Token.SUBMITTER_DETAIL,
}


class Match(NamedTuple):
    """A place in the original text, before overlaps are resolved; an indirect identifier has a `phrase_class`."""

    start: int
    end: int
    who: Who
    kind: str
    phrase_class: str = ""


class Finding(NamedTuple):
    """A place in the original that may identify the source: character offsets in the text at `path`."""

    path: str
    start: int
    end: int
    rule: str
    who: Who
    band: Band
    score: float
    token: str
    reason: str

    @property
    def key(self) -> str:
        """Return the name of this finding in a decision; the same text always gives the same keys."""
        return f"{self.path}:{self.start}:{self.end}:{self.rule}"


def finding(path: str, match: Match) -> Finding:
    """Return a match as a finding of the text at `path`."""
    start, end, who, kind, phrase_class = match
    band, score, _ = KINDS[kind]
    rule = f"{kind}.{phrase_class}" if phrase_class else f"{who}.{kind}"
    return Finding(path, start, end, rule, who, band, score, _token_for(who, kind), phrase_class or kind)


@lru_cache(maxsize=256)
def _token_for(who: Who, kind: str) -> str:
    """Return the replacement token of a kind of finding, or an empty text if the words stay."""
    band, _, subject = KINDS[kind]
    if band not in (Band.AUTO, Band.PROPOSE):
        return ""
    return _TOKENS.get((who, subject), Token.AGENCY if subject == "agency" else Token.REMOVED)
