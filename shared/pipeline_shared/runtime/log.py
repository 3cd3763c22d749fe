"""Structured logs: one JSON object a line, a static event name, and only fields from the list below.

The message of a library's exception can quote the value that caused it, so no exception text is ever written: a failure
is logged as its class name and the places of its traceback.
"""

import logging
import sys
import traceback
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

ALLOWED_FIELDS = frozenset(
    {
        "timestamp", "level", "event", "service", "topic", "partition", "offset", "event_id", "outcome", "duration_ms",
        "error", "attempts", "count", "worker", "check", "ready", "method", "route", "status", "state", "id", "where",
        "version", "signal", "seconds", "people", "logger",
    }
)  # fmt: skip


def _only_allowed(_logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
    return {name: value for name, value in fields.items() if name in ALLOWED_FIELDS}


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames]


def _exception_without_message(_logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
    info = fields.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        fields["error"], fields["where"] = type(error).__name__, _places(error)
    return fields


class _LibraryRecords(logging.Handler):
    """Pass on only the library, the place and the level of its log records: their text may quote a record."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        place = f"{record.filename}:{record.lineno}"
        structlog.get_logger().log(record.levelno, "library_message", logger=record.name, where=place, error=error)


def configure_logging(service: str, level: str) -> None:
    """Send this process's logs to standard output as JSON lines."""
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception_without_message,
        _only_allowed,
        structlog.processors.JSONRenderer(serializer=_dumps),
    ]
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.BytesLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(handlers=[_LibraryRecords()], level=logging.WARNING, force=True)


def _dumps(fields: EventDict, **_options: Any) -> bytes:
    return orjson.dumps(fields, default=lambda value: type(value).__name__)
