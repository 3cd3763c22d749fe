"""Secret settings of a wrong form are refused when a process starts, with a code and without the value."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from intake_service.settings import Settings as IntakeSettings
from pipeline_shared.runtime.secret_types import Password, PublicKey, SecretKey
from sanitiser_service.worker.settings import Settings as WorkerSettings
from transfer_service.settings import Settings as TransferSettings

KEY = base64.b64encode(b"zq" * 16).decode()
EVERY = {
    "operations_port": 1,
    "signing_key": "events.key",
    "port": 2,
    "database_url": "postgresql://app:zq@127.0.0.1/db",
    "kafka_bootstrap": "127.0.0.1:9",
    "kafka_username": "app",
    "kafka_password": "zq",
    "parking_key": KEY,
    "key_bundle": "bundle.json",
    "trust_root": KEY,
    "hmac_key": KEY,
    "private_keys": "sanitiser-1.key",
    "police_url": "https://police.example",
    "police_token": "zq",
}
SHORT, LONG = base64.b64encode(b"zqz").decode(), base64.b64encode(b"zq" * 17).decode()
WRONG_KEYS = [("", "key_length"), (SHORT, "key_length"), (LONG, "key_length"), ("zq zq", "key_encoding")]
KEYS = [
    (IntakeSettings, "hmac_key"),
    (IntakeSettings, "parking_key"),
    (IntakeSettings, "trust_root"),
    (WorkerSettings, "trust_root"),
    (WorkerSettings, "parking_key"),
    (TransferSettings, "parking_key"),
]
WRONG_PASSWORDS = ["", "zq\n", "zq zq", "zq\u00e4", "\tzq", "zq" * 2049]
PASSWORDS = [(TransferSettings, "police_token"), (IntakeSettings, "kafka_password")]


def problems(kind: Any, **changes: str) -> list[tuple[str, str]]:
    try:
        kind(**{**EVERY, **changes})
    except ValidationError as error:
        assert "zq" not in str(error)
        return [(str(each["loc"][0]), each["type"]) for each in error.errors()]
    return []


@pytest.mark.parametrize("kind", [IntakeSettings, WorkerSettings, TransferSettings])
def test_whole_secrets_are_accepted(kind: Any) -> None:
    assert problems(kind) == []


@pytest.mark.parametrize(("kind", "field"), KEYS)
@pytest.mark.parametrize(("value", "code"), WRONG_KEYS)
def test_a_key_of_another_length_or_encoding_is_refused(kind: Any, field: str, value: str, code: str) -> None:
    assert problems(kind, **{field: value}) == [(field, code)]


@pytest.mark.parametrize(("kind", "field"), PASSWORDS)
@pytest.mark.parametrize("value", WRONG_PASSWORDS)
def test_a_password_that_no_header_could_carry_is_refused(kind: Any, field: str, value: str) -> None:
    assert problems(kind, **{field: value}) == [(field, "password_form")]


@pytest.mark.parametrize("kind", [IntakeSettings, TransferSettings])
def test_the_address_of_a_database_has_one_form_for_services_and_operators(kind: Any) -> None:
    assert problems(kind, database_url="postgresql://app:zq#zq@127.0.0.1/db") == [("database_url", "postgres_url")]


@given(st.text(max_size=80))
def test_any_text_is_accepted_whole_or_refused_with_a_code(text: str) -> None:
    for kind in (SecretKey, Password, PublicKey):
        try:
            accepted = TypeAdapter(kind).validate_python(text)
        except ValidationError as error:
            assert {each["type"] for each in error.errors()} <= {"key_length", "key_encoding", "password_form"}
        else:
            assert (accepted if isinstance(accepted, str) else accepted.get_secret_value()) == text
