"""A pool like the one that the code of a service gets."""

import asyncpg

from pipeline_shared.messaging.signatures import Signer
from pipeline_shared.runtime.work import Database
from tests.support.signing import SIGNERS

ID_KEY = b"a secret of the tests"


def database_of(pool: asyncpg.Pool, signer: Signer = SIGNERS["triage"]) -> Database:
    """Return a database in which ids are made with the secret of the tests, and events signed with a key of theirs."""
    return Database(pool, ID_KEY, signer)
