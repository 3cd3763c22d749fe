# ruff: noqa: INP001 - one file of the image, not a package
"""The health check of a process's container: exit status 0 when the process is ready.

It runs as `python -I -S` with the standard library only, because it starts every few seconds. It trusts the process's
own certificate and no other, whoever signed it.
"""

import http.client
import os
import ssl
import sys

SECONDS = 4


def is_ready() -> bool:
    """Ask the process in this container whether it is ready."""
    prefix = os.environ["PROCESS"].upper()
    host = os.environ.get(f"{prefix}_OPERATIONS_HOST", "127.0.0.1")
    port = os.environ.get(f"{prefix}_OPERATIONS_PORT") or os.environ[f"{prefix}_PORT"]  # the simulator has one port
    connection = _connection(host, int(port), os.environ.get(f"{prefix}_CERTIFICATE_FILE"))
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False


def _connection(host: str, port: int, certificate: str | None) -> http.client.HTTPConnection:
    if certificate is None:
        return http.client.HTTPConnection(host, port, timeout=SECONDS)
    own = ssl.create_default_context(cafile=certificate)
    own.check_hostname = False  # the certificate itself is expected, and nobody else has its key
    own.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=own)


if __name__ == "__main__":
    sys.exit(not is_ready())
