"""Two kinds of failure, told apart once: what belongs to one record, and what belongs to the infrastructure.

A record's failure is retried a few times and then parked, so that its partition moves on. The infrastructure's failure
parks nothing: it is waited for, because every record would fail the same way.
"""

import asyncpg
from aiokafka.errors import KafkaError


class PermanentError(Exception):
    """This record will fail every time; `code` is a short machine word and never holds data."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StoppedError(Exception):
    """The service stops while a record waits for its next try: nothing is parked, and its offset stays where it is."""


class ParkingLimitError(Exception):
    """Too much of a topic would be parked: the consumer keeps what it has in hand, and moves no offset."""


# SQLSTATE classes that a record's own values can cause: bad data (asyncpg's own refusal to encode a parameter is one
# too), a broken constraint, a lost race, more than an index or a statement can take.
RECORD_SQLSTATES = ("22", "23", "40", "54")


def is_infrastructure(error: BaseException) -> bool:
    """Tell whether a failure says nothing about the record at hand."""
    if isinstance(error, asyncpg.PostgresError):
        sqlstate: str = getattr(error, "sqlstate", None) or ""
        return not sqlstate.startswith(RECORD_SQLSTATES)
    return isinstance(error, OSError | asyncpg.InterfaceError | KafkaError | TimeoutError | ParkingLimitError)


def error_code(error: BaseException) -> str:
    """Return what may be logged and stored of a failure: its own code or its class name, never its message."""
    if isinstance(error, ParkingLimitError):
        return "parking_limit"
    return error.code if isinstance(error, PermanentError) else type(error).__name__
