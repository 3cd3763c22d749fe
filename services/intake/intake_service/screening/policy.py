"""The policy of levels: what the form's answers and unread texts mean (`data/policy/levels.yaml`, decision 28)."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from intake_service.screening.lexicon import DATA, read_yaml
from pipeline_shared.language.content import RiskAnswers
from pipeline_shared.language.vocabulary import SafetyLevel, SafetyReason

FILE = "levels.yaml"
FOLDER = DATA / "policy"
RISING = (SafetyLevel.ORDINARY, SafetyLevel.SOON, SafetyLevel.NOW)


class Policy(BaseModel):
    """The level of each answer that is yes, of a text that nothing has read, and of one in another language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, Field(min_length=1)]
    owner: Annotated[str, Field(min_length=1)]
    answers: dict[str, SafetyLevel]
    ringing_together: Annotated[int, Field(ge=1)]
    beside_soon: SafetyLevel
    unscreened: SafetyLevel
    other_language: SafetyLevel

    @field_validator("answers")
    @classmethod
    def _every_question_has_a_level(cls, answers: dict[str, SafetyLevel]) -> dict[str, SafetyLevel]:
        if set(answers) != set(RiskAnswers.model_fields):
            raise ValueError("not the questions of the form")
        return answers

    @field_validator("answers", "beside_soon", "unscreened", "other_language")
    @classmethod
    def _nothing_is_silent(cls, value: SafetyLevel | dict[str, SafetyLevel]) -> SafetyLevel | dict[str, SafetyLevel]:
        if SafetyLevel.ORDINARY in (value.values() if isinstance(value, dict) else (value,)):
            raise ValueError("no concern may be ordinary (D-T0)")
        return value

    def of_answers(self, questions: Collection[str], texts: SafetyLevel = SafetyLevel.ORDINARY) -> SafetyLevel:
        """Return the level of the questions that were answered with yes, beside texts of a level."""
        if len(questions) >= self.ringing_together:
            return SafetyLevel.NOW
        beside = [self.beside_soon] if questions and texts is SafetyLevel.SOON else []
        return highest([*beside, *(self.answers[question] for question in questions)])

    def of_unread(self, reasons: Collection[SafetyReason]) -> SafetyLevel:
        """Return the level of what was not read, by the reasons of the hits."""
        levels = {SafetyReason.UNSCREENED: self.unscreened, SafetyReason.OTHER_LANGUAGE: self.other_language}
        return highest(level for reason, level in levels.items() if reason in reasons)


def highest(levels: Iterable[SafetyLevel]) -> SafetyLevel:
    """Return the most urgent level; ORDINARY when there is none."""
    return max(levels, key=RISING.index, default=SafetyLevel.ORDINARY)


def load_policy(folder: Path = FOLDER) -> Policy:
    """Return the policy; raise LexiconError."""
    return build_policy((folder / FILE).read_text("utf-8"))


def build_policy(text: str) -> Policy:
    """Return the policy in a file's text; raise LexiconError."""
    return read_yaml(FILE, text, Policy)
