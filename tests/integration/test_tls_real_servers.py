"""The real PostgreSQL with a bad certificate is refused until it has a right one; the real broker takes no bad one."""

import asyncio
import os
import signal
from collections.abc import Generator
from pathlib import Path

import asyncpg
import pytest
from confluent_kafka import KafkaException

from pipeline_local.certificates import authorities_file, certificate_file, issue_for, load_authority
from pipeline_local.home import write_atomically
from pipeline_local.rotation import reload_broker, renew_certificates
from pipeline_local.stack import LocalStack
from pipeline_shared.runtime.tls import fault_of
from tests.support.bad_servers import CLEAR_TEXT, FAULT_OF, bad_certificate
from tests.support.certificates import until_shown
from tests.support.waiting import wait_for

BAD = [kind for kind in FAULT_OF if kind != CLEAR_TEXT]
EMBEDDED = os.environ.get("PIPELINE_TEST_STACK") != "containers"
pytestmark = pytest.mark.skipif(not EMBEDDED, reason="containers have copies of their certificates")


@pytest.fixture(autouse=True)
def _mended(stack: LocalStack) -> Generator[None, None, None]:
    yield
    renew_certificates(stack)


async def refusal(stack: LocalStack) -> str | None:
    """Return why a new connection to the database is refused, or None when it is made."""
    try:
        connection = await asyncpg.connect(stack.admin_dsn("postgres"))
    except OSError as error:
        return fault_of(error)
    await connection.close()
    return None


@pytest.mark.parametrize("kind", BAD)
async def test_the_database_is_refused_while_its_certificate_is_bad(stack: LocalStack, kind: str) -> None:
    authority = load_authority(stack.home)
    for certificate, expected in ((bad_certificate(kind, authority), FAULT_OF[kind]), (None, None)):
        if certificate:
            write_atomically(certificate_file(stack.home, "postgres"), certificate)
        else:
            issue_for(stack.home, authority, "postgres")
        stack.postgres.hand_over_certificate()
        os.kill(stack.processes.pid("postgres") or 0, signal.SIGHUP)

        async def is_so(expected: str | None = expected) -> bool:
            return await refusal(stack) == expected

        await wait_for(is_so, f"the database to be refused: {expected}")


@pytest.mark.parametrize("kind", ["of an unknown authority", "expired"])
async def test_the_broker_refuses_a_bad_certificate_and_keeps_the_one_it_has(
    stack: LocalStack, tmp_path: Path, kind: str
) -> None:
    renew_certificates(stack)
    bad = tmp_path / "bad.pem"
    bad.write_bytes(bad_certificate(kind, load_authority(stack.home)))
    files = {"keystore": bad, "truststore": authorities_file(stack.home)}
    with pytest.raises(KafkaException):
        await asyncio.to_thread(reload_broker, stack.kafka.admin(), files)
    assert await asyncio.to_thread(stack.kafka.is_ready)  # its administrator verifies the certificate


async def test_every_running_server_shows_its_new_certificate_without_a_restart(pipeline: LocalStack) -> None:
    before = pipeline.processes.pids()
    await asyncio.to_thread(renew_certificates, pipeline)
    await until_shown(pipeline)
    assert pipeline.processes.pids() == before
