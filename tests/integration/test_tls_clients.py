"""Every client refuses a server in clear text, and a certificate that is unknown, expired or of another name.

The refusal has a reason of its own in the log and in readiness, without names or certificates, and nothing is lost.
"""

import asyncio
import contextlib
import runpy
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import pytest
from confluent_kafka import KafkaException
from pydantic import SecretStr
from structlog.testing import capture_logs

import transfer_service
from pipeline_admin.kafka_admin import create_admin
from pipeline_admin.production.authority import Authority
from pipeline_admin.status import read_status
from pipeline_local.certificates import authorities_file, certificate_file, load_authority
from pipeline_local.home import REPOSITORY
from pipeline_local.ports import LOOPBACK
from pipeline_local.stack import LocalStack
from pipeline_shared.runtime.service import Runtime
from pipeline_shared.runtime.tls import TlsFault
from pipeline_simulators.feed import Outgoing, Pace, feed
from tests.support.bad_servers import CLEAR_TEXT, FAULT_OF, bad_certificate, bad_postgres, bad_server, server_context
from tests.support.outbox import Outbox, a_row, open_outbox
from tests.support.own_database import create_own_database
from tests.support.settings import settings_of
from tests.support.transfers import TOKEN, Police, Transfers, a_decision
from tests.support.waiting import wait_for
from tests.unit.transfer.test_adapter import TRANSFER, settings
from transfer_service.adapter import PoliceSystem
from transfer_service.domain import Request, Unreachable
from transfer_service.settings import Settings

TRANSFER_MIGRATIONS = Path(transfer_service.__file__).parent / "migrations"
KINDS = pytest.mark.parametrize("kind", FAULT_OF)


@pytest.fixture
def authority(stack: LocalStack) -> Authority:
    return load_authority(stack.home)


@pytest.fixture
async def bad_broker(kind: str, authority: Authority, tmp_path: Path) -> AsyncGenerator[str, None]:
    async with bad_server(kind, authority, tmp_path) as port:
        yield f"{LOOPBACK}:{port}"


@pytest.fixture
async def bad_site(kind: str, authority: Authority, tmp_path: Path) -> AsyncGenerator[str, None]:
    async with bad_server(kind, authority, tmp_path) as port:
        yield f"https://{LOOPBACK}:{port}"


async def until_check_says(runtime: Runtime, check: str, fault: TlsFault) -> None:
    """Return once a readiness check names a TLS fault; the process is not ready then."""

    async def says() -> bool:
        ready, checks = await runtime.health.report()
        return not ready and checks[check].get("tls") == fault

    await wait_for(says, f"{check} to say {fault}")


@KINDS
async def test_a_service_refuses_such_a_broker_and_says_why(stack: LocalStack, kind: str, bad_broker: str) -> None:
    async with open_outbox(stack) as box:  # a database of its own, or the relay would wait for a running one
        dsn = SecretStr(box.place.dsn)
        runtime = Runtime("intake", settings_of(stack, "intake", database_url=dsn, kafka_bootstrap=bad_broker))
        with capture_logs() as lines:
            async with runtime.working():
                await until_check_says(runtime, "relay", FAULT_OF[kind])
    told = [line for line in lines if line["event"] == "tls_refused"]
    assert told[-1] == {"event": "tls_refused", "log_level": "warning", "check": "kafka", "error": FAULT_OF[kind]}


@KINDS
async def test_a_service_refuses_such_a_database_and_says_why(
    stack: LocalStack, kind: str, authority: Authority, tmp_path: Path
) -> None:
    async with bad_postgres(kind, authority, tmp_path) as port:
        own = urlsplit(stack.app_dsn("intake"))
        dsn = own._replace(netloc=f"{own.netloc.rpartition(':')[0]}:{port}").geturl()
        runtime = Runtime("intake", settings_of(stack, "intake", database_url=SecretStr(dsn)))
        with capture_logs() as lines:
            async with runtime.working():
                await until_check_says(runtime, "database", FAULT_OF[kind])
                await wait_for(lambda: _has_said(lines, FAULT_OF[kind]), "the log to say why")


async def _has_said(lines: list[Any], fault: TlsFault) -> bool:
    return any(line["event"] == "worker_interrupted" and line["error"] == fault for line in lines)


