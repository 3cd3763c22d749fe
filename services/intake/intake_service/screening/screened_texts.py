"""The texts of a submission that are screened: all texts about the event, including those in rows.

A danger in the description of a person, a place or a vehicle is as urgent as one in the narrative. The source and the
submitter are not screened, because their fields do not describe the event. A path is readable: `occurrence.place`.
"""

from collections.abc import Iterator

from pydantic import BaseModel

from pipeline_shared.language.restricted import Submission

SCREENED = ("title", "narrative", "known_how_note", "occurrence", "subjects")


def texts_of(submission: Submission) -> dict[str, str]:
    """Return every text to be screened, by path, without empty ones."""
    return {path: text for name in SCREENED for path, text in _walk(name, getattr(submission, name)) if text}


def _walk(path: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case BaseModel():
            for name in type(value).model_fields:
                yield from _walk(f"{path}.{name}", getattr(value, name))
        case tuple():
            for n, item in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                yield from _walk(f"{path}.{n}", item)  # pyright: ignore[reportUnknownArgumentType]
        case str() if type(value) is str:  # a member of a text enum is a str too, but not free text
            yield path, value
        case _:
            return
