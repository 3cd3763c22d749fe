"""Reading a body: each body is a submission or is refused, and a refusal repeats nothing of it."""

import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake_service.submissions.reading import RefusedError, read_submission
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
        (b"\xff\xfe", "not_utf8"),
        (b"[" + b"{}," * 5_000 + b"{}]", "too_many_fields"),
        (b"{" + b",".join(b'"%d":0' % n for n in range(5_000)) + b"}", "too_many_fields"),
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
    assert error.errors == [{"field": field, "code": "forbidden_character"}]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (a_form(source={"kind": "person", "name": "Ann \udc00"}), "source"),
        (a_form(subjects={"people": [{"name": "\ud83d\ud83d"}]}), "subjects"),
        (a_form(**{"\udfff": CANARY}), ""),
        (["\ud800"], ""),
        ("\ud800", ""),
    ],
)
def test_half_a_surrogate_pair_is_refused_with_the_field_it_is_in(form: object, field: str) -> None:
    assert refused(json.dumps(form).encode()).errors == [{"field": field, "code": "forbidden_character"}]


def test_what_only_the_stricter_reader_refuses_is_not_json() -> None:
    nested = b"[" * 250 + b"]" * 250
    assert refused(json.dumps(a_form(title="Q")).encode().replace(b'"Q"', nested)).code == "not_json"


FORM = json.dumps(a_form(narrative="Séamus sells.", title="Café"), ensure_ascii=False)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_a_body_in_another_encoding_is_told_so(encoding: str) -> None:
    assert refused(FORM.encode(encoding)).code == "not_utf8"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_another_encoding_is_named_also_when_every_character_is_ascii(encoding: str) -> None:
    """The bytes are valid UTF-8 in this case, with a zero beside each letter."""
    assert refused(json.dumps(a_form()).encode(encoding)).code == "not_utf8"


def test_a_byte_order_mark_before_utf8_says_nothing() -> None:
    assert read_submission(FORM.encode("utf-8-sig")) == read_submission(FORM.encode())


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_the_end_of_a_line_is_one_character_however_it_is_written(end: str) -> None:
    lines = ["x" * 99] * 200
    longest = read_submission(json.dumps(a_form(narrative=end.join(lines) + "y")).encode())
    assert longest == read_submission(json.dumps(a_form(narrative="\n".join(lines) + "y")).encode())
    assert len(longest.narrative) == 20_000
    error = refused(json.dumps(a_form(narrative=end.join(lines) + "yz")).encode())
    assert error.errors == [{"field": "narrative", "code": "string_too_long"}]


UNSEEN = [
    "\u200b", "\u200d\u2060", "\ufeff", "\u3164", "\u2800", "\u115f\u1160", "\uffa0", "\u00ad", "\u034f", "\u061c",
    "\u200e\u200f", "\u2063", "\ufe0f", "\U000e0041\U000e007f", "\u0301", "\ue000", "\U0010ffff", "\u0378", "\u180e",
    "\u202e \u202c", "\U000f0000", "\u17b4", " \u200b ", "\u2028",
]  # fmt: skip
REQUIRED: dict[str, Any] = {
    "narrative": lambda text: {"narrative": text},
    "submitter.name": lambda text: {"submitter": {"name": text}},
    "subjects.people.0.name": lambda text: {"subjects": {"people": [{"name": text}]}},
    "subjects.places.0.description": lambda text: {"subjects": {"places": [{"description": text}]}},
    "subjects.phones.0.number": lambda text: {"subjects": {"phones": [{"number": text}]}},
}


@pytest.mark.parametrize("text", UNSEEN, ids=ascii)
@pytest.mark.parametrize("field", REQUIRED)
def test_what_nobody_can_see_is_no_required_text(field: str, text: str) -> None:
    error = refused(json.dumps(a_form(**REQUIRED[field](text))).encode())
    (found,) = error.errors
    assert found["field"] == field
    assert found["code"] in {"no_visible_text", "string_too_short"}  # white space is stripped first


@pytest.mark.parametrize("text", UNSEEN, ids=ascii)
def test_what_nobody_can_see_is_no_optional_text_either(text: str) -> None:
    form = a_form(title=text, occurrence={"place": text, "note": text}, known_how_note=text)
    read = read_submission(json.dumps(form).encode())
    assert (read.title, read.occurrence.place, read.occurrence.note, read.known_how_note) == ("", "", "", "")
    named = a_form(source={"kind": "person", "name": text})
    assert refused(json.dumps(named).encode()).errors == [{"field": "source", "code": "source_name_required"}]


@pytest.mark.parametrize("name", ["-", "...", "?", "07700 900118", "\U0001f600", "\u200b-\u200b"])
def test_a_source_or_submitter_without_a_letter_is_not_named(name: str) -> None:
    source = a_form(source={"kind": "person", "name": name})
    assert refused(json.dumps(source).encode()).errors == [{"field": "source", "code": "source_name_required"}]
    submitter = refused(json.dumps(a_form(submitter={"name": name})).encode())
    assert submitter.errors == [{"field": "submitter.name", "code": "no_letter"}]


@pytest.mark.parametrize("name", ["Ng", "Ó", "王", "عمر", "ਗੁਰਪ੍ਰੀਤ", "O'Neill", "Zoe\u0308", "Siân \u200dJones"])
def test_a_name_in_any_script_is_a_name(name: str) -> None:
    form = a_form(source={"kind": "person", "name": name}, submitter={"name": name})
    assert read_submission(json.dumps(form).encode()).source.name == name


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
