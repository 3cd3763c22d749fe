"""Whether a certificate leads to an authority that the wires inside trust. No connection is made."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature

LONGEST_CHAIN = 8


def authority_faults(pem: bytes, now: datetime) -> Iterator[str]:
    """Yield what is wrong with a file of authorities: it has authorities only, and one at least that is valid."""
    authorities = certificates_in(pem)
    if not authorities:
        yield "no certificate of an authority in it (PEM)"
    elif not all(_is_authority(each) for each in authorities):
        yield "a certificate in it is no authority's (basicConstraints CA)"
    elif not any(_is_valid(each, now) for each in authorities):
        yield "every authority in it has expired"


def chain_faults(pem: bytes, authorities: Sequence[x509.Certificate], now: datetime) -> Iterator[str]:
    """Yield why the first certificate in a file leads to none of the authorities, by itself or by the others in it."""
    found = certificates_in(pem)
    if not found:
        return  # said where the certificate itself is looked at
    current, others = found[0], found[1:]
    for below in range(LONGEST_CHAIN):
        signers = [each for each in (*authorities, *others) if each != current and _has_signed(each, current)]
        if not signers:
            break
        # an authority may stand in ca.pem twice, before and after its renewal with the same key
        issuer = next((each for each in signers if _is_valid(each, now)), signers[0])
        if not _is_authority(issuer):
            yield "it was signed by a certificate that is no authority's (basicConstraints CA)"
            return
        if not _is_valid(issuer, now):
            yield "an authority above it has expired"
            return
        if below > _most_below(issuer):
            yield "an authority above it allows fewer authorities below itself (pathLenConstraint)"
            return
        if issuer in authorities:
            return
        current = issuer
    yield "no authority in ca.pem has signed it, nor a certificate in its own file that leads to one"


def own_chain_faults(pem: bytes) -> Iterator[str]:
    """Yield each fault in the order of a server's chain; its authority is not known here."""
    found = certificates_in(pem)
    if any(not _has_signed(issuer, each) for each, issuer in pairwise(found)):
        yield "its chain is broken: each certificate in it must be signed by the next one"


def certificates_in(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates in a file; none if one cannot be read."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        return []


def _has_signed(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _most_below(authority: x509.Certificate) -> float:
    """Return how many authorities may stand between this one and a server's certificate."""
    most = authority.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length
    return float("inf") if most is None else most


def _is_valid(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc
