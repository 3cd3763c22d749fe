"""Starts a program so that it cannot outlive whoever started it, and, when asked, as another account.

Run as a script: `python -I -S tether.py PARENT SIGNAL ACCOUNT PROGRAM ARGUMENT…`. The kernel sends SIGNAL to the
program when its parent dies, even by SIGKILL. The order matters: a change of account clears that request, so it comes
first; and a parent that died before the request was made is noticed afterwards.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def become(account: str) -> None:
    """Give up root for an account without any rights of its own."""
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
    """Become the program, tethered."""
    parent, signal_number, account, *command = sys.argv[1:]
    if account:
        become(account)
    die_with(int(parent), int(signal_number))
    os.execv(command[0], command)  # noqa: S606 - the command is our own, and no shell is wanted


if __name__ == "__main__":
    main()
