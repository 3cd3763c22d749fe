"""The search finds a planted token in every spelling: a canary that cannot be found proves nothing."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest

from pipeline_shared.language.restricted import Source, Submission, Submitter
from tests.support.building import a_form
from tests.support.canary import AGENCY_MARK, CHUNK, DIGITS, IDENTITY, MARK, Search, has_mark, plant, token

SEARCH = Search(*IDENTITY, AGENCY_MARK)
SPELLINGS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "upper case": lambda text: text.upper().encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()),
    "hexadecimal": lambda text: text.encode().hex().encode(),
    "HEXADECIMAL": lambda text: text.encode().hex().upper().encode(),
    "URL": lambda text: quote_from_bytes(text.encode(), safe="").encode(),
    "URL, every byte": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()).encode(),
    "JSON": lambda text: json.dumps(text).encode(),
    "JSON, every letter": lambda text: "".join(f"\\u{ord(letter):04X}" for letter in text).encode(),
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "UTF-16, other order": lambda text: text.encode("utf-16-be"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("mark", [*IDENTITY, AGENCY_MARK])
def test_a_mark_is_found_in_every_spelling_at_every_alignment(mark: str, before: str, spelling: str) -> None:
    assert list(SEARCH.in_bytes(b"\xff{" + SPELLINGS[spelling](f"{before}{mark}name7 é") + b"}\x00"))


def test_nothing_is_found_where_nothing_is() -> None:
    form = json.dumps(a_form()).encode()
    assert list(SEARCH.in_bytes(form + base64.b64encode(form) + form.hex().encode())) == []


@pytest.mark.parametrize("at", [0, 1, CHUNK - 5, CHUNK, CHUNK + 1, 3 * CHUNK - 1])
def test_a_mark_is_found_wherever_it_stands_in_a_large_file_with_holes(tmp_path: Path, at: int) -> None:
    file = tmp_path / "00000000.log"
    with file.open("wb") as writing:
        writing.truncate(4 * CHUNK)
        writing.seek(at)
        writing.write(token("name", "1").encode())
    assert [found for found in SEARCH.in_file(file) if found.startswith(f"plain b'{MARK}name")]


def test_what_is_found_names_its_field() -> None:
    (found,) = SEARCH.in_bytes(f"x {token('source_address', '1')}".encode())
    assert "sourceaddress" in found


def test_every_identity_field_has_a_token_of_its_own_and_the_form_is_still_one() -> None:
    form = plant(a_form(), "seed")
    submission = Submission.model_validate(form)
    fields = set(Source.model_fields) | set(Submitter.model_fields)
    restricted = submission.source.model_dump(exclude={"kind", "wishes_anonymity"}) | {
        f"submitter {name}": text for name, text in submission.submitter.model_dump().items()
    }
    assert {name.removeprefix("submitter ") for name in restricted} == fields - {"kind", "wishes_anonymity"}
    assert all(has_mark(text) for text in (*restricted.values(), submission.known_how_note, submission.narrative))
    assert len(set(restricted.values())) == len(restricted)
    assert DIGITS in submission.source.phone


def test_the_same_seed_plants_the_same_and_another_plants_another() -> None:
    assert plant(a_form(), "one") == plant(a_form(), "one") != plant(a_form(), "two")


def test_what_a_test_names_itself_stays_beside_the_token() -> None:
    source = {"kind": "person", "name": "Ann Lee", "address": "3 Row"}
    planted = plant(a_form(source=source), "seed")["source"]
    assert planted["name"].startswith("Ann Lee ")
    assert planted["address"] == "3 Row"
