"""`pipeline audit verify`: what was done in the database past the site is listed: the audit does not name it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
import pytest

import sanitiser_service.auditors
import triage_service.auditors
from pipeline_admin.audit_acts import compare_acts
from pipeline_local.stack import LocalStack
from pipeline_simulators.browsing import Browser, Page
from pipeline_simulators.people import SOURCE_DESK, answers_on
from tests.support.intake import Frontend
from tests.support.journey import hold_submission
from tests.support.operators import give, sign_in
from tests.support.people import id_of
from tests.support.triage import form_of, open_case
from tests.support.visitor import Visitor

ACTS = {"triage": triage_service.auditors.ACTS, "restricted": sanitiser_service.auditors.ACTS}
PERSON, THING = "person:forged", uuid4()
WAITING = """
INSERT INTO triage_case (case_id, source_ref, status_token, agency_category, received_on, state, version, content,
    recommendation)
VALUES ($1, gen_random_uuid(), gen_random_uuid(), 'school', now(), 'waiting', 1,
    '{"title": "x", "narrative": "x", "category": "x"}', '{"outcome": "x", "priority": "routine"}')
"""
FLAG = "INSERT INTO safety_flag (flag_id, reasons, preview, flagged_at) VALUES ($1, '{weapon}', '{}', now())"
SOURCE = "INSERT INTO source_record VALUES (gen_random_uuid(), $1, '', now())"
HELD = "INSERT INTO held (submission_ref, sealed, reasons, held_at) VALUES ($1, '', '{}', now())"
DECIDE = """
INSERT INTO decision (case_id, number, outcome, reason, decided_by, decided_at)
VALUES ($1, 1, 'record', 'x', '{}', now())
"""
REOPEN = "INSERT INTO reopening VALUES ($1, 1, 'person:forged', 'person:other', 'x', now(), 'waiting')"
OWN = "UPDATE safety_flag SET acknowledged_by = '{}', acknowledged_at = now() WHERE flag_id = $1"
TAKE_OVER = "INSERT INTO flag_takeover VALUES ($1, 'person:other', 'person:forged', 'x', now())"
CLOSE = "UPDATE triage_case SET state = 'not_recorded' WHERE case_id = $1"
KEEP = """
UPDATE held SET state = 'kept', version = version + 1, decided_by = 'person:forged', decided_at = now()
WHERE submission_ref = $1
"""
RELEASE = "UPDATE held SET state = 'released', sealed = NULL WHERE submission_ref = $1"
ENTER = "INSERT INTO audit (actor, action, subject) VALUES ('{}', '{}', $1::uuid::text)"
MADE = {"triage": (WAITING, FLAG), "restricted": (SOURCE, HELD)}
ROLE = {"triage": ("triage_app", "triage_auditor"), "restricted": ("sanitiser_desk_app", "sanitiser_auditor")}
# Changes made in the database with the site's own role, and the faults that the auditor then finds.
Fault = tuple[str, str | None, str]
CASES: dict[str, tuple[str, list[str], set[Fault]]] = {
    "a decision": (
        "triage",
        [DECIDE.format(PERSON)],
        {("case_decided", PERSON, "1 without an entry"), ("case_reopened", None, "1 without an entry")},
    ),
    "a decision as a service": (
        "triage",
        [DECIDE.format("service:triage"), CLOSE, ENTER.format("service:triage", "case_decided")],
        {("case_decided", "service:triage", "by no person"), ("case_decided", None, "1 without an entry")},
    ),
    "a decision with another person's entry": (
        "triage",
        [DECIDE.format(PERSON), CLOSE, ENTER.format("person:other", "case_decided")],
        {("case_decided", PERSON, "1 without an entry")},
    ),
    "a reopening": (
        "triage",
        [DECIDE.format(PERSON), ENTER.format(PERSON, "case_decided"), REOPEN],
        {("case_reopened", "person:other", "1 without an entry"), ("case_reopened", None, "1 without an entry")},
    ),
    "a state": ("triage", [CLOSE], {("case_decided", None, "1 without an entry")}),
    "a state after a reopening": (
        "triage",
        [
            DECIDE.format(PERSON),
            ENTER.format(PERSON, "case_decided"),
            REOPEN,
            ENTER.format("person:other", "case_reopened"),
            CLOSE,
        ],
        {("case_decided", None, "1 without an entry")},
    ),
    "a decision by an empty name": (
        "triage",
        [DECIDE.format(""), CLOSE, ENTER.format("service:triage", "case_decided")],
        {("case_decided", "", "by no person"), ("case_decided", None, "1 without an entry")},
    ),
    "an owner": ("triage", [OWN.format(PERSON)], {("safety_flag_acknowledged", PERSON, "1 without an entry")}),
    "a takeover": (
        "triage",
        [OWN.format("person:other"), ENTER.format("person:other", "safety_flag_acknowledged"), TAKE_OVER],
        {("safety_flag_taken_over", PERSON, "1 without an entry")},
    ),
    "a review": (
        "restricted",
        [KEEP],
        {("held_submission_kept", PERSON, "1 without an entry"), ("held_submission_kept", None, "1 without an entry")},
    ),
    "a second review": (
        "restricted",
        [KEEP, KEEP, ENTER.format(PERSON, "held_submission_kept")],
        {("held_submission_kept", None, "1 without an entry")},
    ),
    "a release by nobody": ("restricted", [RELEASE], {("held_submission_released", None, "1 without an entry")}),
    "nothing": ("triage", [], set()),
    "a review with its entry": ("restricted", [KEEP, ENTER.format(PERSON, "held_submission_kept")], set()),
}


@asynccontextmanager
async def undone(stack: LocalStack, database: str) -> AsyncGenerator[asyncpg.Connection, None]:
    """Open a transaction that leaves nothing."""
    connection = await asyncpg.connect(stack.admin_dsn(database))
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()


async def faults_of(connection: asyncpg.Connection, database: str, subject: UUID) -> set[Fault]:
    """Return the faults that an auditor's role finds about one thing."""
    await connection.execute(f"SET LOCAL ROLE {ROLE[database][1]}")
    acts = [act async for act in compare_acts(connection, ACTS[database]) if act.subject == str(subject)]
    return {(act.action, act.actor, act.fault) for act in acts if act.fault}


