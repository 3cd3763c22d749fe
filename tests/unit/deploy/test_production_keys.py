"""`pipeline production check`: each private key of the host has its public half in the signed bundle."""

import pytest

from pipeline_admin.production.checking import faults
from pipeline_admin.production.folder import InstallationFolder
from pipeline_admin.production.preparing import prepare
from pipeline_shared.language.encoding import encode_base64
from tests.support.production import NAMES, Change, renamed, sign_again, write


def swap(one: str, other: str) -> Change:
    """Give two keys of one kind each other's files."""

    def exchange(folder: InstallationFolder) -> None:
        first, second = folder.keys / one, folder.keys / other
        content = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(content)

    return exchange


DIFFERS = "the bundle has another key under this name (key_in_bundle_differs)"
KEY_CASES: dict[str, tuple[Change, set[str]]] = {
    "sealing keys exchanged": (
        swap("desk-1.key", "sanitiser-1.key"),
        {f"keys/desk-1.key: {DIFFERS}", f"keys/sanitiser-1.key: {DIFFERS}"},
    ),
    "signing keys exchanged": (
        swap("events-intake-1.key", "events-triage-1.key"),
        {f"keys/events-intake-1.key: {DIFFERS}", f"keys/events-triage-1.key: {DIFFERS}"},
    ),
    "no key": (write("keys/desk-1.key", "zq-secret"), {"keys/desk-1.key: no whole key (key_unreadable)"}),
    "half a key": (
        write("keys/events-desk-1.key", encode_base64(bytes(16))),
        {"keys/events-desk-1.key: no whole key (key_unreadable)"},
    ),
    "wrapped": (write("keys/desk-1.key", "vault:v1:AAAA"), set()),
    "not in force yet": (lambda f: (f.keys / "desk-2.key").write_bytes((f.keys / "desk-1.key").read_bytes()), set()),
    "named before it is here": (
        lambda f: sign_again(f, renamed("sanitiser-1", "sanitiser-2")),
        {"keys/sanitiser-2.key: missing, and others seal to it (own_key_missing)"},
    ),
    "not named any more": (
        lambda f: sign_again(f, renamed("events-transfer-1", "events-transfer-2")),
        {"given/bundle.json: names no key of keys/ for events:transfer (signing_key_not_in_bundle)"},
    ),
    "not signed": (
        lambda f: sign_again(f, lambda key: None if key.kid == "events-desk-1" else key),
        {"given/bundle.json: no key of desk for events:desk: sign its request, too"},
    ),
}


@pytest.mark.parametrize("case", KEY_CASES)
def test_each_private_key_of_the_host_has_its_public_half_in_the_bundle(case: str, ready: InstallationFolder) -> None:
    change, expected = KEY_CASES[case]
    change(ready)
    prepare(InstallationFolder(ready.root, makes=True))
    assert set(faults(ready, NAMES)) == expected
