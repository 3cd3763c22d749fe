"""Downloads through a proxy: trusts the system's certificates, and reports a failure in one line.

The proxies of forces sign with their own certificate authority, which only the system's store contains.
"""

import ssl
from collections.abc import Generator
from contextlib import contextmanager

from pipeline_local.home import REPOSITORY

HELP = f"see “Behind a proxy” in {REPOSITORY / 'README.md'}"

UNTRUSTED = "this machine trusts nobody who signed its certificate: add your proxy's authority, or name its file"


class DownloadError(Exception):
    """A download failed; the text gives the reason and the remedy in one line."""

    def __init__(self, what: str, where: str, why: str) -> None:
        super().__init__(f"cannot fetch {what} from {where}: {why} ({HELP})")


@contextmanager
def system_certificates() -> Generator[None]:
    """Trust the system's authorities, and those in SSL_CERT_FILE or REQUESTS_CA_BUNDLE, while the block runs."""
    import truststore  # noqa: PLC0415 - absent in the tools container, which downloads nothing

    truststore.inject_into_ssl()
    try:
        yield
    finally:
        truststore.extract_from_ssl()


@contextmanager
def explained(what: str, where: str) -> Generator[None]:
    """Turn the failures of a download into a DownloadError that says what to do."""
    import requests  # noqa: PLC0415 - as above

    try:
        yield
    except (requests.exceptions.SSLError, ssl.SSLError):
        raise DownloadError(what, where, UNTRUSTED) from None
    except requests.exceptions.ProxyError:
        raise DownloadError(what, where, "the proxy refuses or is not there") from None
    except (requests.exceptions.RequestException, OSError):
        raise DownloadError(what, where, "it cannot be reached: set HTTPS_PROXY, or name a mirror") from None
    except RuntimeError:  # jgo raises this when no repository has the file
        raise DownloadError(what, where, "it does not have it") from None
