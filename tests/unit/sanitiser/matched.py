"""A source with every value of the form, for tests of the matcher, and what is left of a text of theirs."""

from typing import Any

from pipeline_shared.language.restricted import Submission
from sanitiser_service.matcher.sanitising import sanitise
from tests.support.building import a_submission, an_agency

SOURCE = {
    "kind": "person",
    "name": "Siobhan Entwistle",
    "role": "health visitor",
    "organisation": "Penrose Bay Family Hub",
    "phone": "07700 900118",
    "email": "shiv.entwistle@post.example.org",
    "address": "27 Garnet Street, Hexley, BD7 2LP",
    "vehicle_registration": "YK21 PLO",
    "relationship_to_subject": "aunt",
}


def submitted(text: str, **changes: Any) -> Submission:
    """Return a submission of the source with this text."""
    return a_submission(narrative=text, source=SOURCE | changes.pop("source", {}), **changes)


def narrative_of(text: str, **changes: Any) -> str:
    """Return the text once the matcher has replaced what it is sure of."""
    return sanitise(submitted(text, **changes), an_agency()).content.narrative
