"""Labelled documents: the text of a partner, its form, and the spans that could identify the source."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from pipeline_shared.language.restricted import Agency, Source, Submission, Submitter
from pipeline_shared.language.vocabulary import AgencyCategory

Form = Mapping[str, Any]
UNNAMED = "Qqxz"  # the form needs a name; no text contains this one


def documents_in(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Return the documents in some files, one per line."""
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


def agency_of(form: Form) -> Agency:
    """Return the agency of an evaluation form: the submitter's organisation."""
    name = form["submitter"]["organisation"] or form["source"]["organisation"] or "-"
    return Agency(name=name, category=AgencyCategory.OTHER)


def submission_of(form: Form, narrative: str) -> Submission:
    """Return an evaluation form as a submission, without the fields that our form lacks."""
    source, submitter = _known(Source, form["source"]), _known(Submitter, form["submitter"])
    return Submission.model_validate(
        {
            "submitter": {**submitter, "name": submitter.get("name") or UNNAMED},
            "source": {"kind": "person" if source.get("name") else "own_observation", **source},
            "known_how": "do_not_know",
            "narrative": narrative,
            "category": "other",
        }
    )


def _known(model: type[BaseModel], values: Form) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in model.model_fields and value is not None}
