"""The simulator's records in SQLite: an acknowledged record is on the disk before the answer is sent.

Concurrent requests are committed together in a separate thread, so that one flush to the disk serves many.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    key         TEXT NOT NULL UNIQUE,
    digest      TEXT NOT NULL,
    received_at TEXT NOT NULL,
    repeats     INTEGER NOT NULL DEFAULT 0,
    envelope    TEXT NOT NULL
)
"""
ADD = """
INSERT INTO record (key, digest, received_at, envelope) VALUES (?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET repeats = repeats + 1
"""
COLUMNS = "number, key, digest, received_at, repeats, envelope"


@dataclass(frozen=True, slots=True)
class Posted:
    """A posted record."""

    key: str
    digest: str
    envelope: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored record. `repeats` counts later posts with its key."""

    number: int
    key: str
    digest: str
    received_at: str
    repeats: int
    envelope: str

    @property
    def reference(self) -> str:
        """Return the police reference of this record."""
        return f"NP/{self.received_at[:4]}/{self.number:06}"


class Ledger:
    """Stores the first record of each key permanently."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "records.sqlite"
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._connection = self._writer.submit(_open, self._file).result()
        self._reading = _open(self._file)
        self._waiting: list[tuple[Posted, asyncio.Future[Stored]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def keep(self, posted: Posted) -> Stored:
        """Return the stored record of the key when it is on the disk: this record, or an earlier one."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((posted, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await done

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                stored = await loop.run_in_executor(self._writer, self._commit, [posted for posted, _ in batch])
            except sqlite3.Error as error:
                _settle([done for _, done in batch], error)
                continue
            for (_, done), record in zip(batch, stored, strict=True):
                if not done.done():
                    done.set_result(record)

    def _commit(self, batch: Sequence[Posted]) -> list[Stored]:
        now = datetime.now(UTC).isoformat()
        with self._connection:
            self._connection.executemany(ADD, [(p.key, p.digest, now, p.envelope) for p in batch])
            found = [_by_key(self._connection, posted.key) for posted in batch]
        return [record for record in found if record]

    def find(self, key: str) -> Stored | None:
        """Return the record of a key."""
        return _by_key(self._reading, key)

    def page(self, *, after: int, limit: int) -> list[Stored]:
        """Return records with a number above `after`, in order."""
        sql = f"SELECT {COLUMNS} FROM record WHERE number > ? ORDER BY number LIMIT ?"  # noqa: S608 - no values inside
        return [Stored(*row) for row in self._reading.execute(sql, (after, limit))]

    def newest(self, limit: int) -> list[Stored]:
        """Return the newest records, newest first."""
        sql = f"SELECT {COLUMNS} FROM record ORDER BY number DESC LIMIT ?"  # noqa: S608
        return [Stored(*row) for row in self._reading.execute(sql, (limit,))]

    def count(self) -> int:
        """Return the number of records."""
        (number,) = self._reading.execute("SELECT count(*) FROM record").fetchone()
        return number

    def close(self) -> None:
        """Finish pending writes and close the file."""
        self._writer.submit(self._connection.close).result()
        self._writer.shutdown()
        self._reading.close()


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute(SCHEMA)
    return connection


def _by_key(connection: sqlite3.Connection, key: str) -> Stored | None:
    row = connection.execute(f"SELECT {COLUMNS} FROM record WHERE key = ?", (key,)).fetchone()  # noqa: S608
    return Stored(*row) if row else None


def _settle(futures: Sequence[asyncio.Future[Stored]], error: Exception) -> None:
    for done in futures:
        if not done.done():
            done.set_exception(error)
