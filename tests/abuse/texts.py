"""The attackers' submissions: valid forms, filled to their limits."""

import json
from itertools import cycle, islice
from typing import Any
from uuid import uuid4

from pipeline_simulators.feed import Outgoing
from tests.support.building import a_form

LINE, PARAGRAPH, NARRATIVE, ROWS = 200, 2_000, 20_000, 50
ALARMING = "knife gun stab kill rape bomb shoot murder suicide abducted missing tonight "
ORDINARY = "Somebody said that a man who was told about it by his sister saw a grey van there on some evenings. "
COSTLY = "he said he would, she said he might, if they come back there again then he will, and not only once, "
OF_THE_SOURCE = "Mags theEntwistlehousehold Margaret "


def filled(words: str, **changes: Any) -> dict[str, Any]:
    """Return a form in which every text has its greatest length."""
    line, paragraph = repeated(words, LINE), repeated(words, PARAGRAPH)
    person = {"name": line, "also_known_as": line, "address": line, "description": line}
    subjects = {
        "people": [person] * ROWS,
        "places": [{"description": line}] * ROWS,
        "vehicles": [{"description": line}] * ROWS,
        "phones": [{"number": "07700 900118", "note": line}] * ROWS,
    }
    texts = {"title": line, "known_how_note": paragraph, "narrative": repeated(words, NARRATIVE)}
    return a_form(**texts, subjects=subjects, **changes)


def repeated(words: str, length: int) -> str:
    """Return the words, repeated as often as they fit."""
    return "".join(islice(cycle(words), length)).rpartition(" ")[0]


def outgoing(api_key: str, form: dict[str, Any]) -> Outgoing:
    """Return a form ready to be sent under an idempotency key of its own."""
    return Outgoing(api_key, str(uuid4()), json.dumps(form, ensure_ascii=False).encode())
