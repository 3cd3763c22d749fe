"""The key of the sessions: what it proves and seals is bound to its purpose and its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_shared.web.identity.form_token import FormTokens
from pipeline_shared.web.identity.session_key import NotAuthenticError, SessionKey

KEY, OTHER = SessionKey(b"k" * 32), SessionKey(b"o" * 32)
PARTS = st.lists(st.binary(max_size=12), max_size=3)


@given(PARTS, PARTS)
def test_a_proof_holds_for_exactly_these_parts(one: list[bytes], other: list[bytes]) -> None:
    assert KEY.is_proven("a", KEY.prove("a", *one), *other) is (one == other)


@given(PARTS)
def test_a_proof_holds_for_its_key_and_purpose_only(parts: list[bytes]) -> None:
    proof = KEY.prove("a", *parts)
    assert not KEY.is_proven("b", proof, *parts)
    assert not OTHER.is_proven("a", proof, *parts)


@given(st.binary(max_size=100), PARTS, PARTS)
def test_what_is_sealed_opens_only_with_what_it_is_bound_to(
    content: bytes, one: list[bytes], other: list[bytes]
) -> None:
    sealed = KEY.seal("a", content, *one)
    assert KEY.open("a", sealed, *one) == content
    if one != other:
        with pytest.raises(NotAuthenticError):
            KEY.open("a", sealed, *other)


@given(st.binary(max_size=40), st.integers(0, 200), st.integers(1, 255))
def test_one_changed_byte_closes_it_for_good(content: bytes, at: int, change: int) -> None:
    sealed = bytearray(KEY.seal("a", content))
    sealed[at % len(sealed)] ^= change
    with pytest.raises(NotAuthenticError):
        KEY.open("a", bytes(sealed))


@given(st.binary(max_size=40))
def test_any_other_bytes_are_refused(sealed: bytes) -> None:
    with pytest.raises(NotAuthenticError):
        KEY.open("a", sealed)


@given(st.text(max_size=60))
def test_any_other_text_is_no_token_of_a_form(text: str) -> None:
    tokens = FormTokens(KEY)
    assert not tokens.belongs_to(text, "session")
    assert tokens.owner(text) == ""


def test_a_form_token_says_whose_it_is_and_for_which_session() -> None:
    tokens = FormTokens(KEY)
    token = tokens.issue("session", "person:a")
    assert tokens.belongs_to(token, "session")
    assert not tokens.belongs_to(token, "another")
    assert tokens.owner(token) == "person:a"
    assert FormTokens(OTHER).owner(token) == ""
