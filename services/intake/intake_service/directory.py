"""Who submits: agencies looked up by their keys, and remembered for a few seconds so that not every request asks."""

import time
from dataclasses import dataclass, field

import asyncpg

from intake_service import store
from intake_service.agencies import KnownAgency, is_secret, split_key

REMEMBERED_SECONDS = 5.0  # a key revoked works this much longer
MOST_REMEMBERED = 10_000


class UnknownAgencyError(Exception):
    """No agency, or none in force, has this key."""


@dataclass(slots=True)
class Directory:
    """The agencies that may submit."""

    pool: asyncpg.Pool
    hmac_key: bytes
    _remembered: dict[str, tuple[float, KnownAgency]] = field(default_factory=dict[str, tuple[float, KnownAgency]])

    async def identify(self, presented: str) -> KnownAgency:
        """Return the agency whose API key is presented; raise UnknownAgencyError."""
        parts = split_key(presented)
        agency = await self._find(parts[0]) if parts else None
        if parts is None or agency is None or not is_secret(parts[1], agency, self.hmac_key):
            raise UnknownAgencyError
        return agency

    async def _find(self, prefix: str) -> KnownAgency | None:
        until, agency = self._remembered.get(prefix, (0.0, None))
        if agency and time.monotonic() < until:
            return agency
        async with self.pool.acquire() as connection:
            agency = await store.find_agency(connection, prefix)
        if agency:
            _make_room(self._remembered)
            self._remembered[prefix] = (time.monotonic() + REMEMBERED_SECONDS, agency)
        return agency


def _make_room(remembered: dict[str, tuple[float, KnownAgency]]) -> None:
    if len(remembered) >= MOST_REMEMBERED:
        remembered.clear()
