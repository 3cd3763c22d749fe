"""The bundle of public keys in use: signed, in force, and no older than one used before.

A process that has no bundle in force ends, and cannot start again until a valid bundle is in its place. A new bundle in
the file counts within seconds; one that may not be used changes nothing, and the bundle in force stays. Each service
keeps the newest version ever used in its own database, out of reach of an attacker who restores an old bundle.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import asyncpg
import structlog

from pipeline_shared.crypto.keys import KeyBundle, UntrustedBundleError, read_bundle
from pipeline_shared.runtime.db import Connection
from pipeline_shared.runtime.errors import StoppedError
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.retry import pause

LOOK_SECONDS = 5.0
# A valid, newer bundle that ends the process: others seal to a key that it lacks, or refuse what it signs. What waits
# then waits where it came from. Anything that it still read or signed would have to be repaired by hand.
OWN_KEY_MISSING, SIGNING_KEY_MISSING = "own_key_missing", "signing_key_not_in_bundle"
ENDING = frozenset({OWN_KEY_MISSING, SIGNING_KEY_MISSING})

Take = Callable[[], None]
Prepare = Callable[[KeyBundle], Take]

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
        self._file, self._trust_root = file, trust_root
        self._seen = _stamp_of(file)
        self.keys = self._read()
        self._refused = False
        self._preparing: list[Prepare] = []
        self._confirmed = asyncio.Event()

    @property
    def is_confirmed(self) -> bool:
        """Tell whether the service may seal to these keys now."""
        return self._confirmed.is_set()

    def follow(self, prepare: Prepare) -> None:
        """Have a part of the process take each new bundle: `prepare` refuses it or returns what makes it count."""
        self._preparing.append(prepare)

    def report(self, metrics: Metrics) -> None:
        """Set the gauges of the bundle."""
        metrics.bundle_version.set(self.keys.version)
        metrics.bundle_refused.set(self._refused)
        metrics.set_days_left("key_bundle", self.keys.valid_until)

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
        """Compare with the newest version ever used, then follow the file and the clock.

        Ends the process if it may not seal.
        """
        if await _remembered(pool, self.keys.version) > self.keys.version:
            return await self._end("rolled_back", stop)
        while (left := (self.keys.valid_until - datetime.now(UTC)).total_seconds()) > 0:
            self._confirmed.set()
            if await pause(stop, min(left, LOOK_SECONDS)):
                return None
            if (code := await self.look(partial(_remembered, pool))) in ENDING:
                return await self._end(code, stop)
        return await self._end("expired", stop)

    async def watch_file(self, pool: asyncpg.Pool, stop: asyncio.Event) -> None:
        """Do the same in a process that seals nothing and reads no events: the end of a bundle does not end it."""
        if await _remembered(pool, self.keys.version) > self.keys.version:
            return await self._end("rolled_back", stop)
        while not await pause(stop, LOOK_SECONDS):
            if (code := await self.look(partial(_remembered, pool))) in ENDING:
                return await self._end(code, stop)
        return None

    async def look(self, remember: Callable[[int], Awaitable[int]]) -> str:
        """Take a new bundle in the file, or keep the one in force; return the code of a refusal, or an empty text."""
        stamp = _stamp_of(self._file)
        if stamp == self._seen:
            return ""
        try:
            bundle = self._read()
            _require_newer(bundle, self.keys)
            taking = [prepare(bundle) for prepare in self._preparing]
            _require_newest(bundle, await remember(bundle.version))
        except UntrustedBundleError as refused:
            self._seen, self._refused = stamp, True
            log.error("key_bundle_not_taken", error=refused.code, version=self.keys.version)
            return refused.code
        self._seen, self._refused, self.keys = stamp, False, bundle
        for take in taking:
            take()
        log.info("key_bundle_loaded", version=bundle.version)
        return ""

    def _read(self) -> KeyBundle:
        try:
            return read_bundle(self._file.read_bytes(), self._trust_root, datetime.now(UTC))
        except OSError:
            raise UntrustedBundleError("unreadable") from None

    async def _end(self, code: str, stop: asyncio.Event) -> None:
        self._confirmed.clear()
        log.critical("key_bundle_refused", error=code, version=self.keys.version)
        signal.raise_signal(signal.SIGTERM)
        await stop.wait()


def _require_newer(bundle: KeyBundle, in_force: KeyBundle) -> None:
    """Raise UntrustedBundleError for a former bundle, and for another one with the number of the one in force."""
    if bundle.version <= in_force.version and bundle != in_force:
        raise UntrustedBundleError("rolled_back")


def _require_newest(bundle: KeyBundle, newest: int) -> None:
    if newest > bundle.version:
        raise UntrustedBundleError("rolled_back")


async def _remembered(pool: asyncpg.Pool, version: int) -> int:
    async with pool.acquire() as connection:
        return await remember_bundle(connection, version)


def _stamp_of(file: Path) -> tuple[int, int, int] | None:
    """Return what changes when the file is replaced; None when it is not there."""
    try:
        facts = file.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns, facts.st_size
