"""A real OpenBao server for tests, with a transit engine and two tokens: one for the ceremony, one for a service."""

import os
import re
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import hvac
import pytest
import requests
from requests.exceptions import RequestException

from pipeline_local.home import REPOSITORY
from pipeline_local.ports import LOOPBACK
from pipeline_local.waiting import wait_until
from pipeline_shared.crypto.transit import TransitServer

ROOT = "a-root-token"
UNSEAL = re.compile(r"Unseal Key: (\S+)\n")
CEREMONY = """
path "transit/keys/pipeline-*" { capabilities = ["create", "read", "update"] }
path "transit/encrypt/pipeline-*" { capabilities = ["create", "update"] }
"""
SERVICE = 'path "transit/decrypt/pipeline-{role}-*" {{ capabilities = ["update"] }}'
ACTIVE, SEALED = 200, 503  # of the health page


@dataclass(frozen=True, slots=True)
class OpenBao:
    """A running server, its address and its log."""

    url: str
    log: Path
    process: "subprocess.Popen[bytes]"

    @property
    def root(self) -> hvac.Client:
        return hvac.Client(url=self.url, token=ROOT)

    def token_file(self, policy: str, folder: Path) -> Path:
        """Write a token that can do what the policy says, and no more."""
        name = f"policy-{abs(hash(policy))}"
        self.root.sys.create_or_update_policy(name, policy=policy)
        file = folder / f"{name}.token"
        file.write_text(self.root.auth.token.create(policies=[name], ttl="1h")["auth"]["client_token"] + "\n")
        file.chmod(0o600)
        return file

    def server(self, policy: str, folder: Path) -> TransitServer:
        return TransitServer(self.url, self.token_file(policy, folder))

    def unseal_key(self) -> str:
        """Return the key that the server prints some time after it answers, or an empty text before that."""
        found = UNSEAL.search(self.log.read_text(encoding="utf-8"))
        return found[1] if found else ""

    def seal(self) -> None:
        """Seal the server, and return once it is."""
        self.root.sys.seal()
        wait_until(lambda: _status(self) == SEALED, "OpenBao to be sealed", seconds=30)

    def unseal(self) -> None:
        """Unseal the server, and return once it works again."""
        key = self.unseal_key()
        assert key
        self.root.sys.submit_unseal_key(key)
        wait_until(lambda: _status(self) == ACTIVE, "OpenBao to work again", seconds=30)


@contextmanager
def running_openbao(folder: Path) -> Generator[OpenBao]:
    """Run a server; skip the test where there is none."""
    program = which("bao", path=f"{REPOSITORY / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if program is None:
        pytest.skip("no OpenBao here: `make openbao` installs it")
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        address = f"{LOOPBACK}:{free.getsockname()[1]}"
    arguments = (
        "server",
        "-dev",
        "-dev-no-store-token",
        f"-dev-listen-address={address}",
        f"-dev-root-token-id={ROOT}",
    )
    log = folder / "openbao.log"
    with log.open("wb") as output:
        process = subprocess.Popen([program, *arguments], stdout=output, stderr=output, env={"HOME": str(folder)})
    server = OpenBao(f"http://{address}", log, process)
    try:
        wait_until(lambda: _status(server) == ACTIVE and bool(server.unseal_key()), "OpenBao", seconds=30)
        server.root.sys.enable_secrets_engine("transit")
        yield server
    finally:
        process.kill()
        process.wait()


def _status(server: OpenBao) -> int:
    """Return the status of the health page: 200 if it is active, 503 if it is sealed; 0 without an answer."""
    try:
        return requests.get(f"{server.url}/v1/sys/health", timeout=5).status_code
    except RequestException:
        return 0
