"""One stack per folder: the running stack holds a lock, which the kernel releases however the stack ends."""

import fcntl
import os

from pipeline_local.home import Home


class AlreadyRunningError(Exception):
    """Another stack runs from the same folder; carries the folder."""


def take_lock(home: Home) -> int:
    """Return a descriptor that holds the folder's lock until it is closed. Raises AlreadyRunningError."""
    lock = os.open(home.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise AlreadyRunningError(str(home.root)) from None
    return lock


def is_running(home: Home) -> bool:
    """Tell whether a stack runs from this folder."""
    if not home.lock_file.exists():
        return False
    try:
        os.close(take_lock(home))
    except AlreadyRunningError:
        return True
    return False
