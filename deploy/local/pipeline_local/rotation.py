"""New certificates for a running stack: no process is restarted, and no open connection ends.

Our own processes look at their files before each handshake. The broker and PostgreSQL are told. Another authority comes
in by overlap: everybody trusts both, then every certificate is replaced, then everybody trusts only the new one.
"""

# pyright: reportPrivateImportUsage=false
# These names are the library's documented interface; only its annotations do not say so.

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from pipeline_local.certificates import (
    AUTHORITY_NAME,
    NAMES_OF,
    Authority,
    authorities_file,
    certificate_file,
    issue_for,
    load_authority,
    trust,
)
from pipeline_local.home import write_atomically
from pipeline_local.stack import LocalStack

SECONDS = 30
LISTENERS = ("client", "controller")
BROKER = ConfigResource(ConfigResource.Type.BROKER, "1")


def renew_certificates(stack: LocalStack, authority: Authority | None = None) -> None:
    """Replace every certificate, signed by the stack's authority unless another is given."""
    authority = authority or load_authority(stack.home)
    for owner in NAMES_OF:
        issue_for(stack.home, authority, owner)
    reload_servers(stack)


def change_authority(stack: LocalStack) -> Iterator[str]:
    """Replace the authority and every certificate; yield after each step, in which everything must work."""
    old, new = load_authority(stack.home), Authority.create(AUTHORITY_NAME)
    for name, step in _steps(stack, old, new):
        step()
        yield name


def _steps(stack: LocalStack, old: Authority, new: Authority) -> Iterator[tuple[str, Callable[[], None]]]:
    yield "everybody trusts both authorities", lambda: _trust(stack, old, new)
    yield "every certificate is of the new authority", lambda: renew_certificates(stack, new)
    yield "everybody trusts the new authority only", lambda: _trust(stack, new)
    write_atomically(stack.home.keys / "ca.key", new.to_pem())


def _trust(stack: LocalStack, *authorities: Authority) -> None:
    trust(stack.home, [each.trusted for each in authorities])
    reload_servers(stack)


def reload_servers(stack: LocalStack) -> None:
    """Let the broker and PostgreSQL read their files again. Raises KafkaException."""
    files = {"keystore": certificate_file(stack.home, "kafka"), "truststore": authorities_file(stack.home)}
    reload_broker(stack.kafka.admin(), files)
    stack.postgres.hand_over_certificate()
    if (pid := stack.processes.pid("postgres")) is not None:
        os.kill(pid, signal.SIGHUP)


def reload_broker(admin: AdminClient, files: Mapping[str, Path]) -> None:
    """Let the broker read its files again. It does so when a setting changes, so each path is spelt in two ways."""
    (described,) = admin.describe_configs([BROKER]).values()
    now = {name: entry.value for name, entry in described.result(SECONDS).items()}
    for listener in LISTENERS:
        wanted = {f"listener.name.{listener}.ssl.{store}.location": file for store, file in files.items()}
        entries = [_set(name, _spelt_otherwise(file, now.get(name))) for name, file in wanted.items()]
        resource = ConfigResource(ConfigResource.Type.BROKER, "1", incremental_configs=entries)
        for altered in admin.incremental_alter_configs([resource]).values():
            altered.result(SECONDS)


def _set(name: str, value: str) -> ConfigEntry:
    return ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)


def _spelt_otherwise(file: Path, now: str | None) -> str:
    spellings = (f"{file.parent}/./{file.name}", f"{file.parent}/././{file.name}")
    return spellings[now == spellings[0]]
