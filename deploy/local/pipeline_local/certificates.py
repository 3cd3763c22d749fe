"""The certificate authority of the local stack and of docker-compose.yml: it signs one certificate for each process.

A file holds the key, the certificate and the authority's certificate, so that one step replaces all of them; Kafka,
PostgreSQL and Python read such a file. Clients trust `ca.pem` alone. The authority signs for this machine's loopback
address and the names of the containers, and for nothing else.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from pipeline_admin.production.authority import Authority, lasts
from pipeline_local.home import Home, write_atomically
from pipeline_settings.processes import PROCESSES

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
TRUSTED = "ca.pem"
AUTHORITY_NAME = "Pipeline demonstration authority"

# Every holder of a certificate, and the names under which others reach it in containers.
NAMES_OF = {
    **{each.name: (each.name, f"{each.name}-pages", f"{each.name}-operations") for each in PROCESSES},
    "kafka": ("kafka",),
    "postgres": ("postgres",),
    "prometheus": ("prometheus",),
    "grafana": ("grafana",),
    "transfer-client": (),  # what transfer shows the police system
}


def load_certificates(home: Home) -> None:
    """Make the authority and every certificate that is missing or will soon end."""
    authority = load_authority(home)
    for owner in NAMES_OF:
        if not lasts(certificate_file(home, owner)):
            issue_for(home, authority, owner)


def load_authority(home: Home) -> Authority:
    """Return the stack's authority; make it the first time, with the file that clients trust."""
    file = home.keys / "ca.key"
    if not file.exists():
        write_atomically(file, Authority.create(AUTHORITY_NAME).to_pem())
    authority = Authority.read(file.read_bytes())
    if not authorities_file(home).exists():
        trust(home, [authority.trusted])
    return authority


def trust(home: Home, trusted: Iterable[bytes]) -> None:
    """Let all clients of the stack trust these authorities, and no others."""
    write_atomically(authorities_file(home), b"".join(trusted))


def issue_for(home: Home, authority: Authority, owner: str) -> None:
    """Give a process of the stack, or another program beside it, a new certificate in its file."""
    names = (*NAMES_OF.get(owner, (owner,)), *LOOPBACK_NAMES)
    file = certificate_file(home, owner)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    write_atomically(file, authority.issue(names))


def certificate_file(home: Home, owner: str) -> Path:
    """Return the file with the key and the certificate of a process."""
    return home.keys / "tls" / f"{owner}.pem"


def authorities_file(home: Home) -> Path:
    """Return the file of the authorities that clients trust."""
    return home.keys / TRUSTED


def give_to_account(source: Path, target: Path, account: tuple[int, int]) -> None:
    """Copy a secret file for another account, in one step; only this account can read it."""
    draft = target.with_name(target.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchown(descriptor, *account)
        file.write(source.read_bytes())
    draft.replace(target)
