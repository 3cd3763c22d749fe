"""The stack for integration tests: the embedded one, or Kafka and PostgreSQL in containers.

`PIPELINE_TEST_STACK=containers` chooses the containers; the tests are the same.
"""

import atexit
import os
import ssl
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from pipeline_local.certificates import authorities_file
from pipeline_local.stack import LocalStack
from pipeline_settings.processes import SERVICE_PROCESSES

TRUST = "SSL_CERT_FILE"  # OpenSSL's variable; read whenever a default context is made
SYSTEM_AUTHORITIES = Path(ssl.get_default_verify_paths().openssl_cafile)

OURS = tuple(process.name for process in SERVICE_PROCESSES)
SERVED = tuple(process.name for process in SERVICE_PROCESSES if process.port)  # frontends or people ask them


def create_stack(home: Path) -> LocalStack:
    """Return a stack that has not been started, on free ports."""
    if os.environ.get("PIPELINE_TEST_STACK") == "containers":
        from tests.support.containers import ContainerStack  # noqa: PLC0415 - needs Docker only when asked for

        return trusted(ContainerStack(home))
    return trusted(LocalStack(home))


@contextmanager
def running(stack: LocalStack, *services: str) -> Generator[LocalStack, None, None]:
    """Run a stack while the block runs: its infrastructure, provisioned, and these services."""
    try:
        stack.start_infrastructure()
        stack.provision()
        if services:
            stack.start_services(services)
        yield stack
    finally:
        stack.stop()


def trusted(stack: LocalStack) -> LocalStack:
    """Let this process and its children trust the stack, as if its authority were installed on the machine."""
    with _trusted_file().open("ab") as file:
        file.write(authorities_file(stack.home).read_bytes())
    os.environ[TRUST] = str(_trusted_file())
    return stack


@cache
def _trusted_file() -> Path:
    """Return the file of every authority that this process trusts: it outlives each stack."""
    known = Path(os.environ[TRUST]) if TRUST in os.environ else SYSTEM_AUTHORITIES
    descriptor, name = tempfile.mkstemp(prefix="trusted-by-tests-", suffix=".pem")
    with os.fdopen(descriptor, "wb") as file:
        file.write(known.read_bytes())
    atexit.register(Path(name).unlink, missing_ok=True)
    return Path(name)
