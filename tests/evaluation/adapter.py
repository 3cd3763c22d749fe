"""The functions that the scorers call: the product's own, with their findings in the form that a scorer expects."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from intake_service.screening.screen import is_high
from pipeline_shared.language.restricted import Agency, Source, Submission, Submitter
from pipeline_shared.language.vocabulary import AgencyCategory
from sanitiser_service.matcher.findings import Band, Finding
from sanitiser_service.matcher.sanitising import sanitise

Form = Mapping[str, Any]


def screen(narrative: str) -> bool:
    """Tell whether the safety screen calls a narrative HIGH."""
    return is_high(narrative)


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


def agency_of(form: Form) -> Agency:
    """Return the agency of an evaluation form: the submitter's organisation."""
    name = form["submitter"]["organisation"] or form["source"]["organisation"] or "-"
    return Agency(name=name, category=AgencyCategory.OTHER)


def submission_of(form: Form, narrative: str) -> Submission:
    """Return an evaluation form as a submission, without the fields that our form does not have."""
    source, submitter = _known(Source, form["source"]), _known(Submitter, form["submitter"])
    return Submission.model_validate(
        {
            "submitter": {**submitter, "name": submitter.get("name") or "-"},
            "source": {"kind": "person" if source.get("name") else "own_observation", **source},
            "known_how": "do_not_know",
            "narrative": narrative,
            "category": "other",
        }
    )


def _known(model: type[BaseModel], values: Form) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in model.model_fields and value is not None}
