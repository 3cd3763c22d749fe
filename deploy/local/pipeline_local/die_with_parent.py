"""Starts a program that ends with its parent, optionally under another account.

Run as a script: `python -I -S die_with_parent.py PARENT SIGNAL ACCOUNT PROGRAM ARGUMENT…`. The kernel sends SIGNAL to
the program when its parent ends, even by SIGKILL. The change of account comes first, because it clears this request.
Afterwards the script checks that the parent has not ended in the meantime. No program leaves a core dump.
"""

import ctypes
import os
import pwd
import resource
import sys

PR_SET_PDEATHSIG = 1


def become(account: str) -> None:
    """Change from root to an unprivileged account."""
    entry = pwd.getpwnam(account)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def die_with(parent: int, signal_number: int) -> None:
    """Ask the kernel to send `signal_number` to this process when its parent ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent has already ended")


def main() -> None:
    """Replace this process by the program, which then ends with its parent."""
    parent, signal_number, account, *command = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what it holds is written to no dump
    if account:
        become(account)
    die_with(int(parent), int(signal_number))
    os.execv(command[0], command)  # noqa: S606 - the command is our own, and no shell is wanted


if __name__ == "__main__":
    main()
