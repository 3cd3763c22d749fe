"""Every client refuses a server in clear text, and a certificate that is unknown, expired or of another name.

The refusal has a reason of its own in the log and in readiness, without names or certificates, and nothing is lost.
"""

import asyncio
import runpy
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from confluent_kafka import KafkaException
from pydantic import SecretStr
from structlog.testing import capture_logs

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
from tests.support.bad_servers import FAULT_OF, bad_postgres, bad_server
from tests.support.outbox import Outbox, a_row, open_outbox
from tests.support.settings import settings_of
from tests.support.waiting import wait_for

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
        dsn = SecretStr(box.dsn)
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
        other = Outbox(stack, "intake", box.dsn, box.connection)
        bad = settings_of(stack, "intake", database_url=SecretStr(box.dsn), kafka_bootstrap=bad_broker)
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
