"""The key of the sessions: what it proves and seals is bound to its purpose and its place."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_shared.audit.entries import AuditEntry
from pipeline_shared.web.identity.entry_proofs import ENTRY, AuditKey
from pipeline_shared.web.identity.form_token import FormTokens
from pipeline_shared.web.identity.proven_sessions import SESSION
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


AUDIT_KEY = AuditKey.of(KEY)
WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
ENTRIES = st.builds(AuditEntry, at=st.none(), actor=WORDS, action=WORDS, subject=WORDS, reason=WORDS, sign_in=WORDS)


@given(ENTRIES, ENTRIES)
def test_an_audit_key_proves_exactly_the_entry_that_its_site_made(entry: AuditEntry, other: AuditEntry) -> None:
    proof = AUDIT_KEY.prove(entry)
    assert AUDIT_KEY.is_proven(replace(entry, proof=proof))
    assert AUDIT_KEY.is_proven(replace(other, proof=proof)) is (entry == other)
    assert not AuditKey.of(OTHER).is_proven(replace(entry, proof=proof))


def test_an_entry_proven_before_the_audit_had_a_key_of_its_own_is_still_proven() -> None:
    entry = AuditEntry(None, "person:a", "case_read", "case", "", "sign-in")
    parts = [word.encode() for word in ("sign-in", "person:a", "case_read", "case", "")]
    assert AUDIT_KEY.is_proven(replace(entry, proof=KEY.prove(ENTRY, *parts).hex()))


@given(PARTS)
def test_attack_75_whoever_has_an_audit_key_can_make_no_session_and_open_nothing(parts: list[bytes]) -> None:
    auditor = SessionKey(AUDIT_KEY.key)
    assert not KEY.is_proven(SESSION, auditor.prove(SESSION, *parts), *parts)
    assert not FormTokens(KEY).belongs_to(FormTokens(auditor).issue("session", "person:a"), "session")
    with pytest.raises(NotAuthenticError):
        auditor.open("a", KEY.seal("a", b"content", *parts), *parts)
