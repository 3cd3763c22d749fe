"""The kinds of text on a form, each with its limits, and the base of every model that crosses an edge."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from pipeline_shared.language.visible import has_letter, has_visible

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _storable(text: str) -> str:
    """Refuse characters that PostgreSQL or UTF-8 cannot hold: the next stage would fail on them."""
    if _UNSTORABLE.search(text):
        raise PydanticCustomError("forbidden_character", "holds a control character or half a surrogate pair")
    return text


def _with_plain_line_ends(value: object) -> object:
    """Return a text with one character for each line end, so that no limit depends on the sender's system."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def _visible_or_empty(text: str) -> str:
    return text if has_visible(text) else ""


def _visible(text: str) -> str:
    if not has_visible(text):
        raise PydanticCustomError("no_visible_text", "holds no character that anybody could see")
    return text


def _with_letter(text: str) -> str:
    if not has_letter(text):
        raise PydanticCustomError("no_letter", "is a name without a letter")
    return text


_LineEnds = BeforeValidator(_with_plain_line_ends)
_Optional = (AfterValidator(_storable), AfterValidator(_visible_or_empty), _LineEnds)
_Required = (AfterValidator(_storable), AfterValidator(_visible), _LineEnds)

Text = Annotated[str, AfterValidator(_storable)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), *_Optional]
RequiredLine = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), *_Required]
Name = Annotated[RequiredLine, AfterValidator(_with_letter)]
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000), *_Optional]
Narrative = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), *_Required]


class Model(BaseModel):
    """Base of everything that crosses an edge: frozen, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
