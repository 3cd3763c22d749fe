"""Builders for the tests of the safety screen: a narrative alone, and the head of a data file."""

from intake_service.screening.screen import Screening, screen
from pipeline_shared.language.content import RiskAnswers

NOTHING_ANSWERED = RiskAnswers()
HEAD = 'version: "1"\nowner: somebody\n'


def screened(narrative: str) -> Screening:
    return screen({"narrative": narrative}, NOTHING_ANSWERED)
