"""What every command that needs a running stack starts with."""

from typing import Any

from pipeline_admin.commands.fail import fail
from pipeline_admin.installation import Installation
from pipeline_local.home import find_home
from pipeline_local.installation import read_installation
from pipeline_local.lock import is_running


def running_state() -> dict[str, Any]:
    """Return the state of the stack that runs; end the command when none does.

    Where containers run it there is no supervisor whose lock could say so: the state says that instead.
    """
    home = find_home()
    state = home.read_state()
    if not state or (state["supervisor"] is not None and not is_running(home)):
        fail("nothing is running: `pipeline up` starts it")
    return state


def running_installation() -> Installation:
    """Return the stack that runs as the operator's commands see it; end the command when none does."""
    running_state()
    return read_installation(find_home())
