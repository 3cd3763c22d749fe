"""API key authentication: finds the agency of an API key, and caches it for a few seconds.

The list of valid key prefixes is refreshed every few seconds. Keys outside the list may be new, so they are looked up,
but only a limited number per second. A flood of made-up keys therefore reaches neither the database nor the other
agencies.
"""

import asyncio
import time
from dataclasses import dataclass, field

import asyncpg

from intake_service.agencies import store
from intake_service.agencies.domain import KnownAgency, UnknownAgencyError, is_secret, split_key
from intake_service.agencies.limits import Limit
from pipeline_shared.runtime.retry import pause

REMEMBERED_SECONDS = 5.0  # a key that ends meanwhile is refused by the limiter, which asks the database each time
MOST_REMEMBERED = 10_000
UNKNOWN_A_SECOND = 20  # look-ups per second, in this instance, of keys outside the list


class TooManyUnknownKeysError(Exception):
    """Too many unknown keys are being tried; this one was not looked up."""


@dataclass(slots=True)
class ApiKeyAuth:
    """Authenticates agencies by API key. `limit` applies to agencies without a limit of their own."""

    pool: asyncpg.Pool
    hmac_key: bytes
    limit: Limit
    _remembered: dict[str, tuple[float, KnownAgency]] = field(default_factory=dict[str, tuple[float, KnownAgency]])
    _looked_up: "dict[str, asyncio.Task[KnownAgency | None]]" = field(
        default_factory=dict[str, "asyncio.Task[KnownAgency | None]"]
    )
    _listed: frozenset[str] = frozenset()
    _second: tuple[int, int] = (0, 0)

    async def keep_listing(self, stop: asyncio.Event) -> None:
        """Refresh the list of valid key prefixes, until `stop`."""
        while True:
            async with self.pool.acquire() as connection:
                self._listed = await store.list_prefixes(connection)
            if await pause(stop, REMEMBERED_SECONDS):
                return

    async def identify(self, presented: str) -> KnownAgency:
        """Return the agency of an API key.

        Raises UnknownAgencyError, TooManyUnknownKeysError, UnusableAgencyError.
        """
        parts = split_key(presented)
        agency = await self._find(parts[0]) if parts else None
        if parts is None or agency is None or not is_secret(parts[1], agency, self.hmac_key):
            raise UnknownAgencyError
        return agency

    async def _find(self, prefix: str) -> KnownAgency | None:
        until, agency = self._remembered.get(prefix, (0.0, None))
        if agency and time.monotonic() < until:
            return agency
        if prefix not in self._looked_up:  # concurrent requests share one look-up
            if prefix not in self._listed:
                self._count_unknown()
            self._looked_up[prefix] = asyncio.create_task(self._look_up(prefix))
            self._looked_up[prefix].add_done_callback(lambda _: self._looked_up.pop(prefix))
        return await asyncio.shield(self._looked_up[prefix])

    async def _look_up(self, prefix: str) -> KnownAgency | None:
        async with self.pool.acquire() as connection:
            agency = await store.find_agency(connection, prefix, self.limit)
        if agency:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[prefix] = (time.monotonic() + REMEMBERED_SECONDS, agency)
        return agency

    def _count_unknown(self) -> None:
        second, tried = self._second
        now = int(time.monotonic())
        self._second = (now, tried + 1 if now == second else 1)
        if self._second[1] > UNKNOWN_A_SECOND:
            raise TooManyUnknownKeysError
