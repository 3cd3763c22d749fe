"""The folder of an installation's secrets on its host: given files, made files, and a folder for each container.

    given/        files of the force: certificates, authorities, secrets of its systems, the bundle of public keys
    keys/         the private keys of this host (`pipeline keys init`)
    made/         passwords, keys and certificates that `pipeline production prepare` made
    containers/   a folder for each container: copies of what it needs, readable by its account only

Only root reaches the folder. Each container sees its own folder below `containers`, as /run/keys, read-only.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import bcrypt

from pipeline_admin.production.authority import Authority, lasts
from pipeline_admin.production.certificates import certificate_faults
from pipeline_settings.processes import PAGES
from pipeline_settings.sources import AUTHORITIES
from pipeline_shared.language.encoding import encode_base64

KEY_BYTES = 32
BCRYPT_ROUNDS = 10  # the passwords are long and random, and each request costs one check
CLOSED, PRIVATE = 0o700, 0o600
AUTHORITY = "authority.key"  # the key and the certificate of the authority made here
KEYS_OF_32_BYTES = frozenset({"parking", "session", "intake_hmac"})
GIVEN_SECRETS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("trust_root", ""): "trust_root",
        ("police_token", ""): "police_token",
        **{("oidc_client", name): f"{name}_client_secret" for name in PAGES},
    }
)


class NotGivenError(LookupError):
    """A file is not there yet, given or made; carries its folder and name."""

    def __str__(self) -> str:
        return "/".join(self.args)


@dataclass(frozen=True, slots=True)
class InstallationFolder:
    """The folder, and the source of the installation's secrets. Only with `makes` does it make what is missing."""

    root: Path
    makes: bool = False

    @property
    def given(self) -> Path:
        """The files of the force."""
        return self.root / "given"

    @property
    def keys(self) -> Path:
        """The private keys of this host."""
        return self.root / "keys"

    @property
    def made(self) -> Path:
        """What was made here."""
        return self.root / "made"

    @property
    def containers(self) -> Path:
        """A folder for each container."""
        return self.root / "containers"

    def create(self) -> None:
        """Make the folders, closed to everybody but their owner."""
        self.root.mkdir(mode=CLOSED, parents=True, exist_ok=True)
        for folder in (self.given, self.keys, self.made, self.made / "tls", self.containers):
            folder.mkdir(mode=CLOSED, exist_ok=True)

    def secret(self, kind: str, owner: str = "") -> str:
        """Return a secret that the operator gave, or one made here the first time; raise NotGivenError."""
        if (kind, owner) in GIVEN_SECRETS:
            return self.given_file(GIVEN_SECRETS[kind, owner]).decode("ascii").strip()
        file = self.made / "-".join(filter(None, (kind, owner)))
        if not file.exists():
            self._require_making(file)
            write(file, _new(kind).encode())
        return file.read_text(encoding="ascii")

    def hashed(self, kind: str, owner: str) -> str:
        """Return the bcrypt hash of a secret made here, a new one when the secret was replaced; raise NotGivenError."""
        password, file = self.secret(kind, owner).encode(), self.made / f"{kind}-{owner}.bcrypt"
        if not file.exists() or not bcrypt.checkpw(password, file.read_bytes()):
            self._require_making(file)
            write(file, bcrypt.hashpw(password, bcrypt.gensalt(BCRYPT_ROUNDS)))
        return file.read_text(encoding="ascii")

    def given_file(self, name: str) -> bytes:
        """Return the content of a file of the operator; raise NotGivenError."""
        try:
            return (self.given / name).read_bytes()
        except FileNotFoundError:
            raise NotGivenError("given", name) from None

    def authorities(self) -> bytes:
        """Return whom the wires inside trust: the authority made here, and the one that the operator gave, if any."""
        given = self.given / AUTHORITIES
        return self._authority().trusted + (given.read_bytes() if given.exists() else b"")

    def certificate(self, holder: str, names: tuple[str, ...]) -> bytes:
        """Return key and certificate of a holder: what the operator gave, or one made here.

        One made here is replaced in time, and when it lacks a name, such as that of a further copy.
        """
        given, made = (folder / "tls" / f"{holder}.pem" for folder in (self.given, self.made))
        if given.exists():
            return given.read_bytes()
        if not made.exists() or (self.makes and not _serves(made, names)):
            self._require_making(made)
            write(made, self._authority().issue(names))
        return made.read_bytes()

    def _authority(self) -> Authority:
        file = self.made / AUTHORITY
        if not file.exists():
            self._require_making(file)
            write(file, Authority.create("Pipeline installation authority").to_pem())
        return Authority.read(file.read_bytes())

    def _require_making(self, file: Path) -> None:
        if not self.makes:
            raise NotGivenError(str(file.relative_to(self.root)))


def _serves(file: Path, names: tuple[str, ...]) -> bool:
    return not any(certificate_faults(file.read_bytes(), names, datetime.now(UTC))) and lasts(file)


def _new(kind: str) -> str:
    if kind in KEYS_OF_32_BYTES:
        return encode_base64(os.urandom(KEY_BYTES))
    return secrets.token_urlsafe(16 if kind == "cluster_id" else 24)  # a cluster's id is a UUID


def write(file: Path, content: bytes, owner: int | None = None) -> None:
    """Write a file that only its owner can read, in one step; leave it alone when it is so already."""
    if file.exists() and file.read_bytes() == content and _is_right(file, owner):
        return
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "wb") as target:
        if owner is not None:
            os.fchown(descriptor, owner, owner)
        target.write(content)
        target.flush()
        os.fsync(descriptor)  # a password that is lost after it was used would lock everybody out
    draft.replace(file)


def _is_right(file: Path, owner: int | None) -> bool:
    facts = file.stat()
    return facts.st_mode & 0o777 == PRIVATE and owner in (None, facts.st_uid)
