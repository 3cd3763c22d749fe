"""What every command that needs a running stack starts with."""

from typing import Any

from pipeline_admin.commands.fail import fail
from pipeline_local.home import find_home
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
