"""A search to the last byte of everything that submissions leave in places where the source must not be readable.

Databases are read twice: each value of each table, and the files of the server with its log of changes, which still
contain deleted rows. The restricted store is included: it holds only ciphertext of a source.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager

import asyncpg

from pipeline_local.stack import LocalStack
from pipeline_settings.processes import DATABASE_OF
from pipeline_simulators.browsing import Browser
from pipeline_simulators.people import OFFICERS
from tests.support.canary import Search
from tests.support.stack import OURS, SERVED
from tests.support.web import web_session

TABLES = """
SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""
# Intake stores the names of its agencies in one table, its indexes, and the planner's samples of it.
AGENCY_FILES = """
SELECT pg_relation_filepath(oid) AS path FROM pg_class
WHERE oid = 'agency'::regclass OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'agency'::regclass)
   OR relname IN ('pg_statistic') OR oid = (SELECT reltoastrelid FROM pg_class WHERE relname = 'pg_statistic')
"""
AGENCY_TABLE = ("intake", "public.agency")
WRITE_AHEAD_LOG = "pg_wal"  # one log for all databases: a name in any other table shows in the files of that table
READ_AT_ONCE = 8


async def leaks(stack: LocalStack, search: Search, *, but_agencies: bool = False) -> list[str]:
    """Return the places of each mark; `but_agencies` omits the places where intake keeps the names of agencies."""
    exempt_files = await _files_of_agencies(stack) if but_agencies else []
    found = [
        f"{database}.{table}: {hit}"
        async for database, table, data in _tables(stack)
        if not (but_agencies and (database, table) == AGENCY_TABLE)
        for hit in search.in_bytes(data)
    ]
    found += [f"{where}: {hit}" async for where, data in open_side(stack) for hit in search.in_bytes(data)]
    return found + await asyncio.to_thread(lambda: list(_in_files(stack, search, exempt_files)))


async def _tables(stack: LocalStack) -> AsyncIterator[tuple[str, str, bytes]]:
    """Yield the values of every table: bytes unchanged, everything else as text."""
    for database in DATABASE_OF.values():
        async with _administrator(stack, database) as connection:
            for (table,) in await connection.fetch(TABLES):
                rows = await connection.fetch(f"SELECT * FROM {table}")  # noqa: S608 - quoted by format()
                yield database, table, b"\n".join(_bytes(value) for row in rows for value in row)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


async def _files_of_agencies(stack: LocalStack) -> list[str]:
    async with _administrator(stack, "intake") as connection:
        paths = [row["path"] for row in await connection.fetch(AGENCY_FILES)]
    return [str(stack.postgres.folder / path) for path in (*paths, WRITE_AHEAD_LOG)]


@asynccontextmanager
async def _administrator(stack: LocalStack, database: str) -> AsyncGenerator[asyncpg.Connection, None]:
    connection = await asyncpg.connect(stack.admin_dsn(database))
    try:
        await connection.execute("CHECKPOINT")  # so that the files also contain the pages in memory
        yield connection
    finally:
        await connection.close()


def _in_files(stack: LocalStack, search: Search, exempt: Iterable[str]) -> Iterator[str]:
    """Search data, logs and states: all files in the folder of the stack except keys, and PostgreSQL's folder."""
    exempt = (str(stack.home.keys), *exempt)
    root, database = stack.home.root, stack.postgres.folder
    for folder in (root,) if database.is_relative_to(root) else (root, database):
        for path in folder.rglob("*"):
            if not str(path).startswith(exempt):
                try:
                    yield from (f"{path}: {hit}" for hit in search.in_file(path))
                except (FileNotFoundError, IsADirectoryError):  # some are removed during the search
                    continue


async def open_side(stack: LocalStack) -> AsyncIterator[tuple[str, bytes]]:
    """Yield every page and answer that a person outside the source desk can get."""
    async with web_session() as session:
        for url in _addresses(stack):
            async with session.get(url, headers=_police_token(stack, url)) as answer:
                yield url, f"{answer.headers}".encode() + await answer.read()
    async with Browser(stack.address("triage"), OFFICERS[0]) as officer:
        async for page in _read_all(officer, "triage", await _triage_paths(stack)):
            yield page
    async with Browser(stack.address("desk"), OFFICERS[0]) as officer:
        async for page in _read_all(officer, "desk", await _held_paths(stack)):
            yield page


def _addresses(stack: LocalStack) -> Iterator[str]:
    for process in OURS:
        for path in ("/metrics", "/health/ready", "/health/live", "/no-such-page"):
            yield stack.operations_address(process) + path
    for process in SERVED:
        for path in ("/no-such-page", "/sign-in"):
            yield stack.address(process) + path
    yield from (stack.address("intake") + path for path in ("/openapi.json", "/docs", "/v1/submissions/PIP-1"))
    yield from (stack.address("police") + path for path in ("/", "/records?limit=10000", "/no-such-page"))


def _police_token(stack: LocalStack, url: str) -> dict[str, str]:
    return {"authorization": f"Bearer {stack.keys.police_token}"} if url.startswith(stack.address("police")) else {}


async def _triage_paths(stack: LocalStack) -> list[str]:
    async with _administrator(stack, "triage") as connection:
        cases = await connection.fetch("SELECT case_id FROM triage_case")
    pages = range(1, len(cases) // 25 + 2)
    queues = [f"/queue?state={state}&page={page}" for state in ("waiting", "decided") for page in pages]
    return [*queues, *(f"/cases/{row['case_id']}" for row in cases), "/cases/no-case", "/queue?page=x"]


async def _held_paths(stack: LocalStack) -> list[str]:
    async with _administrator(stack, "restricted") as connection:
        held = await connection.fetch("SELECT submission_ref FROM held LIMIT 20")
    return ["/held", *(f"/held/{row['submission_ref']}" for row in held)]


async def _read_all(browser: Browser, site: str, paths: list[str]) -> AsyncIterator[tuple[str, bytes]]:
    for at in range(0, len(paths), READ_AT_ONCE):
        some = paths[at : at + READ_AT_ONCE]
        for path, page in zip(some, await asyncio.gather(*map(browser.read, some)), strict=True):
            yield f"{site}{path}", f"{page.location} {page.text}".encode()
