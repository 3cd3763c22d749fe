"""A source that a text may reveal without a name, for the tests of disclosure."""

from typing import Any

NEIGHBOUR: dict[str, Any] = {
    "kind": "person",
    "name": "Katherine Wolstenholme",
    "role": "school dinner supervisor",
    "phone": "07700 900461",
    "address": "12 Peel Street, Morley, LS27 8QE",
    "relationship_to_subject": "neighbour",
}
