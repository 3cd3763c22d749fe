"""The cost of one relay batch with a backlog: `python -m tests.benchmarks.turns`. It needs only PostgreSQL.

The query plan must jump from lane to lane and never read the backlog: a batch must cost as much with 1,000 waiting rows
as with 100,000.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import asyncpg

from pipeline_local.certificates import load_certificates
from pipeline_local.home import Home
from pipeline_local.jars import POSTGRES_LIST, fetch_jars, list_jars
from pipeline_local.ports import choose_ports
from pipeline_local.postgres import Postgres
from pipeline_local.processes import Processes
from pipeline_local.waiting import wait_until
from pipeline_shared.messaging import outbox
from pipeline_shared.messaging.outbox import BATCH_BYTES, LARGEST_VALUE, WAITING
from pipeline_shared.runtime.migrations import AUDIT, MESSAGING, migrate

ROWS = 100_000
CASES = ((1_000, 1), (ROWS, 1), (ROWS, 500), (ROWS, 2_000))
ROUNDS = 30
BATCH = 500

FILL = """
INSERT INTO outbox (event_id, topic, partition, key, value, urgent, lane)
SELECT gen_random_uuid(), 'submission.received.v1', n % 6, gen_random_uuid(), decode(repeat('ab', 1500), 'hex'), false,
    ('00000000-0000-0000-0000-' || lpad((n % $2)::text, 12, '0'))::uuid
FROM generate_series(1, $1) AS n
"""


async def measure(dsn: str) -> None:
    """Print the time of a batch for each backlog, and the last query plan."""
    connection = await asyncpg.connect(dsn, server_settings={"jit": "off"})
    await connection.execute("CREATE ROLE bench_app")
    await connection.execute("CREATE ROLE bench_owner SUPERUSER")
    await connection.execute("SET ROLE bench_owner")
    await migrate(connection, MESSAGING, AUDIT)
    for rows, lanes in CASES:
        await connection.execute("TRUNCATE outbox")
        await connection.execute(FILL, rows, lanes)
        await connection.execute("VACUUM ANALYZE outbox")
        seconds = [await _seconds(connection) for _ in range(ROUNDS)]
        print(f"{rows:>7} rows in {lanes:>5} lanes: a batch takes {statistics.median(seconds) * 1000:.1f} ms")  # noqa: T201 - a benchmark prints
    plan = await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {WAITING}", BATCH, [], LARGEST_VALUE, BATCH_BYTES)
    print("\n".join(line[0] for line in plan))  # noqa: T201
    await connection.close()


async def _seconds(connection: asyncpg.Connection) -> float:
    began = time.perf_counter()
    assert len(await outbox.list_waiting(connection, BATCH)) == BATCH
    return time.perf_counter() - began


def main() -> None:
    """Start a PostgreSQL of its own, measure, and end it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.create()
        postgres = Postgres(home, choose_ports(preferred=False)["postgres"], "bench")
        processes = Processes()
        try:
            load_certificates(home)
            (jar,) = fetch_jars(home.data / "jars-checked.json", lambda _done, _of: None, list_jars(POSTGRES_LIST))
            postgres.prepare(jar)
            processes.start(postgres.program())
            wait_until(postgres.is_ready, "postgres", seconds=60)
            asyncio.run(measure(postgres.dsn("postgres")))
        finally:
            processes.stop(["postgres"])
            processes.close()


if __name__ == "__main__":
    main()
