"""Generates the documents about events for outside readers: docs/asyncapi.yaml and a JSON Schema for each event.

They are generated from the code and checked in. `python -m pipeline_admin.api_documents` writes them. With `--check` it
compares them with the code, and fails when one differs.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic.json_schema import GenerateJsonSchema

from pipeline_admin.asyncapi import document
from pipeline_shared.language.events import Event
from pipeline_shared.messaging.topics import TOPOLOGY

DOCS = Path(__file__).parents[3] / "docs"
DRAFT = "http://json-schema.org/draft-07/schema#"
RENEW = "make documents"


class _WithoutFieldTitles(GenerateJsonSchema):
    """Generates schemas without titles of fields, which would only repeat their names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return False: no field has a title."""
        del schema
        return False


def schema_of(event: type[Event]) -> dict[str, Any]:
    """Return the JSON Schema (draft 7) of an event in its serialised form."""
    schema = event.model_json_schema(
        ref_template="#/definitions/{model}", mode="serialization", schema_generator=_WithoutFieldTitles
    )
    definitions = schema.pop("$defs", {})
    return {"$schema": DRAFT, **schema, **({"definitions": definitions} if definitions else {})}


def documents() -> Iterator[tuple[Path, str]]:
    """Yield the path below docs/ and the text of each document."""
    yield Path("asyncapi.yaml"), yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=120)
    for topic in TOPOLOGY:
        schema = json.dumps(schema_of(topic.event), indent=2, ensure_ascii=False)
        yield Path("schemas", f"{topic.name}.json"), f"{schema}\n"


def stale(docs: Path = DOCS) -> list[str]:
    """Return the documents that are missing, differ from the code, or belong to no event."""
    wanted = dict(documents())
    differing = [str(place) for place, text in wanted.items() if _read(docs / place) != text]
    present = {path.relative_to(docs) for path in (docs / "schemas").glob("*")}
    return sorted([*differing, *map(str, present - set(wanted))])


def write(docs: Path = DOCS) -> None:
    """Write the documents; delete those that belong to no event."""
    (docs / "schemas").mkdir(exist_ok=True)
    for place in stale(docs):
        (docs / place).unlink(missing_ok=True)
    for place, text in documents():
        (docs / place).write_text(text, encoding="utf-8")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main(arguments: list[str]) -> None:
    """Write the documents, or compare them with the code."""
    if "--check" not in arguments:
        write()
    elif found := stale():
        sys.exit(f"Not what the code says: docs/{', docs/'.join(found)}. Renew with `{RENEW}` and read the difference.")


if __name__ == "__main__":
    main(sys.argv[1:])
