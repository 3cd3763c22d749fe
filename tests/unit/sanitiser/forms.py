"""What the tests of forms ask of the real assessment: whether a text goes onward with nobody looking, and as what."""

from typing import Any

from sanitiser_service.worker.domain import Clear, Outcome, assess
from tests.support.building import a_submission, opened


def outcome_of(text: str, *, subjects: dict[str, Any] | None = None, **source: str) -> Outcome:
    """Return what becomes of a text with a source of these values."""
    values = {"kind": "person", "name": "Zenobia Quillfeather"} | source
    return assess(opened(a_submission(narrative=text, source=values, subjects=subjects or {})))


def goes_onward(text: str, *, subjects: dict[str, Any] | None = None, **source: str) -> bool:
    """Tell whether a text goes onward with nobody looking."""
    return isinstance(outcome_of(text, subjects=subjects, **source), Clear)


def onward_text(text: str, **source: str) -> str:
    """Return a text as it goes onward with nobody looking; empty when it is held."""
    outcome = outcome_of(text, subjects=None, **source)
    return outcome.content.narrative if isinstance(outcome, Clear) else ""
