"""Builders for the tests of the safety screen: a narrative alone, words of a text, and the head of a data file."""

from hypothesis import strategies as st

from intake_service.screening.screen import Screening, screen
from pipeline_shared.language.content import RiskAnswers

NOTHING_ANSWERED = RiskAnswers()
WORDS = st.sampled_from(
    [
        "he",
        "she",
        "they",
        "will",
        "kill",
        "not",
        "no",
        "knife",
        "gun",
        "with",
        "a",
        "the",
        "child",
        "13",
        "(",
        "years",
        "ago",
        "in",
        "1998",
        "missing",
        "since",
        "tonight",
        ".",
        ",",
        "\n",
        "won't",
    ]
)
HEAD = 'version: "1"\nowner: somebody\n'


def screened(narrative: str) -> Screening:
    return screen({"narrative": narrative}, NOTHING_ANSWERED)