@KINDS
async def test_rows_wait_for_the_right_broker_and_are_then_published(
    stack: LocalStack, kind: str, bad_broker: str
) -> None:
    async with open_outbox(stack) as box:
        row = a_row()
        await box.add(row)
        other = Outbox(stack, "intake", box.place.dsn, box.connection)
        bad = settings_of(stack, "intake", database_url=SecretStr(box.place.dsn), kafka_bootstrap=bad_broker)
        other.relay = type(box.relay)(bad, other.new_rows)
        async with other.relaying():

            async def is_blocked() -> bool:
                return bool(other.relay.facts()["blocked_by"])

            await wait_for(is_blocked, "the relay to be refused")
        assert await box.refused() == {}
        async with box.relaying():
            await box.until_published(row)
        assert kind in FAULT_OF


@KINDS
async def test_provisioning_refuses_such_a_broker(stack: LocalStack, bad_broker: str) -> None:
    password = stack.keys.kafka["admin"]
    admin = create_admin(bad_broker, "admin", password=password, authorities=authorities_file(stack.home))
    with pytest.raises(KafkaException):
        await asyncio.to_thread(admin.list_topics, timeout=2)


@KINDS
async def test_frontends_and_people_refuse_such_an_intake_or_desk(stack: LocalStack, bad_site: str) -> None:
    submission = Outgoing("pip_key", "key", b"{}")
    result = await feed(bad_site, iter([submission]), pace=Pace(give_up_seconds=0.2), tls=stack.tls())
    assert (result.unanswered, result.receipts) == (1, [])
    connector = aiohttp.TCPConnector(ssl=stack.tls())
    async with aiohttp.ClientSession(bad_site, connector=connector) as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get("/")


@KINDS
async def test_operators_refuse_such_an_operations_port(stack: LocalStack, bad_site: str) -> None:
    right = stack.installation()
    bad = right.model_copy(update={"operations": dict.fromkeys(right.operations, bad_site)})
    stages = await read_status(bad)
    assert stages
    assert not any(stage.ready for stage in stages)


@KINDS
async def test_a_health_check_of_an_image_refuses_such_an_operations_port(
    stack: LocalStack, bad_site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"PROCESS": "intake", "INTAKE_OPERATIONS_PORT": str(urlsplit(bad_site).port)}
    own["INTAKE_CERTIFICATE_FILE"] = str(certificate_file(stack.home, "intake"))
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    is_ready = runpy.run_path(str(REPOSITORY / "deploy/image/healthy.py"))["is_ready"]
    assert await asyncio.to_thread(is_ready) is False


async def test_a_health_check_of_an_image_accepts_its_own_process(
    pipeline: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {**pipeline.program("intake").environment, "PROCESS": "intake"}
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    is_ready = runpy.run_path(str(REPOSITORY / "deploy/image/healthy.py"))["is_ready"]
    assert await asyncio.to_thread(is_ready) is True


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


@KINDS
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
        own.write_bytes(Authority.create().issue(("transfer",)))
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
    """Serve like nginx: refuse a client without a certificate of these authorities, and tell it so."""
    context = server_context(certificate)
    context.load_verify_locations(authorities)
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server((LOOPBACK, 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    accepted, _ = listening.accept()
                    with contextlib.suppress(OSError), context.wrap_socket(accepted, server_side=True) as wire:
                        wire.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("shows", ["nothing", "a certificate of another authority"])
async def test_a_refusal_of_our_own_certificate_is_told_from_other_failures(
    stack: LocalStack, tmp_path: Path, shows: str
) -> None:
    (tmp_path / "own.pem").write_bytes(Authority.create().issue(("transfer",)))
    changes: dict[str, Any] = {} if shows == "nothing" else {"police_client_cert_file": tmp_path / "own.pem"}
    trusted = authorities_file(stack.home)
    with strict_server(certificate_file(stack.home, "police"), trusted) as port:
        own = settings(police_url=f"https://{LOOPBACK}:{port}", police_ca_file=trusted, **changes)
        async with PoliceSystem.connect(own) as police:
            assert await police.ask(Request.CREATE, TRANSFER) == Unreachable("own_certificate_refused")
