"""The seam: `sanitise(submission, agency)` returns sanitised content and what was found, or raises; pure.

It finds and proposes; it never says that a text is anonymous. What it replaces at once, what it proposes and what it
only points at are told apart by band, and the separate check in `residual.py` looks at the result with code of its
own.
"""

from dataclasses import dataclass

from pipeline_shared.contracts import SanitisedContent
from pipeline_shared.submission import Agency, Submission
from sanitiser_service.fields import content_of, is_subject_identity, texts_of, with_texts
from sanitiser_service.sanitising.deciding import Decision, UndecidedError, decide, replaced
from sanitiser_service.sanitising.findings import Band, Finding, Who, finding
from sanitiser_service.sanitising.matching import matches_of
from sanitiser_service.sanitising.reasons import sentence_of

__all__ = ["Band", "Decision", "Finding", "Sanitised", "UndecidedError", "Who", "decide", "sanitise", "sentence_of"]


@dataclass(frozen=True, slots=True)
class Sanitised:
    """The content with each sure and proposed finding replaced by its token, and all findings in order."""

    content: SanitisedContent
    findings: tuple[Finding, ...]


def sanitise(submission: Submission, agency: Agency) -> Sanitised:
    """Find what points at who spoke in every text that may be rewritten; replace what is sure or proposed."""
    content = content_of(submission)
    texts = {path: text for path, text in texts_of(content).items() if not is_subject_identity(path)}
    found = matches_of(submission, agency, texts)
    findings = {path: [finding(path, match) for match in matches] for path, matches in found.items()}
    rewritten = {path: replaced(texts[path], found) for path, found in findings.items() if found}
    return Sanitised(with_texts(content, rewritten), tuple(one for each in findings.values() for one in each))
