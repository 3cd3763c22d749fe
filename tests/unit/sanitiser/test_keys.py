"""The sanitiser's own keys: a new key works beside the old one, so older records still open."""

from pathlib import Path
from uuid import uuid4

import pytest

from pipeline_shared.crypto.keys import BundledKey, KeyBundle, KeyPair, UntrustedBundleError, generate_pair, load_public
from pipeline_shared.crypto.providers import KeyProviderError
from pipeline_shared.crypto.sealing import Context, Recipient, seal
from pipeline_shared.language.encoding import encode_base64
from pipeline_shared.language.restricted import RECEIVED_PURPOSE
from sanitiser_service.worker.keys import load_keys
from sanitiser_service.worker.settings import Settings
from tests.support.building import NOW, opened

NEEDED = (
    "database_url",
    "kafka_bootstrap",
    "kafka_username",
    "kafka_password",
    "parking_key",
    "signing_key",
    "key_bundle",
    "trust_root",
)
KEY = encode_base64(bytes(32))
OTHERS = {"operations_port": "1", **dict.fromkeys(NEEDED, "x")} | {
    "database_url": "postgresql://nobody@127.0.0.1/none",
    "parking_key": KEY,
    "trust_root": KEY,
}
BUNDLE = KeyBundle(
    version=1,
    valid_until=NOW,
    keys=tuple(
        BundledKey(kid=f"{role}-1", role=role, public_key=encode_base64(generate_pair().public))
        for role in ("source_desk", "escrow", "desk")
    ),
)


def write_key(folder: Path, kid: str) -> tuple[str, KeyPair]:
    pair = generate_pair()
    file = folder / f"{kid}.key"
    file.write_text(encode_base64(pair.private))
    return str(file), pair


def settings_with(monkeypatch: pytest.MonkeyPatch, private_keys: str) -> Settings:
    for name, value in (OTHERS | {"private_keys": private_keys}).items():
        monkeypatch.setenv(f"SANITISER_{name.upper()}", value)
    return Settings()  # pyright: ignore[reportCallIssue] - from the environment


def test_after_a_change_of_keys_what_was_sealed_to_either_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, pairs = zip(*(write_key(tmp_path, kid) for kid in ("sanitiser-1", "sanitiser-2")), strict=True)
    keys = load_keys(settings_with(monkeypatch, ":".join(files)), BUNDLE)
    for n, pair in enumerate(pairs, 1):
        ref, content = uuid4(), opened()
        recipient = Recipient(f"sanitiser-{n}", load_public(pair.public))
        sealed = seal(content.model_dump_json().encode(), Context(RECEIVED_PURPOSE, ref), [recipient])
        assert keys.open(ref, sealed) == content


@pytest.mark.parametrize("private_keys", ["", ":"])
def test_without_a_key_of_its_own_the_sanitiser_does_not_start(
    private_keys: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="private_keys"):
        settings_with(monkeypatch, private_keys)


def test_the_worker_does_not_start_when_intake_is_told_to_seal_to_a_key_that_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, pair = write_key(tmp_path, "sanitiser-1")
    settings = settings_with(monkeypatch, file)

    def told(kid: str, public: bytes) -> KeyBundle:
        key = BundledKey(kid=kid, role="sanitiser", public_key=encode_base64(public))
        return BUNDLE.model_copy(update={"keys": (*BUNDLE.keys, key)})

    assert load_keys(settings, told("sanitiser-1", pair.public)).own.keys() == {"sanitiser-1"}
    for kid, public in (("sanitiser-2", pair.public), ("sanitiser-1", generate_pair().public)):
        with pytest.raises(UntrustedBundleError, match="own_key_missing"):
            load_keys(settings, told(kid, public))


@pytest.mark.parametrize("name", ["trust-root", "escrow-1", "source-desk-2"])
def test_in_production_no_offline_key_may_be_beside_the_workers_own(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _ = write_key(tmp_path, "sanitiser-1")
    settings = settings_with(monkeypatch, file)
    assert load_keys(settings, BUNDLE).own
    write_key(tmp_path, name)
    with pytest.raises(KeyProviderError, match="offline_key_here"):
        load_keys(settings, BUNDLE)
    assert load_keys(settings.model_copy(update={"environment": "local"}), BUNDLE).own


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"transit_url": "https://vault.example"}, "transit_incomplete"),
        ({"transit_token_file": "t"}, "transit_incomplete"),
        ({"transit_url": "http://vault.example", "transit_token_file": "t"}, "transit_in_clear"),
    ],
)
def test_a_key_server_needs_a_token_and_tls(values: dict[str, str], code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"SANITISER_{name.upper()}", value)
    with pytest.raises(ValueError, match=code):
        settings_with(monkeypatch, "sanitiser-1.key")
