"""The text fields of sanitised content by path: one list for replacing, checking and reviewing.

A path reads like the form: `narrative`, `subjects.people.0.address`. Dates, tags and choices are not text.
"""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from pipeline_shared.language.restricted import Submission
from pipeline_shared.language.sanitised import SanitisedContent, SanitisedOccurrence
from pipeline_shared.language.when import times_of

# Names and numbers of subjects are the intelligence itself: software checks them and never rewrites them (D-S2).
SUBJECT_IDENTITY = frozenset({"name", "also_known_as", "postcode", "registration", "number"})
_ONWARD = set(SanitisedContent.model_fields) - {"occurrence"}


def content_of(submission: Submission) -> SanitisedContent:
    """Return the content to sanitise and publish, with times as exact as the policy allows."""
    occurrence = submission.occurrence
    began, ended = times_of(occurrence)
    seen = SanitisedOccurrence(began=began, ended=ended, place=occurrence.place, note=occurrence.note)
    return SanitisedContent.model_validate(submission.model_dump(include=_ONWARD) | {"occurrence": seen})


def texts_of(content: BaseModel) -> dict[str, str]:
    """Return every text that is not empty, by its path."""
    return {path: text for path, text in _walk("", content) if text}


def with_texts(content: SanitisedContent, texts: Mapping[str, str]) -> SanitisedContent:
    """Return the content with some of its texts replaced; raise ValidationError when a text does not fit its field."""
    fields = {name: getattr(content, name) for name in type(content).model_fields}
    touched = fields.keys() & {path.partition(".")[0] for path in texts}
    return SanitisedContent.model_validate(fields | {name: _replace(name, fields[name], texts) for name in touched})


def is_subject_identity(path: str) -> bool:
    """Tell whether a path leads to a name or number of a subject."""
    return path.startswith("subjects.") and path.rpartition(".")[2] in SUBJECT_IDENTITY


def _walk(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            if type(value) is str:  # a member of an enumeration is a str too, but no free text
                yield prefix, value
        case tuple():
            for n, item in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                yield from _walk(f"{prefix}.{n}", item)  # pyright: ignore[reportUnknownArgumentType]
        case BaseModel():
            for name in type(value).model_fields:
                yield from _walk(f"{prefix}.{name}" if prefix else name, getattr(value, name))
        case _:
            return


def _replace(prefix: str, value: object, texts: Mapping[str, str]) -> object:
    match value:
        case str():
            return texts.get(prefix, value)
        case tuple():
            return tuple(_replace(f"{prefix}.{n}", item, texts) for n, item in enumerate(value))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case BaseModel():
            names = type(value).model_fields
            return {n: _replace(f"{prefix}.{n}", getattr(value, n), texts) for n in names}
        case _:
            return value
