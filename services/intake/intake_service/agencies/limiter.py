"""Applies the rate limits. The token buckets are in PostgreSQL, so they survive restarts and all instances share them.

A refusal is remembered, so a flood of requests over the limit does not reach the database.
"""

import time
from dataclasses import dataclass, field
from datetime import timedelta

import asyncpg

from intake_service.agencies import store
from intake_service.agencies.domain import KnownAgency, UnknownAgencyError
from intake_service.agencies.limits import QUESTIONS, Limit, RateLimitedError

REMEMBERED_SECONDS = 5.0  # a limit that an operator has raised takes effect this much later
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class _Bucket:
    holder: str
    limit: Limit


@dataclass(slots=True)
class Limiter:
    """Takes tokens for agencies' requests, or refuses them."""

    pool: asyncpg.Pool
    _full_at: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    async def allow_submission(self, agency: KnownAgency, tokens: int) -> None:
        """Take the cost of a submission from the buckets of the agency and its key.

        Raises RateLimitedError, and UnknownAgencyError for a key that has ended since it was found.
        """
        await self._take(
            agency.prefix,
            tokens,
            of_key=_Bucket(f"submit:key:{agency.prefix}", agency.key_limit),
            of_agency=_Bucket(f"submit:agency:{agency.agency_id}", agency.limit),
        )

    async def allow_question(self, agency: KnownAgency) -> None:
        """Take a token for a question about a receipt; raise RateLimitedError, UnknownAgencyError."""
        await self._take(
            agency.prefix,
            1,
            of_key=_Bucket(f"ask:key:{agency.prefix}", agency.key_limit.times(QUESTIONS)),
            of_agency=_Bucket(f"ask:agency:{agency.agency_id}", agency.limit.times(QUESTIONS)),
        )

    async def _take(self, prefix: str, tokens: int, *, of_key: _Bucket, of_agency: _Bucket) -> None:
        now = time.monotonic()
        known = max(self._remembered_wait(bucket, tokens, now) for bucket in (of_key, of_agency))
        if known > 0:
            raise RateLimitedError(known)
        wanted = [
            store.WantedTokens(bucket.holder, _interval(bucket.limit.seconds(tokens)), _interval(bucket.limit.depth))
            for bucket in (of_key, of_agency)
        ]
        async with self.pool.acquire() as connection:
            taken = await store.take_tokens(connection, prefix, *wanted)
        if not taken.is_in_force:
            raise UnknownAgencyError
        if not taken.is_allowed:
            found = ((of_key, taken.key_full_in), (of_agency, taken.agency_full_in))
            raise RateLimitedError(max(self._learn(bucket, full_in, tokens, now) for bucket, full_in in found))

    def _remembered_wait(self, bucket: _Bucket, tokens: int, now: float) -> float:
        full_at, until = self._full_at.get(bucket.holder, (0.0, 0.0))
        return bucket.limit.wait(full_at - now, tokens) if now < until else 0.0

    def _learn(self, bucket: _Bucket, full_in: float, tokens: int, now: float) -> float:
        if len(self._full_at) >= MOST_REMEMBERED:
            self._full_at.clear()
        self._full_at[bucket.holder] = (now + full_in, now + REMEMBERED_SECONDS)
        return bucket.limit.wait(full_in, tokens)


def _interval(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)
