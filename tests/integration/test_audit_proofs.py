"""`pipeline audit verify`: an entry that blames a person is believed only if the site itself made it."""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from pipeline_admin.installation import audit_key_file
from pipeline_admin.main import app
from pipeline_local.stack import LocalStack
from pipeline_settings.processes import DATABASE_OF
from tests.support.operators import give, sign_in
from tests.support.people import id_of
from tests.support.provider import ProviderControl
from tests.support.visitor import Visitor

SITES = {"triage": ("triage", "officer-1", "/queue"), "desk": ("sanitiser", "desk-1", "/held")}
ADD = """
INSERT INTO audit (actor, action, subject, reason, sign_in, proof) VALUES ($1, 'case_read', $2, '', $3, $4)
"""
PEOPLE = "SELECT id, action, sign_in, proof FROM audit WHERE id > $1 AND actor LIKE 'person:%' ORDER BY id"


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def admin(stack: LocalStack, site: str) -> AsyncGenerator[asyncpg.Connection, None]:
    connection = await asyncpg.connect(stack.admin_dsn(DATABASE_OF[SITES[site][0]]))
    yield connection
    await connection.close()


async def verify(stack: LocalStack, site: str, *keys: Path) -> Result:
    own, *former = keys or [key_file(stack, site)]
    files = [word for key in former for word in ("--former-key", str(key))]
    environment = {
        "ADMIN_FILE": str(stack.home.installation_file),
        "ADMIN_AUDIT_KEYS": json.dumps({site: str(own)}),
    }
    await asyncio.to_thread(sign_in, stack, "auditor-1")
    return await asyncio.to_thread(CliRunner().invoke, app, ["audit", "verify", site, *files], env=environment)


def key_file(stack: LocalStack, site: str) -> Path:
    return stack.home.keys / audit_key_file(site)


def listed(result: Result) -> dict[int, str]:
    """Return the listed entries: the fault of each by its number."""
    lines = [line.split("  ") for line in result.stdout.splitlines() if line[0].isdigit() and "  " in line]
    return {int(line[0]): line[2] for line in lines}


async def last_entry(admin: asyncpg.Connection) -> int:
    return await admin.fetchval("SELECT coalesce(max(id), 0) FROM audit") or 0


async def test_everything_that_a_site_says_of_people_is_proven(
    pipeline: LocalStack, site: str, admin: asyncpg.Connection
) -> None:
    _, person, page = SITES[site]
    before = await last_entry(admin)
    visitor = await Visitor.enter(pipeline.address(site), person)
    await visitor.get(page)
    async with ProviderControl.open(pipeline) as control:
        await control.sign_out(person)
    await visitor.leave()
    stranger = Visitor(pipeline.address(site), "nobody-1")
    assert (await stranger.sign_in()).status_code == 403
    await stranger.leave()
    rows = await admin.fetch(PEOPLE, before)
    assert {row["action"] for row in rows} >= {"signed_in", "session_ended", "sign_in_refused"}
    assert listed(await verify(pipeline, site)).keys() & {row["id"] for row in rows} == set()


async def test_attack_75_an_entry_that_the_sites_own_database_role_inserted_is_listed(
    pipeline: LocalStack, site: str, admin: asyncpg.Connection
) -> None:
    _, person, page = SITES[site]
    before = await last_entry(admin)
    visitor = await Visitor.enter(pipeline.address(site), person)
    await visitor.get(page)
    await visitor.leave()
    genuine = (await admin.fetch(PEOPLE, before))[-1]
    actor, sign_in, proof = id_of(pipeline, person), genuine["sign_in"], genuine["proof"]
    forged = await asyncpg.connect(pipeline.app_dsn(site))
    start = await last_entry(admin)
    for values in (("", ""), (sign_in, ""), (sign_in, proof), (sign_in, "00" * 32), (sign_in, "no hex")):
        await forged.execute(ADD, actor, "a\x1b[2Jcase", *values)
    await forged.close()
    result = await verify(pipeline, site)
    assert result.exit_code == 1
    faults = listed(result)
    mine = await admin.fetch("SELECT id FROM audit WHERE id > $1 AND subject LIKE 'a_[2Jcase' ORDER BY id", start)
    assert [faults[row["id"]] for row in mine] == ["no proof", "no proof", *["wrong proof"] * 3]
    assert genuine["id"] not in faults
    assert "\x1b" not in result.stdout


async def test_a_former_audit_key_proves_what_was_entered_under_it(
    pipeline: LocalStack, site: str, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    _, person, _ = SITES[site]
    before = await last_entry(admin)
    await (await Visitor.enter(pipeline.address(site), person)).leave()
    (entry, *_) = await admin.fetch(PEOPLE, before)
    other = tmp_path / "key"
    other.touch(0o600)
    other.write_bytes(base64.b64encode(b"k" * 32))
    assert listed(await verify(pipeline, site, other))[entry["id"]] == "wrong proof"
    assert entry["id"] not in listed(await verify(pipeline, site, other, key_file(pipeline, site)))


@pytest.mark.parametrize("content", ["", "not base64!", base64.b64encode(b"short").decode()])
async def test_a_file_without_a_key_is_refused(stack: LocalStack, tmp_path: Path, content: str) -> None:
    file = tmp_path / "key"
    file.touch(0o600)
    file.write_text(content)
    result = await verify(stack, "triage", file)
    assert (result.exit_code, "key" in result.stderr) == (1, True)


async def test_a_key_that_others_can_reach_is_refused(pipeline: LocalStack, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(base64.b64encode(b"k" * 32))
    file.chmod(0o640)
    result = await verify(pipeline, "triage", file)
    assert (result.exit_code, "others can reach it" in result.stderr) == (1, True)


async def test_attack_81_an_operators_entry_that_no_sign_in_proves_is_listed(
    pipeline: LocalStack, site: str, admin: asyncpg.Connection
) -> None:
    service = SITES[site][0]
    operator = await asyncio.to_thread(sign_in, pipeline, "operations-1")
    assert (await asyncio.to_thread(give, pipeline, "resend", "2200-01-01T00:00+0000", "--reason", "lost"))[0] == 0
    (proven,) = await admin.fetch("SELECT id FROM audit WHERE actor = $1 ORDER BY id DESC LIMIT 1", operator)
    start = await last_entry(admin)
    forged = await asyncpg.connect(pipeline.installation().database(service))
    for actor in (operator, "operator:person:somebody"):
        await forged.execute(ADD, actor, "outbox", "no sign-in", "")
    await forged.close()
    faults = listed(await verify(pipeline, site))
    mine = await admin.fetch("SELECT id FROM audit WHERE id > $1 AND sign_in = 'no sign-in'", start)
    assert [faults[row["id"]] for row in mine] == ["nobody proven"] * 2
    assert proven["id"] not in faults
