"""Matchers that fail, for a child process; the child imports them by name."""

import os
import resource
import time

from pipeline_shared.language.events import SafetyPreview
from pipeline_shared.language.restricted import SealedContent
from sanitiser_service.preview.domain import preview_of
from sanitiser_service.worker.domain import ClearOrHold, clear_or_hold

HANGS, DIES = "This one hangs.", "This one dies."


def faulty(opened: SealedContent) -> ClearOrHold:
    """Clear or hold, but hang or die if the narrative asks for it."""
    _fail_as_told(opened)
    return clear_or_hold(opened)


def faulty_preview(opened: SealedContent) -> SafetyPreview:
    """Preview, but hang or die if the narrative asks for it."""
    _fail_as_told(opened)
    return preview_of(opened)


def wait_for_ever() -> None:
    """Wait longer than any test."""
    time.sleep(3_600)


def die() -> None:
    """End this process at once."""
    os._exit(3)


def core_limit() -> tuple[int, int]:
    """Return how large a core dump of this process may be."""
    return resource.getrlimit(resource.RLIMIT_CORE)


def _fail_as_told(opened: SealedContent) -> None:
    if opened.submission.narrative == HANGS:
        time.sleep(3_600)
    if opened.submission.narrative == DIES:
        os._exit(3)
