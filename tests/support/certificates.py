"""The certificates that the servers of a stack show to whoever connects now, and authorities of a test's own."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline_admin.production.authority import Authority
from pipeline_local.certificates import certificate_file
from pipeline_local.ports import LOOPBACK
from pipeline_local.stack import LocalStack
from pipeline_settings.processes import PROCESSES
from tests.support.stack import OURS
from tests.support.waiting import wait_for

SECONDS = 10
SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


def serial_in(file: Path) -> int:
    """Return the number of the certificate in a file."""
    return x509.load_pem_x509_certificate(file.read_bytes()).serial_number


def serials_shown(stack: LocalStack) -> dict[str, int | None]:
    """Return the number of the certificate that each server shows, or None for one that cannot be verified."""
    ports = {each.name: stack.ports[each.name] for each in PROCESSES if each.port}
    ports |= {f"{name}: operations": urlsplit(stack.operations_address(name)).port or 0 for name in OURS}
    ports |= {name: stack.ports[name] for name in ("kafka", "kafka-controller", "postgres")}
    return {name: _serial_at(stack, port, is_postgres=name == "postgres") for name, port in ports.items()}


def _serial_at(stack: LocalStack, port: int, *, is_postgres: bool) -> int | None:
    try:
        with socket.create_connection((LOOPBACK, port), SECONDS) as wire:
            if is_postgres:
                wire.sendall(SSL_REQUEST)
                assert wire.recv(1) == b"S"
            with stack.tls().wrap_socket(wire, server_hostname=LOOPBACK) as secure:
                content = secure.getpeercert(binary_form=True)
    except (OSError, ssl.SSLError):
        return None
    return x509.load_der_x509_certificate(content).serial_number if content else None


def _wanted(stack: LocalStack, server: str) -> int:
    owner = server.partition(": ")[0].removesuffix("-controller")
    return serial_in(certificate_file(stack.home, owner))


async def until_shown(stack: LocalStack, *, seconds: float = 30) -> None:
    """Return when every server shows the certificate in its file, verified by the authorities that clients trust."""

    async def all_are() -> bool:
        shown = await asyncio.to_thread(serials_shown, stack)
        return all(serial == _wanted(stack, server) for server, serial in shown.items())

    await wait_for(all_are, "every server to show its new certificate", seconds=seconds)


def make_authority(
    name: str,
    *,
    above: Authority | None = None,
    until: datetime | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> Authority:
    """Return an authority that another one has signed, or itself; `until` may have passed."""
    key, now = key or ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    until = until or now + timedelta(days=1)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).public_key(key.public_key())
    builder = builder.issuer_name(above.certificate.subject if above else subject)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(min(now, until) - timedelta(days=1)).not_valid_after(until)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return Authority(builder.sign(above.key if above else key, hashes.SHA256()), key)
