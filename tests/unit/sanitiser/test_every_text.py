"""The leak check searches every text of a submission. The test walks the models, so it covers new fields too."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from pipeline_shared.language.sanitised import SanitisedContent
from sanitiser_service.form.fields import content_of
from sanitiser_service.form.profile import protected_values
from sanitiser_service.leak_check import find_leaks
from sanitiser_service.worker.domain import Clear, clear_or_hold
from tests.support.building import a_submission, an_agency, opened

SURNAME = "Zqorvex"
SOURCE = {"kind": "person", "name": f"Margaret {SURNAME}"}
QUIET = {"title": "", "narrative": "It is quiet.", "subjects": {}}
PATTERNED = {"approximate", "month", "year"}  # a partial date: its pattern limits its content


def text_paths(model: type[BaseModel], prefix: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every text field of a model; the first item of a list stands for all."""
    for name, field in model.model_fields.items():
        yield from _paths_of(field.annotation, (*prefix, name))


def _paths_of(annotation: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is str:
        yield path
    elif origin is Annotated:
        yield from _paths_of(arguments[0], path)
    elif origin is tuple:
        yield from _paths_of(arguments[0], (*path, 0))
    elif origin in (Union, types.UnionType):
        for each in arguments:
            yield from _paths_of(each, path)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from text_paths(annotation, path)


ROWS: dict[str, dict[str, Any]] = {
    "people": {"name": "Lee Hargreaves"},
    "places": {"description": "a yard"},
    "vehicles": {},
    "phones": {"number": "07700 900461"},
}
PATHS = [path for path in text_paths(SanitisedContent) if PATTERNED.isdisjoint(map(str, path))]


def holding(path: tuple[str | int, ...], text: str) -> dict[str, Any]:
    """Return the fields of a form with a text at one path."""
    if len(path) == 1:
        return {str(path[0]): text}
    if path[0] == "subjects":
        kind, _, field = map(str, path[1:])
        return {"subjects": {kind: [ROWS[kind] | {field: text}]}}
    return {str(path[0]): {str(path[1]): text}}


def test_the_paths_are_those_of_the_form() -> None:
    assert {("narrative",), ("title",), ("occurrence", "note"), ("subjects", "people", 0, "address")} <= set(PATHS)
    assert len(PATHS) >= 14


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_a_protected_value_that_stands_in_one_text_only_is_found_there_and_holds_the_submission(
    path: tuple[str | int, ...],
) -> None:
    # short enough for the field, and inside another word, so that only the leak check can find it
    text = f"x{SURNAME}x"
    submission = a_submission(source=SOURCE, **(QUIET | holding(path, text)))
    found = find_leaks(content_of(submission), protected_values(submission, an_agency()))
    assert {item.path for item in found} == {".".join(map(str, path))}
    assert not isinstance(clear_or_hold(opened(submission)), Clear)
