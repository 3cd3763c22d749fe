"""The drill: load, backup, more load, loss of all databases, restore; nothing lost without notice, no record twice."""

import asyncio
import os
import shutil
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from pipeline_admin.backup.gap import count_forgotten
from pipeline_admin.backup.manifest import Manifest
from pipeline_admin.backup.refusal import BackupError
from pipeline_admin.backup.restoring import Restore
from pipeline_local.programs import APPLICATIONS
from pipeline_local.stack import LocalStack
from pipeline_settings.processes import DATABASE_OF
from pipeline_shared.crypto.keys import load_private
from pipeline_shared.crypto.providers import FileKeys
from pipeline_simulators.people import Played
from tests.chaos.run import people_at_work
from tests.integration.backup.drill import ACCEPTED, Account, Drill
from tests.support.building import a_form
from tests.support.intake import Frontend, add_agency, open_frontend
from tests.support.operators import SAM
from tests.support.stack import create_stack, running
from tests.support.waiting import until_ready, wait_for


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[LocalStack]:
    """Start a stack of its own: its databases are destroyed."""
    with running(create_stack(tmp_path_factory.mktemp("stack")), *APPLICATIONS) as stack:
        yield stack


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


async def work_before(drill: Drill, frontend: Frontend, folder: Path) -> tuple[Account, Manifest]:
    """Submit and decide before, during and after a backup."""

    async def is_ready() -> bool:
        return (await frontend.submit(a_form()))[0] == 202

    await wait_for(is_ready, "intake")
    async with people_at_work(drill.stack, Played()):
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
    async with people_at_work(stack, Played()):
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
