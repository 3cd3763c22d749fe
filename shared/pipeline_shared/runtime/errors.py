"""Two kinds of failure: of one record, and of the infrastructure.

A record that fails is tried a few times and then parked, so that its partition continues. A failure of the
infrastructure parks nothing: the service waits, because every record would fail the same way.
"""

import asyncpg
from aiokafka.errors import KafkaError

from pipeline_shared.runtime.tls import fault_of


class PermanentError(Exception):
    """This record will fail every time; `code` is a short machine word and never holds data."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StoppedError(Exception):
    """The service stops while a record waits for its next try: nothing is parked, and its offset stays."""


class ParkingLimitError(Exception):
    """Too many records of a topic would be parked: the consumer keeps its batch and moves no offset."""


# SQLSTATE classes that the values of a record can cause: bad data (also refused by asyncpg itself when it encodes a
# parameter), a broken constraint, a lost race, a value too large for an index or a statement.
RECORD_SQLSTATES = ("22", "23", "40", "54")


def is_infrastructure(error: BaseException) -> bool:
    """Tell whether a failure is independent of the record."""
    if isinstance(error, asyncpg.PostgresError):
        sqlstate: str = getattr(error, "sqlstate", None) or ""
        return not sqlstate.startswith(RECORD_SQLSTATES)
    return isinstance(error, OSError | asyncpg.InterfaceError | KafkaError | TimeoutError | ParkingLimitError)


def error_code(error: BaseException) -> str:
    """Return the loggable part of a failure: its own code, why TLS failed, or its class name, never its message."""
    if isinstance(error, ParkingLimitError):
        return "parking_limit"
    return error.code if isinstance(error, PermanentError) else fault_of(error) or type(error).__name__
