"""Signs the next bundle on the offline computer, and checks a bundle on a host before it is used there."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from pipeline_admin.ceremony.domain import KeyRequest, Terms, next_bundle
from pipeline_admin.ceremony.key_folder import KeyFolder
from pipeline_admin.ceremony.log import NAME, read_log
from pipeline_admin.ceremony.refusal import CeremonyError
from pipeline_shared.crypto.keys import KeyBundle, UntrustedBundleError, public_root, read_bundle, sign_bundle

SIGNED = "key_bundle_signed"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def read_request(file: Path) -> KeyRequest:
    """Return a request; raise CeremonyError."""
    try:
        return KeyRequest.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        raise CeremonyError("request_unreadable", file.name) from None


def verified(file: Path, trust_root: str, now: datetime) -> KeyBundle:
    """Return a bundle that the trust root signed and that is in force; raise CeremonyError."""
    try:
        return verified_content(file.read_bytes(), file.name, trust_root, now)
    except OSError:
        raise CeremonyError("unreadable", file.name) from None


def verified_content(content: bytes, name: str, trust_root: str, now: datetime) -> KeyBundle:
    """Return the bundle in the content of a file; raise CeremonyError as `verified` does."""
    try:
        return read_bundle(content, trust_root, now)
    except UntrustedBundleError as error:
        raise CeremonyError(error.code, name) from None


def propose(folder: KeyFolder, previous: Path | None, requests: Sequence[Path], terms: Terms) -> KeyBundle:
    """Return the next bundle, not signed yet; raise CeremonyError. An expired bundle may be followed by a new one."""
    folder.require_closed()
    folder.require_offline()
    signed = [int(act.subject) for act in read_log(folder.path / NAME) if act.action == SIGNED]
    last = verified(previous, public_root(folder.trust_root()), LONG_AGO) if previous else None
    if last is None and signed:
        raise CeremonyError("first_bundle_exists", f"version {max(signed)}")
    if last and last.version < max(signed, default=0):
        raise CeremonyError("bundle_rolled_back", f"version {max(signed)} was signed before")
    return next_bundle(last, [read_request(file) for file in requests], terms)


def write_signed(folder: KeyFolder, bundle: KeyBundle, target: Path) -> None:
    """Sign a bundle into a new file; raise CeremonyError."""
    write_new(target, sign_bundle(bundle, folder.trust_root()))


def require_new(target: Path) -> None:
    """Raise CeremonyError if a file is there already."""
    if target.exists():
        raise CeremonyError("file_exists", target.name)


def write_new(target: Path, content: bytes) -> None:
    """Write a public file that was not there; raise CeremonyError."""
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        raise CeremonyError("file_exists", target.name) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def require_not_older(bundle: KeyBundle, newest: int) -> None:
    """Raise CeremonyError for a bundle older than one that was used."""
    if bundle.version < newest:
        raise CeremonyError("bundle_rolled_back", f"version {newest} was used before")
