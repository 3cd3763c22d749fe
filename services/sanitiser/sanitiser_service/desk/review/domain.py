"""The review of a held submission: the software proposes, and a person decides each finding.

Pure. The decisions produce the text. A text rewritten by a person replaces it, and must not contain words the person
decided to remove. A submission with an undecided finding cannot be released (D-S3). If the software could not read a
text, or found too many places in it, the text is closed: only a text written by a person is released instead.
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
MOST_IN_A_TEXT, MOST_ON_A_PAGE = 100, 200  # places that one person can decide one by one


class StaleVersionError(Exception):
    """Another person decided first."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The findings of the software.

    `closed`: paths whose text a person must rewrite. If `was_read` is false, that is every path.
    """

    findings: tuple[Finding, ...]
    closed: frozenset[str] = frozenset()
    was_read: bool = True

    @property
    def to_decide(self) -> tuple[Finding, ...]:
        """Return the findings that a person decides one by one."""
        return tuple(finding for finding in self.findings if finding.band is not Band.AUTO)


@dataclass(frozen=True, slots=True)
class StillSaid:
    """Words that a rewritten text still contains, and the rule that found them."""

    path: str
    words: str
    rule: str


def propose(opened: SealedContent) -> Proposal:
    """Return the findings in a submission; close texts with too many findings, or all texts after a failure."""
    try:
        sanitised = sanitise(opened.submission, opened.agency)
        remaining = find_leaks(sanitised.content, protected_values(opened.submission, opened.agency))
    except Exception:  # noqa: BLE001 - the submission is held for this; the message may contain the text
        return nothing_read(opened.submission)
    places = Counter(one.path for one in (*sanitised.findings, *remaining))
    closed = too_many(places)
    return Proposal(tuple(one for one in sanitised.findings if one.path not in closed), closed)


def nothing_read(submission: Submission) -> Proposal:
    """Return the proposal for an unread submission: no findings, and every text closed."""
    return Proposal((), frozenset(texts_of(content_of(submission))), was_read=False)


def too_many(places: Mapping[str, int]) -> frozenset[str]:
    """Return the paths with too many findings: over 100 in one text, or over the 200 of a page."""
    closed: set[str] = set()
    total = 0
    for path, count in places.items():
        if count > MOST_IN_A_TEXT or total + count > MOST_ON_A_PAGE:
            closed.add(path)
        else:
            total += count
    return frozenset(closed)


def undecided(proposal: Proposal, decisions: Mapping[str, Decision]) -> tuple[Finding, ...]:
    """Return the findings without a decision."""
    return tuple(finding for finding in proposal.to_decide if finding.key not in decisions)


def as_decided(submission: Submission, proposal: Proposal, decisions: Mapping[str, Decision]) -> SanitisedContent:
    """Return the content as decided so far. A proposal applies unless rejected, a flag only if accepted."""
    assumed = {
        finding.key: Decision.REJECT if finding.band is Band.FLAG else Decision.ACCEPT for finding in proposal.to_decide
    }
    known = {key: decision for key, decision in decisions.items() if key in assumed}
    decided = decide(submission, proposal.findings, assumed | known)
    return with_texts(decided, dict.fromkeys(proposal.closed, UNREAD))


def rewritten(texts: Mapping[str, str], shown: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that a person changed: their hash (`mark_of`) differs from that of the shown text."""
    return {path: text for path, text in texts.items() if path in shown and mark_of(text) != shown[path]}


def contradicting(
    submission: Submission, proposal: Proposal, decisions: Mapping[str, Decision], changed: Mapping[str, str]
) -> tuple[StillSaid, ...]:
    """Return words in rewritten texts that the person decided to remove."""
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
    """Return certain and proposed findings in rewritten texts, except words a person chose to keep."""
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
    """Return the words of all findings that a person chose to keep, in small letters."""
    originals = texts_of(content_of(submission))
    return frozenset(
        originals[one.path][one.start : one.end].casefold()
        for one in proposal.to_decide
        if decisions.get(one.key) is Decision.REJECT
    )


def may_stay(item: Leak, originals: Mapping[str, str], proposal: Proposal, decisions: Mapping[str, Decision]) -> bool:
    """Tell whether one person may leave a leak in the text, because it may belong to somebody else.

    That is true of values that do not identify, such as a role, of ordinary words, and of flagged findings. It is never
    true of a name that the matcher proposed to replace: that would need a second person (D-S3).
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
    """Count whole words in a text, regardless of case."""
    return len(re.findall(rf"(?<!\w){re.escape(words.casefold())}(?!\w)", text.casefold()))


def mark_of(text: str) -> str:
    """Return a hash of a shown text, to detect later whether the reviewer changed it.

    Browsers change line ends and may drop spaces around a text, so the hash ignores both.
    """
    return hashlib.sha256("\n".join(text.strip().splitlines()).encode()).hexdigest()[:16]
