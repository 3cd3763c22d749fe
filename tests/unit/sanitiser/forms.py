"""The real matcher, for tests of spellings: whether a text goes onward without a person, and how it reads then."""

from typing import Any

from sanitiser_service.worker.domain import Clear, ClearOrHold, clear_or_hold
from tests.support.building import a_submission, opened


def outcome_of(text: str, *, subjects: dict[str, Any] | None = None, **source: str) -> ClearOrHold:
    """Return the result for a text with a source of these values."""
    values = {"kind": "person", "name": "Zenobia Quillfeather"} | source
    return clear_or_hold(opened(a_submission(narrative=text, source=values, subjects=subjects or {})))


def goes_onward(text: str, *, subjects: dict[str, Any] | None = None, **source: str) -> bool:
    """Tell whether a text goes onward without a person."""
    return isinstance(outcome_of(text, subjects=subjects, **source), Clear)


def onward_text(text: str, **source: str) -> str:
    """Return a text as it goes onward without a person; empty when it is held."""
    outcome = outcome_of(text, subjects=None, **source)
    return outcome.content.narrative if isinstance(outcome, Clear) else ""
