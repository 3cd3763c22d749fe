"""Screens that fail, for a child process; the child imports them by name."""

import os
import time
from collections.abc import Mapping

from intake_service.screening.screen import Screening, screen
from pipeline_shared.language.content import RiskAnswers

HANGS, DIES = "This one hangs.", "This one dies."


def faulty_screen(texts: Mapping[str, str], answers: RiskAnswers) -> Screening:
    """Screen, but hang or die if the narrative asks for it."""
    narrative = texts["narrative"]
    if narrative == HANGS:
        time.sleep(3_600)
    if narrative == DIES:
        os._exit(3)
    return screen(texts, answers)