@pytest.mark.parametrize("case", CASES)
async def test_attack_75_what_was_done_past_the_site_is_listed(stack: LocalStack, case: str) -> None:
    database, statements, expected = CASES[case]
    async with undone(stack, database) as connection:
        for statement in MADE[database]:
            await connection.execute(statement, THING)
        await connection.execute(f"SET LOCAL ROLE {ROLE[database][0]}")
        for statement in statements:
            await connection.execute(statement, THING)
        assert await faults_of(connection, database, THING) == expected


async def test_what_officers_and_reviewers_do_at_their_sites_has_its_entries(
    pipeline: LocalStack, frontend: Frontend, databases: dict[str, asyncpg.Connection]
) -> None:
    async with asyncpg.create_pool(pipeline.app_dsn("triage"), min_size=0) as pool:
        case_id = await open_case(pool)
    officer = await Visitor.enter(pipeline.address("triage"), "officer-1")
    assert (await officer.post(f"/cases/{case_id}/decision", await form_of(officer, case_id))).is_redirect
    await officer.leave()
    _, ref = await hold_submission(frontend, databases, narrative="Mags has seen a white van.")
    async with Browser(pipeline.address("desk"), SOURCE_DESK) as desk:
        page = Page.read((await desk.read(f"/held/{ref}")).text)
        decided = page.fields | answers_on(page) | {"reason": "Many"}
        assert (await desk.send(f"/held/{ref}/release", decided)).status == 303
    for database, subject in (("triage", case_id), ("restricted", ref)):
        async with undone(pipeline, database) as connection:
            assert await connection.fetchval("SELECT count(*) > 1 FROM audit WHERE subject = $1", str(subject))
            assert await faults_of(connection, database, subject) == set()


async def test_the_command_ends_with_1_and_names_what_has_no_entry(
    pipeline: LocalStack, databases: dict[str, asyncpg.Connection]
) -> None:
    flag_id = uuid4()
    await databases["triage"].execute(FLAG, flag_id)
    await databases["triage"].execute(OWN.format(id_of(pipeline, "officer-1")), flag_id)
    await asyncio.to_thread(sign_in, pipeline, "auditor-1")
    code, output = await asyncio.to_thread(give, pipeline, "audit", "verify", "triage")
    (line,) = [line for line in output.splitlines() if str(flag_id) in line]
    assert code == 1
    assert "1 without an entry" in line
    assert "acts of people compared, " in output
    await databases["triage"].execute("DELETE FROM safety_flag WHERE flag_id = $1", flag_id)


ENTERED = "INSERT INTO audit (actor, action, subject, at) VALUES ('{}', '{}', 'x', {})"


@pytest.mark.parametrize(
    "entry",
    [
        ("person:x", "audit_verified", "now()"),
        ("service:triage", "audit_verified", "now()"),
        ("operator:person:x", "case_decided", "now()"),
        ("operator:person:x", "audit_verified", "now() - interval '1 hour'"),
    ],
)
@pytest.mark.parametrize("database", ROLE)
async def test_an_auditor_enters_their_own_reading_and_nothing_else(
    stack: LocalStack, database: str, entry: tuple[str, str, str]
) -> None:
    async with undone(stack, database) as connection:
        await connection.execute(f"SET LOCAL ROLE {ROLE[database][1]}")
        await connection.execute(ENTERED.format("operator:person:x", "audit_verified", "now()"))
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await connection.execute(ENTERED.format(*entry))


NEVER = {
    "triage": ["SELECT content FROM triage_case", "SELECT reason FROM decision", "SELECT preview FROM safety_flag"],
    "restricted": ["SELECT sealed FROM held", "SELECT * FROM source_record", "SELECT * FROM session"],
}


@pytest.mark.parametrize(("database", "statement"), [(name, each) for name in NEVER for each in NEVER[name]])
async def test_an_auditor_reads_who_acted_and_never_on_what_content(
    stack: LocalStack, database: str, statement: str
) -> None:
    async with undone(stack, database) as connection:
        await connection.execute(f"SET LOCAL ROLE {ROLE[database][1]}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
