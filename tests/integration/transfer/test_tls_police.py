"""Transfer and the police system refuse wrong certificates, each with its reason, and nothing is lost."""

import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

import transfer_service
from pipeline_local.certificates import Authority, authorities_file, certificate_file, load_authority
from pipeline_local.ports import LOOPBACK
from pipeline_local.stack import LocalStack
from pipeline_shared.runtime.tls import TlsFault
from tests.support.bad_servers import CLEAR_TEXT, FAULT_OF, bad_certificate, server_context
from tests.support.own_database import create_own_database
from tests.support.settings import settings_of
from tests.support.transfers import TOKEN, Police, Transfers, a_decision
from tests.support.waiting import wait_for
from tests.unit.transfer.test_adapter import TRANSFER, settings
from transfer_service.adapter import PoliceSystem
from transfer_service.domain import Request, Unreachable
from transfer_service.settings import Settings

TRANSFER_MIGRATIONS = Path(transfer_service.__file__).parent / "migrations"


@pytest.fixture
def authority(stack: LocalStack) -> Authority:
    return load_authority(stack.home)


@pytest.fixture
async def police(stack: LocalStack, tmp_path: Path) -> AsyncGenerator[Police, None]:
    police = Police(tmp_path / "police", tmp_path / "police.pem")
    police.show(load_authority(stack.home).issue((LOOPBACK,)))
    yield police
    await police.close()
    police.ledger.close()


@pytest.fixture
async def transfers(stack: LocalStack, police: Police) -> AsyncGenerator[Transfers, None]:
    dsn = stack.admin_dsn(await create_own_database(stack, "transfer", TRANSFER_MIGRATIONS))
    shared = settings_of(stack, "transfer", database_url=SecretStr(dsn)).model_dump(exclude={"port", "host"})
    named = {name: value for name, value in shared.items() if name in Settings.model_fields}
    settings = Settings(
        **named,
        police_url=police.url,
        police_token=SecretStr(TOKEN),
        police_ca_file=authorities_file(stack.home),
        police_timeout_seconds=2,
        lease_seconds=6,
    )
    async with asyncpg.create_pool(dsn, min_size=0, max_size=4) as pool:
        yield Transfers(dsn, pool, settings, police)


@pytest.mark.parametrize("kind", FAULT_OF)
async def test_a_transfer_waits_for_the_right_police_system_and_is_then_made_once(
    authority: Authority, kind: str, transfers: Transfers
) -> None:
    police = transfers.police
    if kind == CLEAR_TEXT:
        police.clear_text = True
    else:
        police.show(bad_certificate(kind, authority))
    await police.open()
    decision = a_decision()
    with capture_logs() as lines:
        async with transfers.running():
            await transfers.accept(decision)
            await _until_refused(transfers, FAULT_OF[kind])
            assert police.held(decision) is None
            await _mend(police, authority)
            await transfers.until("confirmed", decision)
    told = [line for line in lines if line["event"] == "tls_refused"]
    assert told[0] == {
        "event": "tls_refused",
        "log_level": "warning",
        "check": "police_system",
        "error": FAULT_OF[kind],
    }
    held = police.held(decision)
    assert held is not None
    assert (held.repeats, police.ledger.count()) == (0, 1)


async def _until_refused(transfers: Transfers, fault: TlsFault) -> None:
    async def is_refused() -> bool:
        facts = await transfers.sender.check()
        return (facts["ok"], facts["error"]) == (False, fault)

    await wait_for(is_refused, f"the police system to be refused: {fault}")


async def _mend(police: Police, authority: Authority) -> None:
    """Give the police system a right certificate; one that runs with TLS takes it without a restart."""
    police.show(authority.issue((LOOPBACK,)))
    if police.clear_text:
        await police.close()
        police.clear_text = False
        await police.open()


@pytest.mark.parametrize("shows", ["nothing", "a certificate of another authority"])
async def test_a_police_system_that_asks_for_a_certificate_gets_the_configured_one(
    stack: LocalStack, transfers: Transfers, tmp_path: Path, shows: str
) -> None:
    police, own = transfers.police, tmp_path / "own.pem"
    police.client_authorities = authorities_file(stack.home)
    await police.open()
    if shows != "nothing":
        own.write_bytes(Authority.create("elsewhere").issue(("transfer",)))
        transfers = transfers.with_settings(police_client_cert_file=own)
    decision = a_decision()
    async with transfers.running():
        await transfers.accept(decision)

        async def is_refused() -> bool:
            return not (await transfers.sender.check())["ok"]

        await wait_for(is_refused, "the police system to refuse transfer")
    assert police.held(decision) is None
    own.write_bytes(load_authority(stack.home).issue(("transfer",)))
    mended = transfers.with_settings(police_client_cert_file=own)
    async with mended.running():
        await mended.until("confirmed", decision)


@contextlib.contextmanager
def strict_server(certificate: Path, authorities: Path) -> Generator[int]:
    """Refuse a client without a certificate of these authorities, and stay until it has read why.

    A server that closes at once may reset the connection: then the client does not see the alert before the reset.
    """
    context = server_context(certificate)
    context.load_verify_locations(authorities)
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server((LOOPBACK, 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    accepted, _ = listening.accept()
                    with accepted.dup() as lingering, contextlib.suppress(OSError):
                        with contextlib.suppress(OSError), context.wrap_socket(accepted, server_side=True) as wire:
                            wire.recv(1)
                        while lingering.recv(1024):
                            pass

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("shows", ["nothing", "a certificate of another authority"])
async def test_a_refusal_of_our_own_certificate_is_told_from_other_failures(
    stack: LocalStack, tmp_path: Path, shows: str
) -> None:
    (tmp_path / "own.pem").write_bytes(Authority.create("elsewhere").issue(("transfer",)))
    changes: dict[str, Any] = {} if shows == "nothing" else {"police_client_cert_file": tmp_path / "own.pem"}
    trusted = authorities_file(stack.home)
    with strict_server(certificate_file(stack.home, "police"), trusted) as port:
        own = settings(police_url=f"https://{LOOPBACK}:{port}", police_ca_file=trusted, **changes)
        async with PoliceSystem.connect(own) as police:
            assert await police.ask(Request.CREATE, TRANSFER) == Unreachable("own_certificate_refused")
