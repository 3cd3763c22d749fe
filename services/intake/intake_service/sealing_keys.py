"""Whom intake seals to, checked before it seals: a signed bundle in force, and none older than one used before."""

import asyncio
import base64
import signal
from datetime import UTC, datetime

import asyncpg
import structlog

from intake_service import store
from intake_service.settings import Settings
from intake_service.usecases import Sealing
from pipeline_shared.keys import read_bundle

log = structlog.get_logger()


class SealingKeys:
    """The sanitiser's public keys in force; `confirmed` once the database knows no newer bundle."""

    def __init__(self, settings: Settings) -> None:
        """Read the bundle; raise UntrustedBundleError, so that intake does not start on keys it cannot trust."""
        bundle = read_bundle(settings.key_bundle.read_bytes(), settings.trust_root, datetime.now(UTC))
        hmac_key = base64.b64decode(settings.hmac_key.get_secret_value())
        self.sealing = Sealing(bundle.recipients("sanitiser"), hmac_key)
        self.version = bundle.version
        self.confirmed = False

    async def confirm(self, pool: asyncpg.Pool, stop: asyncio.Event) -> None:
        """Compare with the newest version ever used; a roll-back ends the process."""
        async with pool.acquire() as connection:
            newest = await store.remember_bundle(connection, self.version)
        self.confirmed = newest == self.version
        if not self.confirmed:
            log.critical("key_bundle_rolled_back", version=self.version)
            signal.raise_signal(signal.SIGTERM)
        await stop.wait()
