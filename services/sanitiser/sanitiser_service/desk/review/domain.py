"""The review of a held submission: the software proposes, and a person decides each finding.

Pure. Decisions make the text; where a person has written a text anew, theirs counts, and must not say what they have
decided to take out. Nothing goes onward while a single finding is undecided (D-S3). Of a text that the software could
not read, or that holds more places than a person can decide singly, nothing goes onward but what a person wrote.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline_shared.language.restricted import SealedContent, Submission
from pipeline_shared.language.sanitised import SanitisedContent
from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.fields import content_of, texts_of, with_texts
from sanitiser_service.form.profile import protected_values
from sanitiser_service.leak_check import Leak, find_leaks
from sanitiser_service.matcher.findings import Band, Finding
from sanitiser_service.matcher.redaction import Decision, decide
from sanitiser_service.matcher.sanitising import find_in, sanitise

UNREAD = "[REMOVED]"
MOST_IN_A_TEXT, MOST_ON_A_PAGE = 100, 200  # places that a person can be asked to decide one by one


class StaleVersionError(Exception):
    """Somebody else decided first."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the software found; the texts at the paths `closed` are for a person to write, all when not `was_read`."""

    findings: tuple[Finding, ...]
    closed: frozenset[str] = frozenset()
    was_read: bool = True

    @property
    def to_decide(self) -> tuple[Finding, ...]:
        """Return the findings that a person decides one by one."""
        return tuple(finding for finding in self.findings if finding.band is not Band.AUTO)


@dataclass(frozen=True, slots=True)
class StillSaid:
    """Words that a text written anew still says, and the rule that found them."""

    path: str
    words: str
    rule: str


def propose(opened: SealedContent) -> Proposal:
    """Return the findings in a submission, but for texts with too many; a failure leaves none, and no text."""
    try:
        sanitised = sanitise(opened.submission, opened.agency)
        remaining = find_leaks(sanitised.content, protected_values(opened.submission, opened.agency))
    except Exception:  # noqa: BLE001 - the reason for the hold; its text may hold the text
        return nothing_read(opened.submission)
    places = Counter(one.path for one in (*sanitised.findings, *remaining))
    closed = too_many(places)
    return Proposal(tuple(one for one in sanitised.findings if one.path not in closed), closed)


def nothing_read(submission: Submission) -> Proposal:
    """Return the proposal for a submission that was not read: no finding, and no text."""
    return Proposal((), frozenset(texts_of(content_of(submission))), was_read=False)


def too_many(places: Mapping[str, int]) -> frozenset[str]:
    """Return the paths, in their order, that hold more places than one text, or what is left of one page, may have."""
    closed: set[str] = set()
    total = 0
    for path, count in places.items():
        if count > MOST_IN_A_TEXT or total + count > MOST_ON_A_PAGE:
            closed.add(path)
        else:
            total += count
    return frozenset(closed)


def undecided(proposal: Proposal, decisions: Mapping[str, Decision]) -> tuple[Finding, ...]:
    """Return the findings that still wait for a decision."""
    return tuple(finding for finding in proposal.to_decide if finding.key not in decisions)


def as_decided(submission: Submission, proposal: Proposal, decisions: Mapping[str, Decision]) -> SanitisedContent:
    """Return the content as decided so far: a proposal counts until it is rejected, a flag once it is accepted."""
    assumed = {
        finding.key: Decision.REJECT if finding.band is Band.FLAG else Decision.ACCEPT for finding in proposal.to_decide
    }
    known = {key: decision for key, decision in decisions.items() if key in assumed}
    decided = decide(submission, proposal.findings, assumed | known)
    return with_texts(decided, dict.fromkeys(proposal.closed, UNREAD))


def rewritten(texts: Mapping[str, str], shown: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that a person changed: those that differ from what their page had shown (by `mark_of`)."""
    return {path: text for path, text in texts.items() if path in shown and mark_of(text) != shown[path]}


def contradicting(
    submission: Submission, proposal: Proposal, decisions: Mapping[str, Decision], changed: Mapping[str, str]
) -> tuple[StillSaid, ...]:
    """Return what was decided to be taken out and yet stands in a text that a person wrote anew."""
    originals = texts_of(content_of(submission))
    decided = texts_of(as_decided(submission, proposal, decisions))
    return tuple(
        StillSaid(one.path, words, one.rule)
        for one in proposal.findings
        if one.path in changed and decisions.get(one.key) is Decision.ACCEPT
        for words in (originals[one.path][one.start : one.end],)
        if _count(words, changed[one.path]) > _count(words, decided.get(one.path, ""))
    )


def check_again(opened: SealedContent, changed: Mapping[str, str], left: frozenset[str]) -> tuple[StillSaid, ...]:
    """Return what the matcher is sure of or proposes in texts written anew, but for words that a person has `left`."""
    found = find_in(opened.submission, opened.agency, changed)
    return tuple(
        StillSaid(path, words, one.rule)
        for path, findings in found.items()
        for one in findings
        if one.band in (Band.AUTO, Band.PROPOSE)
        for words in (changed[path][one.start : one.end],)
        if words.casefold() not in left
    )


def words_left(submission: Submission, proposal: Proposal, decisions: Mapping[str, Decision]) -> frozenset[str]:
    """Return the words of all findings that a person has decided to leave, in small letters."""
    originals = texts_of(content_of(submission))
    return frozenset(
        originals[one.path][one.start : one.end].casefold()
        for one in proposal.to_decide
        if decisions.get(one.key) is Decision.REJECT
    )


def may_stay(item: Leak, originals: Mapping[str, str], proposal: Proposal, decisions: Mapping[str, Decision]) -> bool:
    """Tell whether one person may leave what blocks the release: what need not be the source's at all.

    That is a role or the like, ordinary words, and what the matcher itself calls doubtful; never a name that it
    proposed to replace. Anything surer would need a second person (D-S3).
    """
    bands = {
        one.band: decisions.get(one.key)
        for one in proposal.to_decide
        if one.path == item.path and _count(item.value, originals[one.path][one.start : one.end])
    }
    if item.identifying and bands.get(Band.PROPOSE) is Decision.REJECT:
        return False
    return not item.identifying or Band.FLAG in bands or WORDS.issuperset(item.value.casefold().split())


def _count(words: str, text: str) -> int:
    """Return how often words stand in a text as words of their own, in whatever case."""
    return len(re.findall(rf"(?<!\w){re.escape(words.casefold())}(?!\w)", text.casefold()))


def mark_of(text: str) -> str:
    """Return what a page remembers of a text it shows, so that a change of it is seen when the form comes back.

    A browser sends every line end as its own, and nothing around a text.
    """
    return hashlib.sha256("\n".join(text.strip().splitlines()).encode()).hexdigest()[:16]
