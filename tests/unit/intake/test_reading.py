"""Reading a body: whatever arrives is a submission or a refusal that repeats nothing of it."""

import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake_service.reading import RefusedError, read_submission
from tests.support.building import a_form

CANARY = "QZCANARY"


def refused(body: bytes) -> RefusedError:
    with pytest.raises(RefusedError) as refusal:
        read_submission(body)
    return refusal.value


def test_the_form_of_a_partner_is_read() -> None:
    submission = read_submission(json.dumps(a_form()).encode())
    assert submission.source.name == "Margaret Entwistle"
    assert submission.subjects.people[0].name == "Lee Hargreaves"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"narrative": NaN}', "not_json"),
        (b'{"narrative": -Infinity}', "not_json"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"narrative": "x", "narrative": "y"}', "duplicate_field"),
        (b'{"source": {"name": "x", "name": "y"}}', "duplicate_field"),
        (b"[]", "invalid_submission"),
        (b"null", "invalid_submission"),
    ],
)
def test_what_is_not_plain_json_is_refused(body: bytes, code: str) -> None:
    assert refused(body).code == code


@pytest.mark.parametrize("text", [f"{CANARY}\0", f"{CANARY}\x07", f"{CANARY}\ud800", f"\udfff{CANARY}"])
@pytest.mark.parametrize("field", ["narrative", "title", "known_how_note"])
def test_characters_that_cannot_be_stored_are_refused_at_the_edge(field: str, text: str) -> None:
    error = refused(json.dumps(a_form(**{field: text})).encode())
    assert CANARY not in json.dumps(error.errors)
    assert error.code in {"invalid_submission", "not_json"}


def test_an_unknown_field_is_refused_without_repeating_its_name() -> None:
    error = refused(json.dumps(a_form(**{CANARY: CANARY})).encode())
    assert error.errors == [{"field": "", "code": "unknown_field"}]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"narrative": CANARY * 3_000}, "narrative", "string_too_long"),
        ({"narrative": " "}, "narrative", "string_too_short"),
        ({"category": CANARY}, "category", "enum"),
        ({"source": {"kind": "person"}}, "source", "source_name_required"),
        (
            {"source": {"kind": "person", "name": CANARY, "wishes_anonymity": "yes"}},
            "source.wishes_anonymity",
            "bool_type",
        ),
        ({"occurrence": {"began_at": "2026-05-12T10:00:00"}}, "occurrence.began_at", "timezone_aware"),
        ({"occurrence": {"began_at": "0001-01-01T00:00:00Z"}}, "occurrence.began_at", "date_out_of_range"),
        ({"occurrence": {"ended_at": "9999-12-31T23:59:59-12:00"}}, "occurrence.ended_at", "date_out_of_range"),
        (
            {"subjects": {"people": [{"name": "A", "date_of_birth": "0001-01-01"}]}},
            "subjects.people.0.date_of_birth",
            "date_out_of_range",
        ),
        (
            {"subjects": {"people": [{"name": "A", "approximate_age": "14"}]}},
            "subjects.people.0.approximate_age",
            "int_type",
        ),
    ],
)
def test_a_field_that_does_not_fit_is_named_with_a_code(change: dict[str, Any], field: str, code: str) -> None:
    assert refused(json.dumps(a_form(**change)).encode()).errors == [{"field": field, "code": code}]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(string.ascii_lowercase, max_size=8), inner, max_size=4)
    ),
    max_leaves=10,
)


@settings(deadline=None, max_examples=300)
@given(field=st.sampled_from(sorted(a_form())), value=ANYTHING)
def test_any_value_in_any_field_gives_a_submission_or_a_refusal(field: str, value: Any) -> None:
    body = json.dumps(a_form(**{field: value})).encode()
    try:
        read_submission(body)
    except RefusedError as refusal:
        assert refusal.code in {"invalid_submission", "not_json"}


@settings(deadline=None, max_examples=300)
@given(body=st.binary(max_size=200))
def test_any_bytes_are_refused(body: bytes) -> None:
    refused(body)
