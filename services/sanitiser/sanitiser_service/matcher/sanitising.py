"""The interface of the matcher: `sanitise(submission, agency)` returns sanitised content and findings, or raises; pure.

It finds and proposes; it never claims that a text is anonymous. The band of a finding decides whether it is replaced at
once, proposed or only flagged. The leak check (`leak_check.py`) checks the result with code of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline_shared.language.restricted import Agency, Submission
from pipeline_shared.language.sanitised import SanitisedContent
from sanitiser_service.form.fields import content_of, is_subject_identity, texts_of, with_texts
from sanitiser_service.matcher.findings import Band, Finding, Match, finding
from sanitiser_service.matcher.matching import Found, found_in
from sanitiser_service.matcher.redaction import replaced

MOST_DISCLOSURES = 3  # classes reported for one text; one is enough to hold it


@dataclass(frozen=True, slots=True)
class Sanitised:
    """The content with each AUTO and PROPOSE finding replaced by its token, and all findings in order.

    `disclosures` lists the classes of disclosure with their paths: a text with one of them is held, too.
    """

    content: SanitisedContent
    findings: tuple[Finding, ...]
    disclosures: tuple[tuple[str, str], ...] = ()


def sanitise(submission: Submission, agency: Agency) -> Sanitised:
    """Find the source in every text; replace certain and proposed findings, except inside the identity of a subject."""
    content = content_of(submission)
    texts = texts_of(content)
    found = found_in(submission, agency, texts)
    findings = _findings(found)
    rewritten = {path: replaced(texts[path], findings[path]) for path in texts}
    return Sanitised(
        with_texts(content, rewritten),
        tuple(one for each in findings.values() for one in each),
        tuple((kind, path) for path, each in found.items() for kind in each.disclosures[:MOST_DISCLOSURES]),
    )


def pointed_at(submission: Submission, agency: Agency, texts: Mapping[str, str], *, prefix: str = "") -> set[str]:
    """Return the paths of the texts with a finding or a disclosure; `prefix` is put before each path for the search."""
    found = found_in(submission, agency, {f"{prefix}{path}": text for path, text in texts.items()})
    return {path.removeprefix(prefix) for path, each in found.items() if each.matches or each.disclosures}


def find_in(submission: Submission, agency: Agency, texts: Mapping[str, str]) -> dict[str, list[Finding]]:
    """Return the findings of each text, under its path."""
    return _findings(found_in(submission, agency, texts))


def _findings(found: Mapping[str, Found]) -> dict[str, list[Finding]]:
    return {path: [_finding(path, match) for match in each.matches] for path, each in found.items()}


def _finding(path: str, match: Match) -> Finding:
    """Return a match as a finding; inside a name or number of a subject it is only ever a flag (D-S2)."""
    found = finding(path, match)
    return found._replace(band=Band.FLAG, token="") if is_subject_identity(path) else found
