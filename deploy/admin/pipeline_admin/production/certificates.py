"""What is wrong with a certificate in a file: its key, its dates, its names. No connection is made."""

import ipaddress
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

WARNED_BEFORE = timedelta(days=21)


def certificate_faults(pem: bytes, names: Sequence[str], now: datetime) -> Iterator[str]:
    """Yield what is wrong with a key and its certificate in one file, for these host names and addresses."""
    try:
        certificate = x509.load_pem_x509_certificates(pem)[0]
    except (ValueError, IndexError):
        yield "no certificate in it (PEM: the certificate, its chain, and its key)"
        return
    yield from _key_faults(pem, certificate)
    yield from _date_faults(certificate, now)
    own = _names(certificate)
    yield from (f"the certificate does not name {name}" for name in names if not _is_named(name, own))


def trust_faults(pem: bytes, now: datetime) -> Iterator[str]:
    """Yield what is wrong with a file of authorities: it has one at least that is valid."""
    try:
        authorities = x509.load_pem_x509_certificates(pem)
    except ValueError:
        yield "no certificate of an authority in it (PEM)"
        return
    if not any(each.not_valid_before_utc <= now < each.not_valid_after_utc for each in authorities):
        yield "every authority in it has expired"


def _key_faults(pem: bytes, certificate: x509.Certificate) -> Iterator[str]:
    try:
        key = load_pem_private_key(pem, None)
    except TypeError:
        yield "its key has a password: processes start without a person"
    except ValueError:
        yield "no private key in it"
    else:
        ours, theirs = (
            each.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            for each in (key.public_key(), certificate.public_key())
        )
        if ours != theirs:
            yield "the key is not the certificate's; the server's certificate comes first"


def _date_faults(certificate: x509.Certificate, now: datetime) -> Iterator[str]:
    until = certificate.not_valid_after_utc
    if certificate.not_valid_before_utc > now:
        yield f"the certificate is not valid before {certificate.not_valid_before_utc:%Y-%m-%d}"
    elif until <= now:
        yield f"the certificate expired on {until:%Y-%m-%d}"
    elif until <= now + WARNED_BEFORE:
        yield f"the certificate ends on {until:%Y-%m-%d}"


def _names(certificate: x509.Certificate) -> tuple[set[str], set[str]]:
    """Return the host names and the addresses that a certificate names."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set(), set()
    hosts = {name.lower() for name in names.get_values_for_type(x509.DNSName)}
    return hosts, {str(address) for address in names.get_values_for_type(x509.IPAddress)}


def _is_named(name: str, own: tuple[set[str], set[str]]) -> bool:
    hosts, addresses = own
    try:
        return str(ipaddress.ip_address(name)) in addresses
    except ValueError:
        _, _, domain = name.lower().partition(".")
        return name.lower() in hosts or (bool(domain) and f"*.{domain}" in hosts)
