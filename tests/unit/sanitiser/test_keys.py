"""The sanitiser's own keys: several while one replaces another, so that what was sealed earlier still opens."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline_shared.encoding import encode_base64
from pipeline_shared.keys import BundledKey, KeyBundle, KeyPair, generate_pair, load_public, public_root, sign_bundle
from pipeline_shared.sealing import Context, Recipient, seal
from sanitiser_service.main import load_keys
from sanitiser_service.settings import Settings
from sanitiser_service.usecases import RECEIVED_PURPOSE
from tests.support.building import opened

ROOT = Ed25519PrivateKey.generate()
OTHERS = {"port": "1", "database_url": "x", "kafka_bootstrap": "x", "kafka_username": "x", "kafka_password": "x"}


def write_key(folder: Path, kid: str) -> tuple[str, KeyPair]:
    pair = generate_pair()
    file = folder / f"{kid}.key"
    file.write_text(encode_base64(pair.private))
    return str(file), pair


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    keys = [(role, generate_pair().public) for role in ("source_desk", "escrow")]
    bundled = tuple(BundledKey(kid=f"{role}-1", role=role, public_key=encode_base64(public)) for role, public in keys)
    signed = sign_bundle(KeyBundle(version=1, valid_until=datetime.now(UTC) + timedelta(1), keys=bundled), ROOT)
    (tmp_path / "bundle.json").write_bytes(signed)
    return str(tmp_path / "bundle.json")


def settings_with(monkeypatch: pytest.MonkeyPatch, bundle: str, private_keys: str) -> Settings:
    own = {"private_keys": private_keys, "key_bundle": bundle, "trust_root": public_root(ROOT), "parking_key": "x"}
    for name, value in (OTHERS | own).items():
        monkeypatch.setenv(f"SANITISER_{name.upper()}", value)
    return Settings()  # pyright: ignore[reportCallIssue] - from the environment


def test_after_a_change_of_keys_what_was_sealed_to_either_opens(
    tmp_path: Path, bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, pairs = zip(*(write_key(tmp_path, kid) for kid in ("sanitiser-1", "sanitiser-2")), strict=True)
    keys = load_keys(settings_with(monkeypatch, bundle, ":".join(files)))
    for n, pair in enumerate(pairs, 1):
        ref, content = uuid4(), opened()
        recipient = Recipient(f"sanitiser-{n}", load_public(pair.public))
        sealed = seal(content.model_dump_json().encode(), Context(RECEIVED_PURPOSE, ref), [recipient])
        assert keys.open(ref, sealed) == content


@pytest.mark.parametrize("private_keys", ["", ":"])
def test_without_a_key_of_its_own_the_sanitiser_does_not_start(
    private_keys: str, bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="private_keys"):
        settings_with(monkeypatch, bundle, private_keys)
