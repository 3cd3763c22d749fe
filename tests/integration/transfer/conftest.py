"""The sender on a database of its own, with a police system that a test can stop."""

from collections.abc import AsyncGenerator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

import transfer_service
from pipeline_local.stack import LocalStack
from tests.support.own_database import create_own_database
from tests.support.settings import PARKING_KEY
from tests.support.transfers import TOKEN, Police, Transfers
from transfer_service.settings import Settings

MIGRATIONS = Path(transfer_service.__file__).parent / "migrations"


@pytest.fixture(scope="module")
async def transfer_dsn(stack: LocalStack) -> str:
    """Create a database for these tests: the running service must not take their transfers."""
    name = await create_own_database(stack, "transfer", MIGRATIONS)
    return stack.admin_dsn(name)


@pytest.fixture
async def police(tmp_path: Path) -> AsyncGenerator[Police, None]:
    police = Police(tmp_path)
    await police.open()
    yield police
    await police.close()
    police.ledger.close()


@pytest.fixture
async def transfers(transfer_dsn: str, police: Police) -> AsyncGenerator[Transfers, None]:
    settings = Settings(
        operations_port=8114,
        database_url=SecretStr(transfer_dsn),
        kafka_bootstrap="-",
        kafka_username="transfer",
        kafka_password=SecretStr("-"),
        parking_key=SecretStr(PARKING_KEY),
        signing_key=Path("-"),
        key_bundle=Path("-"),
        trust_root=PARKING_KEY,
        police_url=police.url,
        police_token=SecretStr(TOKEN),
        police_timeout_seconds=0.5,
        lease_seconds=3,
    )
    async with asyncpg.create_pool(transfer_dsn, min_size=0, max_size=4) as pool:
        yield Transfers(transfer_dsn, pool, settings, police)
        await pool.execute("DELETE FROM transfer")
