"""The functions that the scorers call: the product's own, with their findings in the form that a scorer expects."""

from typing import Any

from intake_service.screening.screen import level_of
from pipeline_training.forms import Form, agency_of, submission_of
from sanitiser_service.form.fields import content_of, texts_of
from sanitiser_service.matcher.findings import Band, Finding
from sanitiser_service.matcher.questions import questions_of
from sanitiser_service.matcher.sanitising import sanitise


def level(narrative: str) -> str:
    """Return the safety screen's level of a narrative: "now", "soon" or "ordinary"."""
    return str(level_of(narrative))


def screen(narrative: str) -> bool:
    """Tell whether the safety screen raises a narrative to NOW or SOON."""
    return level(narrative) != "ordinary"


def evaluate(form: Form, narrative: str) -> dict[str, list[list[Any]]]:
    """Return the spans that the matcher redacts and flags in a narrative."""
    findings = findings_of(form, narrative)
    moved = len(narrative) - len(narrative.lstrip())  # the form strips its texts before they are searched
    return {
        "redact": [[f.start + moved, f.end + moved] for f in findings if f.band in (Band.AUTO, Band.PROPOSE)],
        "flags": [[f.start + moved, f.end + moved, f.reason] for f in findings if f.band is Band.FLAG],
    }


def findings_of(form: Form, narrative: str) -> list[Finding]:
    """Return the findings in a narrative alone: an evaluation form has no subject rows."""
    findings = sanitise(submission_of(form, narrative), agency_of(form)).findings
    return [finding for finding in findings if finding.path == "narrative"]


def review(form: Form, narrative: str) -> dict[str, list[Any]]:
    """Return the spans that are replaced without a person, and the questions that the source desk answers."""
    submission = submission_of(form, narrative)
    moved = len(narrative) - len(narrative.lstrip())
    findings = sanitise(submission, agency_of(form)).findings
    questions = questions_of(texts_of(content_of(submission)), findings)
    return {
        "replaced": [[f.start + moved, f.end + moved] for f in findings if f.band is Band.AUTO],
        "questions": [
            {"spans": [[p.start + moved, p.end + moved] for p in one.places], "prompt": one.prompt} for one in questions
        ],
    }
