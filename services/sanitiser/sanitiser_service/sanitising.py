"""The seam: `sanitise(submission, agency)` returns sanitised content and what was found, or raises; pure.

This is exact matching of the form's own values. It finds and replaces; it never says that a text is anonymous: the
separate check in `residual.py` decides whether the result may go onward without a person.
"""

from dataclasses import dataclass

from pipeline_shared.contracts import SanitisedContent
from pipeline_shared.submission import Agency, Submission
from sanitiser_service.fields import content_of, is_subject_identity, texts_of, with_texts
from sanitiser_service.profile import Protected, protected_values


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in the original where a protected value stood: character offsets of the text at `path`."""

    path: str
    start: int
    end: int
    rule: str
    token: str


@dataclass(frozen=True, slots=True)
class Sanitised:
    """The content with every finding replaced by its token."""

    content: SanitisedContent
    findings: tuple[Finding, ...]


def sanitise(submission: Submission, agency: Agency) -> Sanitised:
    """Replace every protected value in every text that may be rewritten."""
    protected = protected_values(submission, agency)
    content = content_of(submission)
    findings: list[Finding] = []
    texts: dict[str, str] = {}
    for path, text in texts_of(content).items():
        if not is_subject_identity(path):
            found = _find(path, text, protected)
            findings += found
            texts[path] = _replace(text, found)
    return Sanitised(with_texts(content, texts), tuple(findings))


def _find(path: str, text: str, protected: tuple[Protected, ...]) -> list[Finding]:
    """Return the findings in one text, in order, none overlapping; a longer value goes first."""
    letters, offsets = _squeeze(text)
    taken = bytearray(len(text))
    findings: list[Finding] = []
    for item in protected:
        wanted, _ = _squeeze(item.value)
        at = letters.find(wanted)
        while at >= 0:
            start, end = offsets[at], offsets[at + len(wanted) - 1] + 1
            end = _with_ending(text, end)
            if _stands_alone(text, start, end) and not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                findings.append(Finding(path, start, end, item.rule, item.token))
            at = letters.find(wanted, at + 1)
    return sorted(findings, key=lambda finding: finding.start)


def _squeeze(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits in one case, and where each stood: spacing and punctuation hide nothing."""
    letters: list[str] = []
    offsets: list[int] = []
    for at, character in enumerate(text):
        if character.isalnum():
            for folded in character.casefold():
                letters.append(folded)
                offsets.append(at)
    return "".join(letters), offsets


def _with_ending(text: str, end: int) -> int:
    """Take a possessive or plural ending along: what is left of "Sharons" would still say Sharon."""
    for ending in ("'s", "\u2019s", "s", "S"):
        after = end + len(ending)
        if text.startswith(ending, end) and not text[after : after + 1].isalnum():
            return after
    return end


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not text[max(0, start - 1) : start].isalnum() and not text[end : end + 1].isalnum()


def _replace(text: str, findings: list[Finding]) -> str:
    parts: list[str] = []
    at = 0
    for finding in findings:
        parts += (text[at : finding.start], finding.token)
        at = finding.end
    return "".join((*parts, text[at:]))
