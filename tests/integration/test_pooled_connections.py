"""A connection that goes back to the pool takes nothing of its last user to the next one."""

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_shared.runtime.db import create_pool
from tests.support.settings import settings_of

LEFT = (
    ("SET application.person = 'person:one'", "SELECT nullif(current_setting('application.person', true), '')", None),
    ("SET search_path = pg_catalog", "SELECT current_setting('search_path')", '"$user", public'),
    ("SET ROLE NONE; SET statement_timeout = 1", "SELECT current_setting('statement_timeout') <> '1ms'", True),
    ("CREATE TEMP TABLE left_behind AS SELECT 1 AS one", "SELECT pg_backend_pid() IS NOT NULL", True),
    ("SELECT pg_notify('x', 'y'); LISTEN x", "SELECT count(*) FROM pg_listening_channels()", 0),
)


@pytest.mark.parametrize(("statement", "question", "expected"), LEFT)
async def test_attack_49_a_pooled_connection_keeps_no_setting(
    stack: LocalStack, statement: str, question: str, expected: object
) -> None:
    pool = create_pool(settings_of(stack, "triage", database_connections=1), "test")
    async with pool:
        async with pool.acquire() as first:
            pid = await first.fetchval("SELECT pg_backend_pid()")
            try:
                await first.execute(statement)
            except asyncpg.InsufficientPrivilegeError:
                pytest.skip("the role may not even do this")
        async with pool.acquire() as second:
            assert await second.fetchval("SELECT pg_backend_pid()") == pid
            assert await second.fetchval(question) == expected
