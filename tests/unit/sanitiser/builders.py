"""A source that a text may reveal without a name, and submissions of theirs with rows of subjects."""

from typing import Any

from pipeline_shared.language.restricted import Submission
from tests.support.building import a_submission

NEIGHBOUR: dict[str, Any] = {
    "kind": "person",
    "name": "Katherine Wolstenholme",
    "role": "school dinner supervisor",
    "phone": "07700 900461",
    "address": "12 Peel Street, Morley, LS27 8QE",
    "relationship_to_subject": "neighbour",
}
TEXT = "Lee Hargreaves has a knife and sells drugs from the flat."


def with_rows(**rows: Any) -> Submission:
    """Return a submission of the neighbour with these rows of subjects."""
    return a_submission(narrative=TEXT, source=NEIGHBOUR, subjects=rows)
