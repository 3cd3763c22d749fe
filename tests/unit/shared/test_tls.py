"""A context follows its files: it takes new ones for the next connection, and keeps the old while they are no use."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from pipeline_admin.production.authority import Authority
from pipeline_local.certificates import LOOPBACK_NAMES
from pipeline_local.ports import LOOPBACK
from pipeline_shared.runtime.errors import error_code
from pipeline_shared.runtime.tls import TlsContext, TlsFault, TlsFiles, client_tls, fault_of, server_tls

OLD, NEW = Authority.create("old"), Authority.create("new")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    file = tmp_path / "own.pem"
    file.write_bytes(OLD.issue(LOOPBACK_NAMES))
    return file


@pytest.fixture
def authorities(tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    file.write_bytes(OLD.trusted)
    return file


@asynccontextmanager
async def serving(context: ssl.SSLContext) -> AsyncGenerator[int, None]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.read(1))
        writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def shown(port: int, context: ssl.SSLContext) -> x509.Certificate:
    """Return the certificate that a server shows to a client that accepts it."""
    _, writer = await asyncio.open_connection(LOOPBACK, port, ssl=context)
    wire = writer.get_extra_info("ssl_object")
    writer.close()
    return x509.load_der_x509_certificate(wire.getpeercert(binary_form=True))


def test_a_context_knows_when_the_first_certificate_of_its_chain_ends(certificate: Path) -> None:
    context = server_tls(TlsFiles(certificate=certificate))
    chain = x509.load_pem_x509_certificates(certificate.read_bytes())
    assert context.ends_at == min(each.not_valid_after_utc for each in chain)
    assert client_tls(TlsFiles(), peer="x").ends_at is None


def put(file: Path, content: bytes | None) -> None:
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)


async def test_a_server_shows_a_new_certificate_to_the_next_client(certificate: Path, authorities: Path) -> None:
    client = client_tls(TlsFiles(authorities), peer="test")
    async with serving(server_tls(TlsFiles(certificate=certificate))) as port:
        first = await shown(port, client)
        assert (await shown(port, client)).serial_number == first.serial_number
        put(certificate, OLD.issue(LOOPBACK_NAMES))
        assert (await shown(port, client)).serial_number != first.serial_number


@pytest.mark.parametrize("content", [b"", b"no certificate", OLD.issue(("x",))[:600], OLD.trusted])
async def test_a_server_keeps_its_certificate_while_the_new_file_is_no_use(
    certificate: Path, authorities: Path, content: bytes
) -> None:
    client = client_tls(TlsFiles(authorities), peer="test")
    async with serving(server_tls(TlsFiles(certificate=certificate))) as port:
        first = await shown(port, client)
        put(certificate, content)
        assert (await shown(port, client)).serial_number == first.serial_number
        put(certificate, None)
        assert (await shown(port, client)).serial_number == first.serial_number
        put(certificate, OLD.issue(LOOPBACK_NAMES))
        assert (await shown(port, client)).serial_number != first.serial_number


async def test_an_authority_is_changed_by_trusting_both_for_a_time(certificate: Path, authorities: Path) -> None:
    client = client_tls(TlsFiles(authorities), peer="test")
    async with serving(server_tls(TlsFiles(certificate=certificate))) as port:
        put(authorities, OLD.trusted + NEW.trusted)
        await shown(port, client)
        put(certificate, NEW.issue(LOOPBACK_NAMES))
        await shown(port, client)
        put(authorities, NEW.trusted)
        await shown(port, client)
        put(certificate, OLD.issue(LOOPBACK_NAMES))
        with pytest.raises(ssl.SSLCertVerificationError):
            await shown(port, client)
        assert client.fault is TlsFault.UNKNOWN_AUTHORITY


async def test_a_client_shows_a_new_certificate_of_its_own(
    certificate: Path, authorities: Path, tmp_path: Path
) -> None:
    own = tmp_path / "client.pem"
    put(own, NEW.issue(("transfer",)))
    client = client_tls(TlsFiles(authorities, own), peer="test")
    async with serving(server_tls(TlsFiles(authorities, certificate))) as port:
        assert await echoes(port, client) is False
        put(own, OLD.issue(("transfer",)))
        assert await echoes(port, client) is True


async def echoes(port: int, context: TlsContext) -> bool:
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port, ssl=context)
        writer.write(b"x")
        return await reader.read(1) == b"x"
    except OSError:
        return False


async def test_a_fault_is_forgotten_when_the_next_handshake_succeeds(certificate: Path, authorities: Path) -> None:
    client = client_tls(TlsFiles(authorities), peer="test")
    async with serving(server_tls(TlsFiles(certificate=certificate))) as port:
        put(certificate, OLD.issue(LOOPBACK_NAMES, until=datetime.now(UTC) - timedelta(days=1)))
        with pytest.raises(ssl.SSLCertVerificationError) as refused:
            await shown(port, client)
        assert (client.fault, fault_of(refused.value)) == (TlsFault.EXPIRED, TlsFault.EXPIRED)
        assert error_code(refused.value) == "certificate_expired"
        put(certificate, OLD.issue(LOOPBACK_NAMES))
        await shown(port, client)
        assert client.fault is None


@pytest.mark.parametrize("files", [TlsFiles(Path("/nowhere")), TlsFiles(certificate=Path("/nowhere"))])
def test_a_process_does_not_start_without_its_files(files: TlsFiles) -> None:
    with pytest.raises(OSError, match="nowhere"):
        client_tls(files, peer="test")


def test_an_error_without_tls_has_no_fault() -> None:
    assert fault_of(ConnectionResetError()) is None
    assert fault_of(FileNotFoundError()) is None


def test_a_fault_is_found_in_the_errors_that_led_to_another() -> None:
    expired = ssl.SSLCertVerificationError()
    expired.verify_code = 10
    wrapped = RuntimeError()
    wrapped.__cause__ = expired
    assert fault_of(wrapped) is TlsFault.EXPIRED
