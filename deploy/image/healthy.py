# ruff: noqa: INP001 - one file of the image, not a package
"""The health check of a process's container: exit status 0 when the process is ready.

It runs as `python -I -S` with the standard library only, because it starts every few seconds.
"""

import http.client
import os
import sys

SECONDS = 4


def is_ready() -> bool:
    """Ask the process in this container whether it is ready."""
    prefix = os.environ["PROCESS"].upper()
    host = os.environ.get(f"{prefix}_OPERATIONS_HOST", "127.0.0.1")
    port = os.environ.get(f"{prefix}_OPERATIONS_PORT") or os.environ[f"{prefix}_PORT"]  # the simulator has one port
    connection = http.client.HTTPConnection(host, int(port), timeout=SECONDS)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(not is_ready())
