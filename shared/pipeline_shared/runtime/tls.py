"""TLS for every wire: contexts that verify the other side, follow their files, and know why a handshake failed.

A context looks at its files before each handshake: a new certificate or authority counts for the next connection, and
no connection that is open ends for it. Files that cannot be read, because only half of them has been replaced, change
nothing. The reason of a failed handshake is one word, without names or certificates.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Self

import structlog
from cryptography.x509 import load_pem_x509_certificates

from pipeline_shared.runtime.metrics import Metrics

log = structlog.get_logger()

OLDEST = ssl.TLSVersion.TLSv1_2
HANDSHAKE_SECONDS = 10.0
LAST_READ_SECONDS = 30.0  # for a client to read the rest of an answer after which the connection ends
MOST_CAUSES = 8


class TlsFault(StrEnum):
    """The reasons why a handshake failed."""

    EXPIRED = "certificate_expired"
    NOT_YET_VALID = "certificate_not_yet_valid"
    UNKNOWN_AUTHORITY = "unknown_authority"
    WRONG_NAME = "wrong_host_name"
    UNUSABLE = "certificate_unusable"
    CLEAR_TEXT = "clear_text"
    REFUSED_OURS = "own_certificate_refused"
    UNFINISHED = "handshake_unfinished"
    FAILED = "tls_failed"


# Codes of OpenSSL's verification (X509_V_ERR_…)
_FAULT_OF_CODE = {
    9: TlsFault.NOT_YET_VALID,
    10: TlsFault.EXPIRED,
    62: TlsFault.WRONG_NAME,
    64: TlsFault.WRONG_NAME,
    **dict.fromkeys((2, 7, 18, 19, 20, 21, 24, 30), TlsFault.UNKNOWN_AUTHORITY),
}
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST", "UNKNOWN_PROTOCOL")
_CERTIFICATE_ALERTS = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")
_REFUSED_BY_POSTGRES = "rejected SSL upgrade"  # asyncpg has no class for a server without TLS


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The files of one side, in PEM: the authorities it trusts, its certificate with its chain, and its key.

    Without `authorities` a client trusts the system's. Without `key` the key is in the file of the certificate.
    """

    authorities: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def stamps(self) -> tuple[tuple[int, int, int] | None, ...]:
        """Return what changes when a file is replaced; raise OSError when one is missing."""
        facts = (file and file.stat() for file in (self.authorities, self.certificate, self.key))
        return tuple(fact and (fact.st_ino, fact.st_mtime_ns, fact.st_size) for fact in facts)


