"""The texts of a submission that are screened: every text about the event, in rows as well.

A danger in the description of a person, a place or a vehicle is as urgent as one in the narrative. The source and the
submitter are not screened: they say nothing of the event. A path reads as a person would say it: `occurrence.place`.
"""

from collections.abc import Iterator

from pydantic import BaseModel

from pipeline_shared.language.restricted import Submission

SCREENED = ("title", "narrative", "known_how_note", "occurrence", "subjects")


def texts_of(submission: Submission) -> dict[str, str]:
    """Return every text that is screened and not empty, by its path."""
    return {path: text for name in SCREENED for path, text in _walk(name, getattr(submission, name)) if text}


def _walk(path: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case BaseModel():
            for name in type(value).model_fields:
                yield from _walk(f"{path}.{name}", getattr(value, name))
        case tuple():
            for n, item in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                yield from _walk(f"{path}.{n}", item)  # pyright: ignore[reportUnknownArgumentType]
        case str() if type(value) is str:  # an enumeration's member is a str too, and no text
            yield path, value
        case _:
            return
