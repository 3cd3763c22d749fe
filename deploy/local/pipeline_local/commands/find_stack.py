"""Finds the running stack for a command."""

from typing import Any

from pipeline_admin.commands.fail import fail
from pipeline_admin.installation import Installation
from pipeline_local.home import find_home
from pipeline_local.installation import read_installation
from pipeline_local.lock import is_running


def running_state() -> dict[str, Any]:
    """Return the state of the running stack; end the command when none runs.

    In a container there is no supervisor and no lock; the state file says that a stack runs.
    """
    home = find_home()
    state = home.read_state()
    if not state or (state["supervisor"] is not None and not is_running(home)):
        fail("nothing is running: `pipeline up` starts it")
    return state


def running_installation() -> Installation:
    """Return the running stack as an installation for the operator's commands; end the command when none runs."""
    running_state()
    return read_installation(find_home())
