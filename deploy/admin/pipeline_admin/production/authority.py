"""A small certificate authority for the wires inside one installation.

A file holds the key, the certificate and the authority's certificate, so that one step replaces all of them; Kafka,
PostgreSQL, HAProxy and Python read such a file.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LASTS = timedelta(days=3650)
CERTIFICATE_LASTS = timedelta(days=397)
RENEWED_BEFORE = timedelta(days=30)
CLOCKS_DIFFER = timedelta(hours=1)
PEM = serialization.Encoding.PEM


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority: its certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, name: str) -> "Authority":
        """Return a new authority with this name in its certificates."""
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


def lasts(file: Path) -> bool:
    """Tell whether the certificate in a file will be valid for another month."""
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
