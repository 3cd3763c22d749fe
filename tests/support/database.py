"""A pool as the services' code gets it."""

import asyncpg

from pipeline_shared.runtime.work import Database

ID_KEY = b"a secret of the tests"


def database_of(pool: asyncpg.Pool) -> Database:
    """Return a database in which ids are made under the tests' own secret."""
    return Database(pool, ID_KEY)
