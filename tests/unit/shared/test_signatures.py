"""Signatures of events: whatever is changed in a signed record is refused, and only a permitted process can sign."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_shared.crypto.keys import UntrustedBundleError
from pipeline_shared.messaging.cloud_events import SIGNATURE, SIGNER
from pipeline_shared.messaging.parking import Record
from pipeline_shared.messaging.signatures import (
    REFUSALS,
    SIGNER_NOT_ALLOWED,
    UNKNOWN_SIGNER,
    UNSIGNED,
    WRONG_SIGNATURE,
    RefusedEventError,
    Verifier,
    covered,
    generate_signing_pair,
)
from pipeline_shared.messaging.topics import CASE_STATUS_CHANGED, SUBMISSION_SANITISED, TOPIC_OF, TOPOLOGY, Topic
from pipeline_shared.runtime.settings import LONGEST_UNSIGNED, KafkaSettings
from tests.contract.test_events import EXAMPLES
from tests.support.settings import PARKING_KEY
from tests.support.signing import KEYS, PROCESSES, SIGNERS, VERIFIER, a_bundle, a_signer, bundled, record_of, signed

STATUS = EXAMPLES["case.status.v1"]
GENUINE = record_of(signed(STATUS))
Headers = Sequence[tuple[str, Any]]


def code_of(record: Record, topic: Topic[Any] = CASE_STATUS_CHANGED, verifier: Verifier = VERIFIER) -> str | None:
    """Return the code of the refusal, or None if the record is accepted."""
    try:
        verifier.check(topic, record)
    except RefusedEventError as error:
        return error.code
    return None


def with_headers(headers: Headers) -> Record:
    return replace(GENUINE, headers=tuple(headers))


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("process", PROCESSES)
def test_attack_76_a_topic_takes_the_signature_of_its_own_processes_and_of_no_other(name: str, process: str) -> None:
    event = EXAMPLES[name]
    topic = TOPIC_OF[type(event)]
    expected = None if process in topic.signed_by else SIGNER_NOT_ALLOWED
    assert code_of(record_of(signed(event, SIGNERS[process])), topic) == expected


def test_the_desk_and_the_worker_sign_sanitised_submissions_and_every_other_topic_has_one_signer() -> None:
    assert {topic.name: topic.signed_by for topic in TOPOLOGY if topic.signed_by != (topic.producer,)} == {
        SUBMISSION_SANITISED.name: ("sanitiser", "desk")
    }


PARTS = [
    *(GENUINE.topic.encode(), GENUINE.key or b"", GENUINE.value or b""),
    *(part for name, value in GENUINE.headers for part in (name.encode(), value)),
]


def changed(parts: Sequence[bytes]) -> Record:
    topic, key, value, *rest = parts
    headers = tuple(zip((name.decode("latin-1") for name in rest[::2]), rest[1::2], strict=True))
    return replace(GENUINE, topic=topic.decode("latin-1"), key=key, value=value, headers=headers)


@pytest.mark.parametrize("which", range(len(PARTS)))
def test_attack_76_a_record_with_one_bit_of_any_byte_changed_is_refused(which: int) -> None:
    for at, byte in enumerate(PARTS[which]):
        for bit in range(8):
            part = PARTS[which][:at] + bytes((byte ^ 1 << bit,)) + PARTS[which][at + 1 :]
            assert code_of(changed([*PARTS[:which], part, *PARTS[which + 1 :]])) in REFUSALS


@pytest.mark.parametrize(
    ("one", "other"), [(("ab", b"c"), ("a", b"bc")), (("a", b"bc"), ("abc", b"")), (("", b"abc"), ("abc", b""))]
)
def test_bytes_that_move_from_one_part_to_the_next_are_noticed(
    one: tuple[str, bytes], other: tuple[str, bytes]
) -> None:
    assert covered(*one, b"value", ()) != covered(*other, b"value", ())


@given(st.data())
def test_attack_76_a_record_with_any_byte_changed_is_refused(data: st.DataObject) -> None:
    parts = list(PARTS)
    which = data.draw(st.integers(0, len(parts) - 1))
    at = data.draw(st.integers(0, len(parts[which]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != parts[which][at]))
    parts[which] = parts[which][:at] + bytes((byte,)) + parts[which][at + 1 :]
    assert code_of(changed(parts)) in REFUSALS


@given(st.lists(st.binary(max_size=6), min_size=3, max_size=7), st.lists(st.binary(max_size=6), min_size=3, max_size=7))
def test_no_two_records_give_the_same_bytes_to_sign(one: list[bytes], other: list[bytes]) -> None:
    def bytes_of(parts: list[bytes]) -> bytes:
        topic, key, value, *rest = parts
        headers = [(name.hex(), content) for name, content in zip(rest[::2], rest[1::2], strict=False)]
        return covered(topic.hex(), key, value, headers)

    def even(parts: list[bytes]) -> list[bytes]:
        return parts[: 3 + (len(parts) - 3) // 2 * 2]

    assert (bytes_of(one) == bytes_of(other)) == (even(one) == even(other))


REFUSED: dict[str, tuple[Headers, str]] = {
    "without headers": ((), UNSIGNED),
    "without a signature": (GENUINE.headers[:-1], WRONG_SIGNATURE),
    "without a signer": ((*GENUINE.headers[:-2], GENUINE.headers[-1]), WRONG_SIGNATURE),
    "with neither": (GENUINE.headers[:-2], UNSIGNED),
    "with a signer alone": ((GENUINE.headers[-2],), WRONG_SIGNATURE),
    "with a signature alone": ((GENUINE.headers[-1],), WRONG_SIGNATURE),
    "with an empty signature": ((*GENUINE.headers[:-1], (SIGNATURE, b"")), WRONG_SIGNATURE),
    "with no signature's value": ((*GENUINE.headers[:-1], (SIGNATURE, None)), WRONG_SIGNATURE),
    "with a signature that is no base64": ((*GENUINE.headers[:-1], (SIGNATURE, b"\xff\xfe")), WRONG_SIGNATURE),
    "with another header": ((("traceparent", b"0"), *GENUINE.headers), WRONG_SIGNATURE),
    "with a header behind": ((*GENUINE.headers, ("traceparent", b"0")), WRONG_SIGNATURE),
    "with a header without a value": ((("traceparent", None), *GENUINE.headers), WRONG_SIGNATURE),
    "with two signatures": ((*GENUINE.headers, GENUINE.headers[-1]), WRONG_SIGNATURE),
    "with headers in another order": (
        (*reversed(GENUINE.headers[:-2]), *GENUINE.headers[-2:]),
        WRONG_SIGNATURE,
    ),
    "by a signer that is not in the bundle": (
        (*GENUINE.headers[:-2], (SIGNER, b"events-triage-9"), GENUINE.headers[-1]),
        UNKNOWN_SIGNER,
    ),
    "by a signer that is no text": ((*GENUINE.headers[:-2], (SIGNER, b"\xff"), GENUINE.headers[-1]), UNKNOWN_SIGNER),
    "by another process's key": (
        (*GENUINE.headers[:-2], (SIGNER, b"events-intake-1"), GENUINE.headers[-1]),
        SIGNER_NOT_ALLOWED,
    ),
}


@pytest.mark.parametrize("how", REFUSED)
def test_attack_76_a_record_that_was_not_signed_as_it_is_is_refused_with_its_reason(how: str) -> None:
    headers, code = REFUSED[how]
    assert code_of(with_headers(headers)) == code


def test_attack_76_a_record_under_a_known_id_but_signed_with_another_key_is_refused() -> None:
    forger = replace(a_signer("forger"), kid=SIGNERS["triage"].kid)
    assert code_of(record_of(signed(STATUS, forger))) == WRONG_SIGNATURE


def test_two_keys_of_a_process_are_in_force_while_one_replaces_the_other() -> None:
    new = a_signer("triage", 2)
    both = Verifier(a_bundle(*KEYS, bundled("triage", new)))
    assert code_of(GENUINE, verifier=both) is None
    assert code_of(record_of(signed(STATUS, new)), verifier=both) is None
    after = Verifier(a_bundle(bundled("triage", new)))
    assert code_of(GENUINE, verifier=after) == UNKNOWN_SIGNER


def test_a_key_with_another_role_signs_nothing() -> None:
    key = bundled("triage", SIGNERS["triage"]).model_copy(update={"role": "triage"})
    assert code_of(GENUINE, verifier=Verifier(a_bundle(key))) == UNKNOWN_SIGNER


@pytest.mark.parametrize(
    "keys",
    [
        (),
        (bundled("intake", SIGNERS["triage"]),),
        (bundled("triage", replace(a_signer("other"), kid=SIGNERS["triage"].kid)),),
    ],
    ids=["missing", "of another process", "another key under its id"],
)
def test_a_process_whose_signatures_readers_would_refuse_does_not_start(keys: Any) -> None:
    Verifier(a_bundle(*KEYS)).require(SIGNERS["triage"], "triage")
    with pytest.raises(UntrustedBundleError, match="signing_key_not_in_bundle"):
        Verifier(a_bundle(*keys)).require(SIGNERS["triage"], "triage")


def test_a_bundle_with_a_signing_key_that_is_none_is_refused() -> None:
    broken = bundled("triage", SIGNERS["triage"]).model_copy(update={"public_key": "AAAA"})
    with pytest.raises(UntrustedBundleError, match="unreadable"):
        Verifier(a_bundle(broken))


def test_a_new_key_pair_has_two_halves_of_32_bytes() -> None:
    pair = generate_signing_pair()
    assert (len(pair.private), len(pair.public)) == (32, 32)


UNSIGNED_RECORD = with_headers(GENUINE.headers[:-2])


@pytest.mark.parametrize(("minutes", "code"), [(10, None), (-10, UNSIGNED)])
def test_events_without_a_signature_are_accepted_until_the_time_that_is_set(minutes: int, code: str | None) -> None:
    verifier = Verifier(a_bundle(*KEYS), datetime.now(UTC) + timedelta(minutes=minutes))
    assert code_of(UNSIGNED_RECORD, verifier=verifier) == code
    assert code_of(with_headers(REFUSED["with another header"][0]), verifier=verifier) == WRONG_SIGNATURE


def test_attack_76_a_decision_without_a_signature_is_refused_whatever_time_is_set() -> None:
    verifier = Verifier(a_bundle(*KEYS), datetime.now(UTC) + timedelta(hours=1))
    decision = EXAMPLES["case.decided.v1"]
    record = replace(record_of(signed(decision)), headers=())
    assert code_of(record, TOPIC_OF[type(decision)], verifier) == UNSIGNED


def test_events_without_a_signature_cannot_be_accepted_for_ever() -> None:
    values: dict[str, Any] = dict.fromkeys(
        ("kafka_bootstrap", "kafka_username", "kafka_password", "signing_key", "key_bundle"), "x"
    )
    values |= {"operations_port": 1, "database_url": "postgresql://nobody@127.0.0.1/none"}
    values |= dict.fromkeys(("parking_key", "trust_root"), PARKING_KEY)
    soon, late = (datetime.now(UTC) + LONGEST_UNSIGNED + timedelta(hours=hours) for hours in (-1, 1))
    assert KafkaSettings(**values, unsigned_events_until=soon).unsigned_events_until == soon
    with pytest.raises(ValueError, match="unsigned_events_until"):
        KafkaSettings(**values, unsigned_events_until=late)
