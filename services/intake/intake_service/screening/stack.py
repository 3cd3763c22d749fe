"""Weighs what the words and the encoder say of a text together, and compares it with the bars of the levels.

Numbers and bars are data (`data/learned/stack.yaml`, fitted by `python -m pipeline_training.screen tests/evaluation`).
"""

from pathlib import Path
from typing import Annotated, Protocol, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from intake_service.screening.lexicon import DATA, read_yaml
from pipeline_shared.language.vocabulary import SafetyLevel

FILE = "stack.yaml"
FOLDER = DATA / "learned"
MOST_HEAD = 4.0  # the head counts no more than this, so words that are harmless enough need no encoder

Number = Annotated[float, Field(allow_inf_nan=False)]


class HasBars(Protocol):
    """What has a bar for each level."""

    @property
    def now(self) -> float:
        """Return the bar of NOW."""
        ...

    @property
    def soon(self) -> float:
        """Return the bar of SOON."""
        ...


B = TypeVar("B", bound=HasBars)


class Bars(BaseModel):
    """The bars for the score of a sentence as if it stood alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    now: Number
    soon: Number

    @model_validator(mode="after")
    def _bars_are_in_order(self) -> Self:
        return _in_order(self)

    def level(self, score: float) -> SafetyLevel:
        """Return the level that such a sentence gives its text."""
        if score >= self.now:
            return SafetyLevel.NOW
        return SafetyLevel.SOON if score >= self.soon else SafetyLevel.ORDINARY


class Stack(BaseModel):
    """The weights of the words' score, of a certain rule and of the head's score, and the bars."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Annotated[Number, Field(gt=0)]
    certain: Number
    head: Annotated[Number, Field(gt=0)]
    constant: Number
    now: Number
    soon: Number
    rings_when_certain: bool

    @model_validator(mode="after")
    def _bars_are_in_order(self) -> Self:
        return _in_order(self)

    def score(self, words: float, head: float, *, is_certain: bool) -> float:
        """Return the score of a text."""
        head = min(max(head, -MOST_HEAD), MOST_HEAD)
        return self.words * words + self.certain * is_certain + self.head * head + self.constant

    def level(self, words: float, head: float, *, is_certain: bool) -> SafetyLevel:
        """Return the level of a text; what a certain rule says is at least SOON."""
        score = self.score(words, head, is_certain=is_certain)
        if score >= self.now or (is_certain and self.rings_when_certain):
            return SafetyLevel.NOW
        return SafetyLevel.SOON if is_certain or score >= self.soon else SafetyLevel.ORDINARY

    def needs_head(self, words: float, *, is_certain: bool, bars: Bars | None = None) -> bool:
        """Tell whether the level depends on the head's score: by the stack's own bars, or by others."""
        least, most = (-MOST_HEAD, MOST_HEAD)
        if bars:
            lowest, highest = (self.score(words, head, is_certain=is_certain) for head in (least, most))
            return bars.level(lowest) is not bars.level(highest)
        return self.level(words, least, is_certain=is_certain) is not self.level(words, most, is_certain=is_certain)


class Stacks(BaseModel):
    """The stack for usual texts, the one for texts of few words, and the bars for a sentence as if it stood alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, Field(min_length=1)]
    owner: Annotated[str, Field(min_length=1)]
    usual: Stack
    few_words: Stack
    alone: Bars


def _in_order(bars: B) -> B:
    if bars.soon > bars.now:
        raise ValueError("the bar of SOON is above that of NOW")
    return bars


def load_stacks(folder: Path = FOLDER) -> Stacks:
    """Return the stacks; raise LexiconError."""
    return build_stacks((folder / FILE).read_text("utf-8"))


def build_stacks(text: str) -> Stacks:
    """Return the stacks in a file's text; raise LexiconError."""
    return read_yaml(FILE, text, Stacks)
