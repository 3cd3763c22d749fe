"""The unprivileged account of PostgreSQL when root starts the stack, and the folders that it can reach."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

ENTER = 0o1  # execute permission for others: they may pass through the folder


@dataclass(frozen=True, slots=True)
class Account:
    """An account to run as; an empty name means the current one."""

    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account:
    """Return `nobody` when run by root, otherwise the current account."""
    if os.getuid() != 0:
        return Account("", os.getuid(), os.getgid())
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def others_can_reach(path: Path) -> bool:
    """Tell whether any account can pass through all folders above a path."""
    return all(folder.stat().st_mode & ENTER for folder in path.resolve().parents if folder.exists())
