"""The review of a held submission: what is proposed, what a person decides on each finding, what then goes onward.

Pure. Decisions make the text; where a person has written a text anew, theirs counts. Nothing goes onward while a single
finding is undecided (D-S3), and nothing of a text that the software could not read but what a person wrote.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline_shared.contracts import SanitisedContent
from pipeline_shared.submission import SealedContent, Submission
from sanitiser_service.fields import content_of, texts_of, with_texts
from sanitiser_service.sanitising import Band, Decision, Finding, decide, sanitise

UNREAD = "[REMOVED]"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the software found; `was_read` is false when it failed, and then every text is for a person to write."""

    findings: tuple[Finding, ...]
    was_read: bool = True

    @property
    def to_decide(self) -> tuple[Finding, ...]:
        """Return the findings that a person decides one by one."""
        return tuple(finding for finding in self.findings if finding.band is not Band.AUTO)


def propose(opened: SealedContent) -> Proposal:
    """Return the findings in a submission; a failure leaves none, and no text."""
    try:
        return Proposal(sanitise(opened.submission, opened.agency).findings)
    except Exception:  # noqa: BLE001 - the reason for the hold; its text may hold the text
        return Proposal((), was_read=False)


def undecided(proposal: Proposal, decisions: Mapping[str, Decision]) -> tuple[Finding, ...]:
    """Return the findings that still wait for a decision."""
    return tuple(finding for finding in proposal.to_decide if finding.key not in decisions)


def as_decided(submission: Submission, proposal: Proposal, decisions: Mapping[str, Decision]) -> SanitisedContent:
    """Return the content as decided so far: a proposal counts until it is rejected, a flag once it is accepted."""
    if not proposal.was_read:
        content = content_of(submission)
        return with_texts(content, dict.fromkeys(texts_of(content), UNREAD))
    assumed = {
        finding.key: Decision.REJECT if finding.band is Band.FLAG else Decision.ACCEPT for finding in proposal.to_decide
    }
    known = {key: decision for key, decision in decisions.items() if key in assumed}
    return decide(submission, proposal.findings, assumed | known)


def rewritten(texts: Mapping[str, str], shown: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that a person changed: those that differ from what their page had shown (by `mark_of`)."""
    return {path: text for path, text in texts.items() if path in shown and mark_of(text) != shown[path]}


def mark_of(text: str) -> str:
    """Return what a page remembers of a text it shows, so that a change of it is seen when the form comes back."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]
