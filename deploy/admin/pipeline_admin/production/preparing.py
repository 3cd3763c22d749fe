"""Makes what an installation lacks, and gives each container its own files; a second run changes nothing."""

import fcntl
import os
from pathlib import Path

from pipeline_admin.production.folder import CLOSED, InstallationFolder, NotGivenError, write
from pipeline_admin.production.layout import OWNER_OF, Content, files_of


def prepare(folder: InstallationFolder) -> list[str]:
    """Make secrets and certificates that are missing, and hand them out; return the files that the operator owes."""
    folder.create()
    with (folder.root / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once would make two authorities
        return _prepare(folder)


def _prepare(folder: InstallationFolder) -> list[str]:
    owed = set[str]()
    for name, owner in OWNER_OF.items():
        account = owner if os.geteuid() == 0 else None
        at, files = folder.containers / name, files_of(name, folder)
        _make(at, account)
        for file, content in files.items():
            _make((at / file).parent, account)
            owed |= _hand_out(at / file, content, account)
        _remove_unneeded(at, {at / file for file in files})
    return sorted(owed)


def _hand_out(target: Path, content: Content, account: int | None) -> set[str]:
    try:
        write(target, content(), account)
    except NotGivenError as error:
        return {str(error)}
    return set()


def _remove_unneeded(folder: Path, wanted: set[Path]) -> None:
    """Remove what a container no longer needs, such as a replaced private key."""
    for file in folder.rglob("*"):
        if file.is_file() and file not in wanted:
            file.unlink()


def _make(folder: Path, account: int | None) -> None:
    folder.mkdir(mode=CLOSED, exist_ok=True)
    if account is not None:
        os.chown(folder, account, account)
