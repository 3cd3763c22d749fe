"""The provider's public keys: fetched when a token names one that is not known, and again after an hour."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from pipeline_shared.web.identity.claims import key_id_of
from pipeline_shared.web.identity.provider_calls import ProviderAwayError

LASTS_SECONDS = 3600.0
PAUSE_SECONDS = 1.0  # between two fetches for a key that is not known
UNUSABLE = (JoseError, ValueError, TypeError, KeyError, ArithmeticError, RecursionError)


class ProviderKeys:
    """The keys of one provider; `fetch` returns its key set as it stands at its address."""

    def __init__(self, fetch: Callable[[], Awaitable[bytes]]) -> None:
        self._fetch = fetch
        self._keys = KeySet([])
        self._at = float("-inf")
        self._lock = asyncio.Lock()

    async def known(self) -> KeySet:
        """Return keys that are at most an hour old; raise ProviderAwayError."""
        async with self._lock:
            if time.monotonic() > self._at + LASTS_SECONDS:
                await self._renew()
        return self._keys

    async def for_token(self, token: str, *, patient: bool = True) -> KeySet:
        """Return the keys, with the one that a token names if the provider has it; raise ProviderAwayError.

        They are fetched once a second at most: `patient` waits for that, for a token that the provider itself sent.
        Raises RefusedTokenError for a token without a fit header.
        """
        kid = key_id_of(token)
        await self.known()
        async with self._lock:
            rest = self._at + PAUSE_SECONDS - time.monotonic()
            if not self._has(kid) and (patient or rest <= 0):
                await asyncio.sleep(max(0.0, rest))
                await self._renew()
        return self._keys

    def _has(self, kid: str) -> bool:
        return kid in {key.kid for key in self._keys.keys}

    async def _renew(self) -> None:
        self._keys = KeySet(usable_keys(await self._fetch()))
        self._at = time.monotonic()


def usable_keys(document: bytes) -> list[Key]:
    """Return the keys of a key set that can be used; others are left out (RFC 7517, 5). Raises ProviderAwayError."""
    try:
        found = json.loads(document)["keys"]
    except UNUSABLE:
        raise ProviderAwayError from None
    keys = [key for each in (found if isinstance(found, list) else []) if (key := _key(each))]
    if not keys:
        raise ProviderAwayError
    return keys


def _key(description: object) -> Key | None:
    try:
        return JWKRegistry.import_key(description)  # pyright: ignore[reportArgumentType] - checked by the import
    except UNUSABLE:
        return None
