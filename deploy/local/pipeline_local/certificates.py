"""The certificate authority of the local stack and of docker-compose.yml: it signs one certificate for each process.

A file holds the key, the certificate and the authority's certificate, so that one step replaces all of them; Kafka,
PostgreSQL and Python read such a file. Clients trust `ca.pem` alone. The authority signs for this machine's loopback
address and the names of the containers, and for nothing else.
"""

import ipaddress
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pipeline_local.home import Home, write_atomically
from pipeline_settings.processes import PROCESSES

AUTHORITY_LASTS = timedelta(days=3650)
CERTIFICATE_LASTS = timedelta(days=397)
RENEWED_BEFORE = timedelta(days=30)
CLOCKS_DIFFER = timedelta(hours=1)
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
TRUSTED = "ca.pem"
PEM = serialization.Encoding.PEM

# Every holder of a certificate, and the names under which others reach it in containers.
NAMES_OF = {
    **{each.name: (each.name, f"{each.name}-pages", f"{each.name}-operations") for each in PROCESSES},
    "kafka": ("kafka",),
    "postgres": ("postgres",),
    "prometheus": ("prometheus",),
    "grafana": ("grafana",),
    "transfer-client": (),  # what transfer shows the police system
}


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority: its certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, name: str = "Pipeline demonstration authority") -> "Authority":
        """Return a new authority."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        subject = _name(name)
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = _builder(subject, subject, key, (now - CLOCKS_DIFFER, now + AUTHORITY_LASTS))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(own, critical=False).add_extension(_usage(signs=True), critical=True)
        return cls(builder.sign(key, hashes.SHA256()), key)

    @classmethod
    def read(cls, pem: bytes) -> "Authority":
        """Return the authority in a file of its key and certificate."""
        key = serialization.load_pem_private_key(pem, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError
        return cls(x509.load_pem_x509_certificate(pem), key)

    @property
    def trusted(self) -> bytes:
        """Return the certificate for those who trust this authority."""
        return self.certificate.public_bytes(PEM)

    def to_pem(self) -> bytes:
        """Return key and certificate."""
        return _private(self.key) + self.trusted

    def issue(self, names: Sequence[str], *, until: datetime | None = None) -> bytes:
        """Return a new key with its certificate for these host names and addresses, and this authority's, as PEM.

        `until` is the end of its validity: for tests, also a time that has passed.
        """
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        until = until or now + CERTIFICATE_LASTS
        since = min(now, until) - CLOCKS_DIFFER
        builder = _builder(_name(names[0]), self.certificate.subject, key, (since, until))
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (x509.SubjectAlternativeName([_general(name) for name in names]), False),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False),
            (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False),
            (_usage(signs=False), True),
        ]
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return _private(key) + builder.sign(self.key, hashes.SHA256()).public_bytes(PEM) + self.trusted


def load_certificates(home: Home) -> None:
    """Make the authority and every certificate that is missing or will soon end."""
    authority = load_authority(home)
    for owner in NAMES_OF:
        if not _lasts(certificate_file(home, owner)):
            issue_for(home, authority, owner)


def load_authority(home: Home) -> Authority:
    """Return the stack's authority; make it the first time, with the file that clients trust."""
    file = home.keys / "ca.key"
    if not file.exists():
        write_atomically(file, Authority.create().to_pem())
    authority = Authority.read(file.read_bytes())
    if not authorities_file(home).exists():
        trust(home, [authority.trusted])
    return authority


def trust(home: Home, trusted: Iterable[bytes]) -> None:
    """Let all clients of the stack trust these authorities, and no others."""
    write_atomically(authorities_file(home), b"".join(trusted))


def issue_for(home: Home, authority: Authority, owner: str) -> None:
    """Give a process of the stack, or another program beside it, a new certificate in its file."""
    names = (*NAMES_OF.get(owner, (owner,)), *LOOPBACK_NAMES)
    file = certificate_file(home, owner)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    write_atomically(file, authority.issue(names))


def certificate_file(home: Home, owner: str) -> Path:
    """Return the file with the key and the certificate of a process."""
    return home.keys / "tls" / f"{owner}.pem"


def authorities_file(home: Home) -> Path:
    """Return the file of the authorities that clients trust."""
    return home.keys / TRUSTED


def give_to_account(source: Path, target: Path, account: tuple[int, int]) -> None:
    """Copy a secret file for another account, in one step; only this account can read it."""
    draft = target.with_name(target.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchown(descriptor, *account)
        file.write(source.read_bytes())
    draft.replace(target)


def _lasts(file: Path) -> bool:
    if not file.exists():
        return False
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    return certificate.not_valid_after_utc > datetime.now(UTC) + RENEWED_BEFORE


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, valid: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    since, until = valid
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(since).not_valid_after(until)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
