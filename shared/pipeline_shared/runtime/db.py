"""PostgreSQL at the edge: how a service's pool of connections is opened."""

from typing import TypeAlias

import asyncpg
import asyncpg.pool

from pipeline_shared.runtime.settings import ProcessSettings

STATEMENT_TIMEOUT_MS = 15_000

# A session's locks, the relay's and those of rows that are not committed, stand in its successor's way: the server must
# notice soon when the machine at the other end has gone or has stopped in the middle of a transaction.
DEAD_PEER_TIMEOUTS = {
    "client_connection_check_interval": "2s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "15s",
    "idle_in_transaction_session_timeout": "30s",
}

# What a pool hands out is a proxy; to every query it is a connection.
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
    """Leave a returned connection as it is: nothing here sets anything on a session, and a reset is a round trip."""
