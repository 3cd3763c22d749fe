"""One source is opened with the offline escrow key: the audit has it first, and no other key or record opens."""

import asyncio
import getpass
import json
from collections.abc import Generator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner

from pipeline_admin.main import app
from tests.support.changing_keys import Ceremony
from tests.support.intake import Frontend
from tests.support.journey import SOURCE, Databases, case_of, submission_of, submit
from tests.support.operators import sign_in
from tests.support.people import id_of

AUDIT = "SELECT actor, action, reason FROM audit WHERE subject = $1 ORDER BY id"
CARRIED = "SELECT reason FROM audit WHERE action = 'ceremony_act_carried' ORDER BY id"


@pytest.fixture
def on_host(ceremony: Ceremony) -> Generator[pytest.MonkeyPatch]:
    """Be on a host, as an operator who has just signed in."""
    sign_in(ceremony.stack, "operations-1")
    with pytest.MonkeyPatch.context() as host:
        host.setenv("ADMIN_FILE", str(ceremony.stack.home.installation_file))
        yield host


async def run(*arguments: object) -> tuple[int, str]:
    done = await asyncio.to_thread(CliRunner().invoke, app, ["keys", *map(str, arguments)])
    return done.exit_code, done.output


def opening(ceremony: Ceremony, file: Path) -> tuple[object, ...]:
    return "escrow", "open", file, "--folder", ceremony.place / "offline", "--reason", "order 7"


async def test_a_source_is_taken_with_a_reason_and_opened_offline(
    ceremony: Ceremony, frontend: Frontend, databases: Databases, on_host: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    receipt = await submit(frontend)
    case_id = await case_of(databases, receipt)
    source_ref = await databases["restricted"].fetchval(SOURCE, await submission_of(databases, receipt))
    taking = ("escrow", "take", "--case", case_id, "--out", tmp_path / "sealed.json")
    assert (await run(*taking, "--reason", " "))[0] == 1
    code, output = await run(*taking, "--reason", "order 7")
    assert code == 0, output
    assert (await run(*taking, "--reason", "order 7"))[0] == 1  # the file is there
    sam = f"operator:{id_of(ceremony.stack, 'operations-1')}"
    in_triage = await databases["triage"].fetch(AUDIT, str(case_id))
    assert tuple(in_triage[-1]) == (sam, "source_of_case_asked", "order 7")
    in_store = await databases["restricted"].fetch(AUDIT, str(source_ref))
    assert [tuple(row) for row in in_store] == [(sam, "sealed_source_taken", "order 7")]
    assert "Entwistle" not in (tmp_path / "sealed.json").read_text()
    assert "service_host" in (await run(*opening(ceremony, tmp_path / "sealed.json")))[1]
    on_host.delenv("ADMIN_FILE")
    code, output = await run(*opening(ceremony, tmp_path / "sealed.json"))
    assert code == 0, output
    assert "Entwistle" in output
    await carries_its_log(ceremony, databases, on_host)


async def carries_its_log(ceremony: Ceremony, databases: Databases, on_host: pytest.MonkeyPatch) -> None:
    on_host.setenv("ADMIN_FILE", str(ceremony.stack.home.installation_file))
    log = ceremony.place / "offline" / "ceremony.log"
    acts = len(log.read_text().splitlines())
    assert f"{acts} acts carried" in (await run("carry", log))[1]
    assert "0 acts carried" in (await run("carry", log))[1]
    carried = [row["reason"] for row in await databases["restricted"].fetch(CARRIED)]
    assert len(carried) == acts
    assert f"account:{getpass.getuser()} source_opened" in carried[-1]
    assert "order 7" in carried[-1]


async def test_a_record_that_was_moved_or_that_is_not_there_opens_nothing(
    ceremony: Ceremony, frontend: Frontend, databases: Databases, on_host: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    receipt, none = await submit(frontend), uuid4()
    await case_of(databases, receipt)
    source_ref = await databases["restricted"].fetchval(SOURCE, await submission_of(databases, receipt))
    assert isinstance(source_ref, UUID)
    taking = ("escrow", "take", "--reason", "order 7", "--out", tmp_path / "sealed.json")
    assert "no_source" in (await run(*taking, "--source", none))[1]
    assert "no_case" in (await run(*taking, "--case", none))[1]
    assert (await run(*taking, "--source", source_ref))[0] == 0
    sealed = json.loads((tmp_path / "sealed.json").read_text())
    on_host.delenv("ADMIN_FILE")
    for change, code in (
        ({"source_ref": str(none)}, "escrow_cannot_open"),
        ({"sealed": "AQAA"}, "escrow_cannot_open"),
        ({"sealed": "zq!"}, "escrow_cannot_open"),
        ({"more": 1}, "request_unreadable"),
    ):
        spoilt = tmp_path / "spoilt.json"
        spoilt.write_text(json.dumps(sealed | change))
        assert code in (await run(*opening(ceremony, spoilt)))[1]