class TlsContext(ssl.SSLContext):
    """A context that follows its files; `fault` is the reason of the last handshake, or None when it succeeded.

    `ends_at` is the time at which the first certificate of the loaded chain ends, or None without a certificate.
    """

    def __new__(cls, files: TlsFiles, *, peer: str, server: bool = False) -> Self:
        """Make the outer context, which does no handshake itself."""
        del files, peer
        return super().__new__(cls, ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, files: TlsFiles, *, peer: str, server: bool = False) -> None:
        """Read the files; `peer` names the other side in the log. Raises OSError (ssl.SSLError is one)."""
        self._files, self._peer, self._server = files, peer, server
        self._stamps = files.stamps()
        self._unreadable: object = None
        self._told: TlsFault | None = None
        self.ends_at: datetime | None = None
        self._inner = self._build()
        self.fault: TlsFault | None = None

    def wrap_bio(self, *args: Any, **named: Any) -> ssl.SSLObject:
        """Begin a handshake with the files of this moment; asyncio and uvloop call it for every connection."""
        self._follow()
        handshake = self._inner.wrap_bio(*args, **named)
        if isinstance(handshake, _Handshake):
            handshake.context_followed = self
        return handshake

    def note(self, fault: TlsFault | None) -> None:
        """Keep the result of a handshake; a client's change of it is logged once."""
        is_final = fault is not TlsFault.UNFINISHED
        if is_final and fault is not self._told and not self._server:
            level, self._told = (log.warning if fault else log.info), fault
            level("tls_refused" if fault else "tls_verified", check=self._peer, error=fault)
        if is_final or self.fault is None:
            self.fault = fault

    def report(self, what: str, metrics: Metrics) -> None:
        """Set the gauge of the days that the certificate in use has left, if there is one; `what` is its label."""
        if self.ends_at:
            metrics.set_days_left(what, self.ends_at)

    def _follow(self) -> None:
        try:
            stamps = self._files.stamps()
            if stamps not in (self._stamps, self._unreadable):
                self._unreadable = stamps  # until it is read
                self._inner, self._stamps = self._build(), stamps
                log.info("certificates_loaded", check=self._peer)
        except OSError as error:
            log.warning("certificates_unreadable", check=self._peer, error=type(error).__name__)

    def _build(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if self._server else ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = OLDEST
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        context.sslobject_class = _Handshake if self._server else _ClientHandshake
        files = self._files
        if files.certificate:
            context.load_cert_chain(files.certificate, files.key)
            self.ends_at = _end_of(files.certificate)
        if files.authorities:
            context.load_verify_locations(files.authorities)
            context.verify_mode = ssl.CERT_REQUIRED
        elif not self._server:
            context.load_default_certs()
        return context


class _Handshake(ssl.SSLObject):
    """One connection, which tells its context how the handshake ended."""

    context_followed: TlsContext | None = None

    def do_handshake(self) -> None:
        """Continue the handshake."""
        try:
            super().do_handshake()
        except ssl.SSLError as error:
            self.tell(fault_of(error))
            raise
        if self.context_followed is None or self.context_followed.fault is not TlsFault.REFUSED_OURS:
            self.tell(None)

    def tell(self, fault: TlsFault | None) -> None:
        """Tell the context, if it still follows this connection."""
        if self.context_followed is not None:
            self.context_followed.note(fault)


class _ClientHandshake(_Handshake):
    """A client's connection: with TLS 1.3 it learns only after its handshake that its own certificate is refused."""

    def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002 - the name in the library
        """Read what has arrived."""
        try:
            content = super().read(len, buffer)
        except ssl.SSLError as error:
            if fault_of(error) is TlsFault.REFUSED_OURS:
                self.tell(TlsFault.REFUSED_OURS)
            raise
        if content:
            self.tell(None)
        return content


def _end_of(chain: Path) -> datetime | None:
    """Return when the first certificate of a chain ends, or None for one that Python cannot read."""
    try:
        return min(each.not_valid_after_utc for each in load_pem_x509_certificates(chain.read_bytes()))
    except ValueError:
        return None


def client_tls(files: TlsFiles, *, peer: str) -> TlsContext:
    """Return a client's context: it verifies certificate and host name. Raises OSError."""
    return TlsContext(files, peer=peer)


@cache
def shared_client_tls(authorities: Path | None, *, peer: str) -> TlsContext:
    """Return the context that all connections of this process to one peer share, so that its fault is known."""
    return client_tls(TlsFiles(authorities), peer=peer)


def server_tls(files: TlsFiles) -> TlsContext:
    """Return a server's context; with `authorities`, every client must show a certificate of theirs. Raises OSError."""
    return TlsContext(files, peer="client", server=True)


def fault_of(error: BaseException) -> TlsFault | None:
    """Return why TLS failed, or None when the error is of another kind."""
    faults = [fault for each in _causes(error) if (fault := _fault_of_one(each))]
    return next((fault for fault in faults if fault is not TlsFault.FAILED), faults[0] if faults else None)


def _fault_of_one(error: BaseException) -> TlsFault | None:
    if (code := getattr(error, "verify_code", None)) is not None:
        return _FAULT_OF_CODE.get(code, TlsFault.UNUSABLE)
    if isinstance(error, ssl.SSLWantReadError | ssl.SSLWantWriteError | ssl.SSLEOFError):
        return TlsFault.UNFINISHED
    if isinstance(error, ssl.SSLError):  # libraries derive errors from it that lack its attributes
        return _fault_of_reason(getattr(error, "reason", None) or "")
    is_postgres = type(error) is ConnectionError and _REFUSED_BY_POSTGRES in str(error)
    return TlsFault.CLEAR_TEXT if is_postgres else None


def _fault_of_reason(reason: str) -> TlsFault:
    if reason in _NO_TLS:
        return TlsFault.CLEAR_TEXT
    if "ALERT" in reason and any(word in reason for word in _CERTIFICATE_ALERTS):
        return TlsFault.REFUSED_OURS
    return TlsFault.UNFINISHED if "EOF" in reason else TlsFault.FAILED


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and the errors that led to it; libraries wrap those of a handshake."""
    waiting, seen = [error], 0
    while waiting and seen < MOST_CAUSES:
        each, seen = waiting.pop(0), seen + 1
        yield each
        wrapped = (getattr(each, name, None) for name in ("certificate_error", "os_error", "__cause__", "__context__"))
        waiting += [cause for cause in wrapped if isinstance(cause, BaseException)]
