"""The local stack's keys: made once, and what a stack from before lacks is added without changing the rest."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline_local.home import Home
from pipeline_local.keys import ROLE_OF, SIGNING_ROLE_OF, load_keys, load_trust_root
from pipeline_shared.crypto.keys import KeyBundle, public_root, read_bundle, sign_bundle


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.create()
    return home


def files(home: Home) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.keys.iterdir()}


def bundle_of(home: Home, trust_root: str) -> KeyBundle:
    return read_bundle((home.keys / "bundle.json").read_bytes(), trust_root, datetime.now(UTC))


def test_keys_are_made_once(home: Home) -> None:
    keys, before = load_keys(home), files(home)
    assert load_keys(home) == keys
    assert files(home) == before
    assert {key.kid: key.role for key in bundle_of(home, keys.trust_root).keys} == ROLE_OF | SIGNING_ROLE_OF


def test_a_stack_from_before_is_given_what_it_lacks_and_keeps_what_it_has(home: Home) -> None:
    keys = load_keys(home)
    whole, root = bundle_of(home, keys.trust_root), load_trust_root(home)
    without = tuple(key for key in whole.keys if key.role != "desk")
    (home.keys / "bundle.json").write_bytes(sign_bundle(whole.model_copy(update={"keys": without}), root))
    (home.keys / "desk-1.key").unlink()
    secrets = json.loads((home.keys / "secrets.json").read_text())
    password = secrets["postgres"].pop("desk")
    (home.keys / "secrets.json").write_text(json.dumps(secrets))
    before = files(home)
    again = load_keys(home)
    assert again.trust_root == public_root(root)
    assert again.postgres["desk"] != password
    assert {**again.postgres, "desk": password} == keys.postgres
    after = bundle_of(home, again.trust_root)
    assert (after.version, after.keys[:-1], after.keys[-1].role) == (whole.version + 1, without, "desk")
    changed = {name for name, content in files(home).items() if before.get(name) != content}
    assert changed == {"bundle.json", "desk-1.key", "secrets.json"}
