"""pg_dump and pg_restore: the password goes through the environment, never through an argument."""

import os
import subprocess
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import parse_qsl, unquote, urlsplit

from pipeline_admin.backup.refusal import BackupError

# People sign in again after a restore: a session that ended since the backup must not come back.
DUMP = ("--format=custom", "--no-password", "--exclude-table-data=session")
RESTORE = ("--no-password", "--exit-on-error", "--single-transaction")
OPTIONS = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "host": "PGHOST", "port": "PGPORT"}


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """Where the programs are. `socket` is a folder: with it they do not use the network."""

    folder: Path | None = None
    socket: Path | None = None

    @contextmanager
    def dumping(self, url: str) -> Generator[IO[bytes]]:
        """Yield the dump of a database as a stream; raise BackupError when the program fails."""
        with subprocess.Popen([self._program("pg_dump"), *DUMP], stdout=subprocess.PIPE, env=self._of(url)) as dump:
            if dump.stdout is None:
                raise BackupError("dump_failed")
            yield dump.stdout
        if dump.returncode:
            raise BackupError("dump_failed", urlsplit(url).path[1:])

    def restore(self, url: str, pieces: Iterable[bytes]) -> None:
        """Fill an empty database from a dump; raise BackupError when the program fails."""
        environment = self._of(url)
        command = [self._program("pg_restore"), *RESTORE, "--dbname", environment["PGDATABASE"]]
        with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as restore:
            if restore.stdin is None:
                raise BackupError("dump_failed")
            try:
                for piece in pieces:
                    restore.stdin.write(piece)
                restore.stdin.close()
            except BrokenPipeError:
                pass
        if restore.returncode:
            raise BackupError("dump_failed", environment["PGDATABASE"])

    def _program(self, name: str) -> str:
        return str(self.folder / name) if self.folder else name

    def _of(self, url: str) -> Mapping[str, str]:
        parts = urlsplit(url)
        given = {OPTIONS[name]: value for name, value in parse_qsl(parts.query) if name in OPTIONS}
        found = {
            "PGHOST": parts.hostname or "",
            "PGPORT": str(parts.port or ""),
            "PGUSER": unquote(parts.username or ""),
            "PGPASSWORD": unquote(parts.password or ""),
            "PGDATABASE": parts.path[1:],
            "PATH": os.environ.get("PATH", ""),
        } | given
        if self.socket:
            found |= {"PGHOST": str(self.socket), "PGSSLMODE": "disable"}
        return {name: value for name, value in found.items() if value}
