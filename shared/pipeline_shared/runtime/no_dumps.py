"""No core dumps: a dump of a process that holds clear text or keys would write them to a disk."""

import ctypes
import resource

PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """Forbid core dumps of this process, and let no other process of its account read its memory.

    The limit holds for the children too. `dumpable` ends at an exec, so each program calls this at its start. It also
    covers a kernel that sends dumps to a program instead of a file, which ignores the limit. Raises OSError.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_DUMPABLE")
