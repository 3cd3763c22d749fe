"""Whether the private keys of a host are those whose public halves are in the bundle. No key leaves this module."""

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline_settings.key_table import KEYS, OFFLINE, KeyKind, KeyRow
from pipeline_shared.crypto.keys import KeyBundle, public_of
from pipeline_shared.crypto.transit import WRAPPED
from pipeline_shared.language.encoding import decode_base64, encode_base64


def host_key_faults(keys: Path, bundle: KeyBundle) -> Iterator[str]:
    """Yield what is wrong between the keys in a folder and the bundle, as `file: reason`.

    A key that the bundle does not name yet is right beside one that it names: it waits for the next bundle.
    """
    for row in (row for row in KEYS if row.holder != OFFLINE):
        held = {file.stem: file for file in sorted(keys.glob("*.key")) if row.number(file.stem)}
        named = {key.kid: key.public_key for key in bundle.keys if row.number(key.kid)}
        if not named:
            yield f"given/bundle.json: no key of {row.holder} for {row.role}: sign its request, too"
            continue
        for kid, file in held.items():
            yield from (f"keys/{file.name}: {fault}" for fault in _faults(file, row, named.get(kid)))
        yield from _absent(row, set(held), set(named))


def _faults(file: Path, row: KeyRow, wanted: str | None) -> Iterator[str]:
    """Yield what is wrong with a key that the bundle knows by this public half, or does not know (None)."""
    try:
        text = file.read_text(encoding="ascii").strip()
        if text.startswith(WRAPPED):
            return  # only its provider can open it
        found = _public_half(row, decode_base64(text))
    except (OSError, ValueError):
        yield "no whole key (key_unreadable)"
        return
    if wanted is not None and found != wanted:
        yield "the bundle has another key under this name (key_in_bundle_differs)"


def _public_half(row: KeyRow, private: bytes) -> str:
    """Return the public key of a private one in base64; raise ValueError."""
    if row.kind is KeyKind.SEALING:
        return encode_base64(public_of(private))
    return encode_base64(Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())


def _absent(row: KeyRow, held: set[str], named: set[str]) -> Iterator[str]:
    """Yield the keys that the bundle names and the host lacks; without any key, that is said where it is needed.

    Whatever others seal to must be opened here. Of the keys that sign, one is enough: others only check with the rest.
    """
    if not held:
        return
    if row.kind is KeyKind.SEALING:
        yield from (f"keys/{kid}.key: missing, and others seal to it (own_key_missing)" for kid in sorted(named - held))
    elif not held & named:
        yield f"given/bundle.json: names no key of keys/ for {row.role} (signing_key_not_in_bundle)"
