"""Assessments that go wrong, for a child process to run: it imports them by name."""

import os
import time

from pipeline_shared.submission import SealedContent
from sanitiser_service.domain import Outcome, assess

HANGS, DIES = "This one hangs.", "This one dies."


def faulty(opened: SealedContent) -> Outcome:
    """Assess, but hang or die where the narrative says so."""
    if opened.submission.narrative == HANGS:
        time.sleep(3_600)
    if opened.submission.narrative == DIES:
        os._exit(3)
    return assess(opened)
