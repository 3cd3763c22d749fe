"""The bundle of public keys in use: signed, in force, and no older than one used before.

A bundle that may not be used ends the process, which cannot start again until a valid bundle is in its place. Each
service keeps the newest version ever used in its own database, out of reach of an attacker who restores an old bundle.
"""

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import structlog

from pipeline_shared.crypto.keys import read_bundle
from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.errors import StoppedError
from pipeline_shared.runtime.retry import pause

LOOK_SECONDS = 60.0  # the clock may be set during the wait

log = structlog.get_logger()

REMEMBER = """
INSERT INTO key_bundle (version) VALUES ($1)
ON CONFLICT (only_row) DO UPDATE SET version = greatest(key_bundle.version, excluded.version)
RETURNING version
"""


async def remember_bundle(connection: Connection, version: int) -> int:
    """Return the newest bundle version ever used, this one included."""
    return int(await connection.fetchval(REMEMBER, version) or 0)


HAS_BUNDLES = "SELECT to_regclass('key_bundle') IS NOT NULL"
NEWEST = "SELECT max(version) FROM key_bundle"


async def newest_bundle(connection: Connection) -> int:
    """Return the newest bundle version that a service ever used; 0 where no service uses one."""
    return int(await connection.fetchval(NEWEST) or 0) if await connection.fetchval(HAS_BUNDLES) else 0


class BundleInUse:
    """The public keys in force; `is_confirmed` once the database knows no newer ones, and until they expire."""

    def __init__(self, file: Path, trust_root: str) -> None:
        """Read the bundle; raise UntrustedBundleError, so that a service never starts with keys it cannot trust."""
        self.keys = read_bundle(file.read_bytes(), trust_root, datetime.now(UTC))
        self._confirmed = asyncio.Event()

    @property
    def is_confirmed(self) -> bool:
        """Tell whether the service may seal to these keys now."""
        return self._confirmed.is_set()

    async def until_confirmed(self, stop: asyncio.Event) -> None:
        """Return when the service may seal to these keys; raise StoppedError if the service stops before."""
        if not self.is_confirmed:
            waiting = [asyncio.create_task(event.wait()) for event in (self._confirmed, stop)]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
        if not self.is_confirmed:
            raise StoppedError

    async def watch(self, pool: asyncpg.Pool, stop: asyncio.Event) -> None:
        """Compare with the newest version ever used, then with the clock; end the process if it may not seal."""
        async with pool.acquire() as connection:
            newest = await remember_bundle(connection, self.keys.version)
        if newest > self.keys.version:
            return await self._refuse("rolled_back", stop)
        while (left := (self.keys.valid_until - datetime.now(UTC)).total_seconds()) > 0:
            self._confirmed.set()
            if await pause(stop, min(left, LOOK_SECONDS)):
                return None
        return await self._refuse("expired", stop)

    async def _refuse(self, code: str, stop: asyncio.Event) -> None:
        self._confirmed.clear()
        log.critical("key_bundle_refused", error=code, version=self.keys.version)
        signal.raise_signal(signal.SIGTERM)
        await stop.wait()
