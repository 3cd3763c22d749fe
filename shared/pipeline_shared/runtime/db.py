"""The pool of connections to PostgreSQL."""

from typing import TypeAlias

import asyncpg
import asyncpg.pool

from pipeline_shared.runtime.settings import ProcessSettings

STATEMENT_TIMEOUT_MS = 15_000

# A dead session keeps its locks (the relay's, and those of uncommitted rows) and blocks its successor. So the server
# must soon notice a client that has gone or has stopped in the middle of a transaction.
DEAD_PEER_TIMEOUTS = {
    "client_connection_check_interval": "2s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "15s",
    "idle_in_transaction_session_timeout": "30s",
}

# A pool returns proxies; for every query they are connections.
Connection: TypeAlias = "asyncpg.Connection | asyncpg.pool.PoolConnectionProxy"


def create_pool(settings: ProcessSettings, name: str) -> asyncpg.Pool:
    """Return a pool, to be awaited; it opens with the database down and connects when first asked."""
    return asyncpg.create_pool(
        settings.database_url.get_secret_value(),
        min_size=0,
        max_size=settings.database_connections,
        timeout=3,
        command_timeout=STATEMENT_TIMEOUT_MS / 1000,
        reset=_keep,
        server_settings={"application_name": name, "jit": "off", **DEAD_PEER_TIMEOUTS},
    )


async def _keep(_connection: Connection) -> None:
    """Leave a returned connection unchanged: no code sets anything on a session, and a reset costs a round trip."""
