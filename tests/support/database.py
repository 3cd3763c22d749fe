"""A pool like the one that the code of a service gets."""

import asyncpg

from pipeline_shared.runtime.work import Database

ID_KEY = b"a secret of the tests"


def database_of(pool: asyncpg.Pool) -> Database:
    """Return a database in which ids are made with the secret of the tests."""
    return Database(pool, ID_KEY)
