"""The bundle of public keys on the running services: nothing is sealed to a forged, rolled-back or expired bundle."""

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline_local.keys import load_trust_root
from pipeline_local.stack import LocalStack
from pipeline_shared.crypto.bundle import ENDING, BundleInUse, Take
from pipeline_shared.crypto.keys import KeyBundle, UntrustedBundleError, public_root, sign_bundle
from pipeline_shared.runtime.errors import StoppedError
from tests.support.intake import Frontend
from tests.support.journey import Databases, submission_of, submit
from tests.support.waiting import until_ended, until_ready, wait_for

DATABASE_OF = {"intake": "intake", "sanitiser": "restricted"}
SEALERS = list(DATABASE_OF)


def bundle_of(stack: LocalStack) -> KeyBundle:
    text = json.loads((stack.home.keys / "bundle.json").read_bytes())["bundle"]
    return KeyBundle.model_validate_json(text)


def start_on(stack: LocalStack, service: str, bundle: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a second process of a service with another bundle until it ends by itself."""
    program, prefix = stack.program(service), service.upper()
    environment = {**program.environment, f"{prefix}_KEY_BUNDLE": str(bundle), f"{prefix}_PORT": "1"}
    return subprocess.run(program.command, env=environment, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize("service", SEALERS)
async def test_a_service_refuses_to_start_on_a_bundle_that_somebody_else_signed(
    service: str, stack: LocalStack, tmp_path: Path
) -> None:
    forged = tmp_path / "bundle.json"
    forged.write_bytes(sign_bundle(bundle_of(stack), Ed25519PrivateKey.generate()))
    ended = await asyncio.to_thread(start_on, stack, service, forged)
    assert ended.returncode != 0
    assert b"bad_signature" in ended.stderr


@pytest.fixture
async def newer_used(
    service: str, pipeline: LocalStack, databases: Databases
) -> AsyncGenerator[asyncpg.Connection, None]:
    """Yield the pipeline without one service, after it has used a newer bundle than the one in place."""
    await until_ready(pipeline, service)
    pipeline.kill(service)
    await until_ended(pipeline, service)
    connection = databases[DATABASE_OF[service]]
    await connection.execute("UPDATE key_bundle SET version = 2")
    yield connection
    await connection.execute("UPDATE key_bundle SET version = 1")
    pipeline.start(service)
    await until_ready(pipeline, service)


@pytest.mark.parametrize("service", SEALERS)
@pytest.mark.usefixtures("newer_used")
async def test_a_service_stops_on_a_bundle_older_than_one_it_has_used(service: str, pipeline: LocalStack) -> None:
    pipeline.start(service)
    await until_ended(pipeline, service, seconds=40)


@pytest.mark.parametrize("service", ["sanitiser"])
async def test_the_sanitiser_seals_no_source_to_the_keys_of_an_older_bundle(
    service: str, newer_used: asyncpg.Connection, pipeline: LocalStack, frontend: Frontend, databases: Databases
) -> None:
    """The submission waits in Kafka, and its source is separated once the bundle is right."""
    ref = await submission_of(databases, await submit(frontend))
    pipeline.start(service)
    await until_ended(pipeline, service, seconds=40)
    query = "SELECT count(*) FROM source_record WHERE submission_ref = $1"
    assert await newer_used.fetchval(query, ref) == 0
    await newer_used.execute("UPDATE key_bundle SET version = 1")
    pipeline.start(service)

    async def is_split() -> bool:
        return await newer_used.fetchval(query, ref) == 1

    await wait_for(is_split, "the submission", seconds=40)


@pytest.fixture
async def pool(stack: LocalStack) -> AsyncGenerator[asyncpg.Pool, None]:
    async with asyncpg.create_pool(stack.app_dsn("intake"), min_size=0, max_size=2) as pool:
        yield pool


@pytest.fixture
async def told_to_end() -> AsyncGenerator[asyncio.Event, None]:
    """Return an event that is set when this process receives a signal to end, and survive the signal."""
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    yield told
    loop.remove_signal_handler(signal.SIGTERM)


async def test_a_bundle_that_expires_while_it_is_in_use_ends_the_service(
    stack: LocalStack, pool: asyncpg.Pool, told_to_end: asyncio.Event, tmp_path: Path
) -> None:
    root, file = load_trust_root(stack.home), tmp_path / "bundle.json"
    file.write_bytes(
        sign_bundle(bundle_of(stack).model_copy(update={"valid_until": datetime.now(UTC) + timedelta(seconds=2)}), root)
    )
    bundle, stop = BundleInUse(file, public_root(root)), asyncio.Event()
    watching = asyncio.create_task(bundle.watch(pool, stop))
    await asyncio.wait_for(bundle.until_confirmed(stop), 10)
    assert bundle.is_confirmed
    await asyncio.wait_for(told_to_end.wait(), 10)
    assert not bundle.is_confirmed
    stop.set()
    with pytest.raises(StoppedError):
        await bundle.until_confirmed(stop)
    await watching


@pytest.mark.parametrize("code", ENDING)
@pytest.mark.parametrize("reads_events", [True, False])
async def test_a_process_ends_when_a_new_bundle_lacks_a_key_of_its_own(
    stack: LocalStack, pool: asyncpg.Pool, told_to_end: asyncio.Event, tmp_path: Path, *, code: str, reads_events: bool
) -> None:
    root, file = load_trust_root(stack.home), tmp_path / "bundle.json"
    in_force = bundle_of(stack)
    file.write_bytes(sign_bundle(in_force, root))
    bundle, stop = BundleInUse(file, public_root(root)), asyncio.Event()

    def refuse(_new: KeyBundle) -> Take:
        raise UntrustedBundleError(code)

    bundle.follow(refuse)
    watching = asyncio.create_task((bundle.watch if reads_events else bundle.watch_file)(pool, stop))
    await wait_for(lambda: _knows(pool, in_force.version), "the version to be remembered")
    file.write_bytes(sign_bundle(in_force.model_copy(update={"version": in_force.version + 1}), root))
    await asyncio.wait_for(told_to_end.wait(), 10)
    assert not bundle.is_confirmed
    assert bundle.keys == in_force
    assert await pool.fetchval("SELECT version FROM key_bundle") == in_force.version
    stop.set()
    await watching


async def _knows(pool: asyncpg.Pool, version: int) -> bool:
    return await pool.fetchval("SELECT version FROM key_bundle") == version
