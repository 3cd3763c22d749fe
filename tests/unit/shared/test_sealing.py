"""Sealing: only the named recipients open a record, only in its own place, and only unchanged."""

import base64
import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_shared.crypto.keys import KeyPair, generate_pair, load_private, load_public
from pipeline_shared.crypto.sealing import Context, Recipient, SealError, open_sealed, recipients_of, seal

DESK, ESCROW, STRANGER = generate_pair(), generate_pair(), generate_pair()
CONTEXT = Context("source.record", uuid4())
GOLDEN = Path(__file__).parents[2] / "contract" / "golden" / "sealed-1.json"


def recipient(kid: str, pair: KeyPair) -> Recipient:
    return Recipient(kid, load_public(pair.public))


BOTH = (recipient("desk-1", DESK), recipient("escrow-1", ESCROW))


def opens(sealed: bytes, context: Context = CONTEXT, kid: str = "desk-1", pair: KeyPair = DESK) -> bytes:
    return open_sealed(sealed, context, {kid: load_private(pair.private)})


@settings(deadline=None, max_examples=30)
@given(content=st.binary(max_size=9_000))
def test_every_recipient_opens_what_was_sealed(content: bytes) -> None:
    sealed = seal(content, CONTEXT, BOTH)
    assert opens(sealed) == content
    assert opens(sealed, kid="escrow-1", pair=ESCROW) == content
    assert recipients_of(sealed) == ("desk-1", "escrow-1")


def test_contents_of_different_lengths_look_the_same() -> None:
    assert len(seal(b"", CONTEXT, BOTH)) == len(seal(b"x" * 2_000, CONTEXT, BOTH))


@pytest.mark.parametrize(
    ("context", "kid", "pair"),
    [
        (Context("submission.received", CONTEXT.record), "desk-1", DESK),
        (Context("source.record", uuid4()), "desk-1", DESK),
        (CONTEXT, "desk-1", STRANGER),
        (CONTEXT, "stranger-1", DESK),
        (CONTEXT, "escrow-1", DESK),
    ],
    ids=["another purpose", "another record", "another key", "an unknown key id", "another recipient's wrap"],
)
def test_a_record_opens_nowhere_but_in_its_place(context: Context, kid: str, pair: KeyPair) -> None:
    with pytest.raises(SealError) as refusal:
        opens(seal(b"secret", CONTEXT, BOTH), context, kid, pair)
    assert str(refusal.value) == ""


def test_swapped_wraps_do_not_open() -> None:
    sealed = seal(b"secret", CONTEXT, BOTH)
    swapped = sealed.replace(b"desk-1", b"swap-1").replace(b"escrow-1", b"desk-1\0\0")
    with pytest.raises(SealError):
        opens(swapped)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_no_changed_byte_goes_unnoticed(data: st.DataObject) -> None:
    sealed = bytearray(seal(b"secret", CONTEXT, BOTH[:1]))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealError):
        opens(bytes(sealed))


@settings(deadline=None)
@given(noise=st.binary(max_size=300))
def test_noise_is_refused_with_the_same_error(noise: bytes) -> None:
    with pytest.raises(SealError):
        opens(noise)


def test_a_record_sealed_by_an_earlier_version_still_opens() -> None:
    golden = json.loads(GOLDEN.read_text())
    key = {golden["kid"]: load_private(base64.b64decode(golden["private"]))}
    context = Context(golden["purpose"], UUID(golden["record"]))
    assert open_sealed(base64.b64decode(golden["sealed"]), context, key).decode() == golden["content"]


def test_the_library_opens_the_vector_of_rfc_9180_a_1_1() -> None:
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    private = X25519PrivateKey.from_private_bytes(
        bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
    )
    enc = bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")
    ciphertext = bytes.fromhex(
        "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
    )
    # the public function takes no additional data, but the first message of the vector has some
    decrypt = openssl.hpke._decrypt_with_aad  # pyright: ignore[reportPrivateUsage]
    plain = decrypt(suite, enc + ciphertext, private, b"Ode on a Grecian Urn", b"Count-0")
    assert plain == b"Beauty is truth, truth beauty"
