"""The seam: `sanitise(submission, agency)` returns sanitised content and what was found, or raises; pure.

It finds and proposes; it never says that a text is anonymous. The band of a finding says whether it is replaced at
once, proposed or only pointed at. The separate check in `leak_check.py` looks at the result with code of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline_shared.language.restricted import Agency, Submission
from pipeline_shared.language.sanitised import SanitisedContent
from sanitiser_service.form.fields import content_of, is_subject_identity, texts_of, with_texts
from sanitiser_service.matcher.findings import Band, Finding, Match, finding
from sanitiser_service.matcher.matching import Found, found_in
from sanitiser_service.matcher.redaction import replaced

MOST_TOLD = 3  # classes named of one text: one is enough to hold it


@dataclass(frozen=True, slots=True)
class Sanitised:
    """The content with each sure and proposed finding replaced by its token, and all findings in order.

    `told` are the classes of words and the paths by which a text may say who spoke: for these, too, a person looks.
    """

    content: SanitisedContent
    findings: tuple[Finding, ...]
    told: tuple[tuple[str, str], ...] = ()


def sanitise(submission: Submission, agency: Agency) -> Sanitised:
    """Find signs of the source in every text; replace the sure and the proposed ones, but where they name a subject."""
    content = content_of(submission)
    texts = texts_of(content)
    found = found_in(submission, agency, texts)
    findings = _findings(found)
    rewritten = {path: replaced(texts[path], findings[path]) for path in texts}
    return Sanitised(
        with_texts(content, rewritten),
        tuple(one for each in findings.values() for one in each),
        tuple((kind, path) for path, each in found.items() for kind in each.told[:MOST_TOLD]),
    )


def pointed_at(submission: Submission, agency: Agency, texts: Mapping[str, str], *, prefix: str = "") -> set[str]:
    """Return the paths of the texts with a sign of the source; `prefix` stands before each path."""
    found = found_in(submission, agency, {f"{prefix}{path}": text for path, text in texts.items()})
    return {path.removeprefix(prefix) for path, each in found.items() if each.matches or each.told}


def find_in(submission: Submission, agency: Agency, texts: Mapping[str, str]) -> dict[str, list[Finding]]:
    """Find signs of source, submitter or agency in texts, each under its path."""
    return _findings(found_in(submission, agency, texts))


def _findings(found: Mapping[str, Found]) -> dict[str, list[Finding]]:
    return {path: [_finding(path, match) for match in each.matches] for path, each in found.items()}


def _finding(path: str, match: Match) -> Finding:
    """Return a match as a finding; what names or numbers a subject is only ever pointed at (D-S2)."""
    found = finding(path, match)
    return found._replace(band=Band.FLAG, token="") if is_subject_identity(path) else found
