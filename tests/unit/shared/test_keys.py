"""The bundle of public keys: signed, in force, or refused."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline_shared.crypto.keys import (
    BundledKey,
    KeyBundle,
    UntrustedBundleError,
    generate_pair,
    public_root,
    read_bundle,
    sign_bundle,
)
from pipeline_shared.language.encoding import encode_base64

NOW = datetime(2026, 5, 12, tzinfo=UTC)
ROOT = Ed25519PrivateKey.generate()


def a_bundle(*, valid_until: datetime = NOW + timedelta(days=1), role: str = "sanitiser") -> KeyBundle:
    key = BundledKey(kid=f"{role}-1", role=role, public_key=encode_base64(generate_pair().public))
    return KeyBundle(version=1, valid_until=valid_until, keys=(key,))


def refusal(signed: bytes, root: Ed25519PrivateKey = ROOT) -> str:
    with pytest.raises(UntrustedBundleError) as error:
        read_bundle(signed, public_root(root), NOW)
    return error.value.code


def test_a_signed_bundle_in_force_is_trusted() -> None:
    bundle = read_bundle(sign_bundle(a_bundle(), ROOT), public_root(ROOT), NOW)
    assert [recipient.kid for recipient in bundle.recipients("sanitiser")] == ["sanitiser-1"]


def test_a_bundle_signed_by_somebody_else_is_refused() -> None:
    assert refusal(sign_bundle(a_bundle(), Ed25519PrivateKey.generate())) == "bad_signature"


def test_a_swapped_key_is_refused() -> None:
    signed, other = json.loads(sign_bundle(a_bundle(), ROOT)), json.loads(sign_bundle(a_bundle(), ROOT))
    signed["bundle"] = other["bundle"]
    assert refusal(json.dumps(signed).encode()) == "bad_signature"


def test_an_expired_bundle_is_refused() -> None:
    assert refusal(sign_bundle(a_bundle(valid_until=NOW), ROOT)) == "expired"


@pytest.mark.parametrize("noise", [b"", b"{}", b"[]", b'{"bundle": 1, "signature": ""}', b"\xff", b'{"bundle": "{}"}'])
def test_noise_is_refused(noise: bytes) -> None:
    assert refusal(noise) in {"unreadable", "bad_signature"}


def test_a_role_without_a_key_is_refused() -> None:
    with pytest.raises(UntrustedBundleError, match="role_without_key"):
        a_bundle().recipients("sanitiser", "source_desk")
