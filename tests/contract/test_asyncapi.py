"""The documents for strangers: what the code says, in the form that AsyncAPI and JSON Schema ask for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from pipeline_admin.api_documents import DOCS, main, stale, write
from pipeline_admin.asyncapi import document
from pipeline_shared.messaging.topics import TOPOLOGY, granted_access

HERE = Path(__file__).parent
ASYNCAPI = Draft7Validator(json.loads((HERE / "asyncapi-3.0.0.schema.json").read_text(encoding="utf-8")))
GOLDEN = sorted((HERE / "golden").glob("*.v1.json"))


def references(node: Any) -> Iterator[str]:
    """Yield everything that a document refers to."""
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name == "$ref")
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from references(part)


def leads_somewhere(reference: str) -> bool:
    if not reference.startswith("#/"):
        return (DOCS / reference).is_file()
    node: Any = document()
    for part in reference.removeprefix("#/").split("/"):
        node = node.get(part, {})
    return bool(node)


def test_the_documents_are_what_the_code_says() -> None:
    assert stale() == []


def test_a_document_that_differs_is_missing_or_belongs_to_no_event_is_named_and_written_anew(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "asyncapi.yaml").write_text("asyncapi: 3.0.0\n", encoding="utf-8")
    (tmp_path / "schemas" / "case.decided.v1.json").unlink()
    (tmp_path / "schemas" / "case.gone.v1.json").write_text("{}", encoding="utf-8")
    assert stale(tmp_path) == ["asyncapi.yaml", "schemas/case.decided.v1.json", "schemas/case.gone.v1.json"]
    write(tmp_path)
    assert stale(tmp_path) == []


def test_the_check_says_what_differs_and_how_to_renew_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline_admin.api_documents.stale", lambda: ["asyncapi.yaml"])
    with pytest.raises(SystemExit, match=r"docs/asyncapi.yaml.*make documents"):
        main(["--check"])


def test_the_document_is_valid_asyncapi() -> None:
    checked_in = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))
    assert checked_in == document()
    assert [error.message for error in ASYNCAPI.iter_errors(checked_in)] == []


@pytest.mark.parametrize("part", ["asyncapi", "info"])
def test_a_document_without_a_part_that_asyncapi_asks_for_is_not_valid(part: str) -> None:
    assert not ASYNCAPI.is_valid({name: value for name, value in document().items() if name != part})


def test_an_operation_that_does_what_none_can_is_not_valid() -> None:
    broken = document()
    next(iter(broken["operations"].values()))["action"] = "sends"
    assert not ASYNCAPI.is_valid(broken)


def test_whatever_the_document_refers_to_is_there() -> None:
    found = set(references(document()))
    assert len(found) > len(TOPOLOGY) * 3
    assert [reference for reference in found if not leads_somewhere(reference)] == []


def test_it_names_every_sender_and_every_readers_group_that_the_broker_grants_and_no_other() -> None:
    operations: Any = document()["operations"].values()
    named = {
        (
            operation["tags"][0]["name"],
            operation["channel"]["$ref"].removeprefix("#/channels/"),
            operation.get("bindings", {}).get("kafka", {}).get("groupId", {}).get("const"),
        )
        for operation in operations
    }
    assert named == {(access.principal, access.topic, access.group) for access in granted_access()}


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_example_is_valid_by_its_schema_and_with_another_field_is_not(golden: Path) -> None:
    schema = json.loads((DOCS / "schemas" / golden.name).read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    example = json.loads(golden.read_text(encoding="utf-8"))
    assert [error.message for error in Draft7Validator(schema).iter_errors(example)] == []
    assert not Draft7Validator(schema).is_valid(example | {"source_name": "Margaret Entwistle"})
