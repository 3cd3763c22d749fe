"""Attack 81: operators are people whom the provider proves at each command; their database role can do little."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from pipeline_local.stack import LocalStack
from pipeline_settings.processes import OPERATOR_ROLE_OF, SERVICE_PROCESSES
from pipeline_shared.access.people import Role
from pipeline_shared.access.permissions import PERMISSIONS, Action
from pipeline_simulators.provider.tokens import Fault
from tests.support.operators import give, sign_in, sign_in_file
from tests.support.people import PERSON_WITH, ROLES_OF
from tests.support.provider import ProviderControl

NONE = str(uuid4())
SINCE = "2200-01-01T00:00+0000"
COMMANDS: dict[tuple[str, ...], Action] = {
    ("status", "--json"): Action.SEE_STATUS,
    ("parked", "list"): Action.SEE_PARKED,
    ("parked", "show", "triage", "0"): Action.SEE_PARKED,
    ("parked", "replay", "triage", "0", "--reason", "mended"): Action.REPLAY_PARKED,
    ("resend", SINCE, "--reason", "lost"): Action.RESEND_EVENTS,
    ("agency", "list"): Action.SEE_AGENCIES,
    ("agency", "add", "A school"): Action.CHANGE_AGENCIES,
    ("agency", "rotate", "A school"): Action.CHANGE_AGENCIES,
    ("agency", "limit", "A school"): Action.CHANGE_AGENCIES,
    ("agency", "revoke", "A school"): Action.CHANGE_AGENCIES,
    ("keys", "carry", "/dev/null"): Action.CHANGE_KEYS,
    ("keys", "escrow", "take", "--source", NONE, "--reason", "order 7", "--out", "/nowhere"): Action.TAKE_SOURCE,
    ("backup", "gap"): Action.SEE_STATUS,
    ("audit", "verify", "triage"): Action.VERIFY_AUDIT,
}


def audit_of(stack: LocalStack, service: str, query: str, *arguments: object) -> list[tuple[str, ...]]:
    async def fetch() -> Sequence[asyncpg.Record]:
        connection = await asyncpg.connect(stack.admin_databases()[service])
        try:
            return await connection.fetch(query, *arguments)
        finally:
            await connection.close()

    return [tuple(row) for row in asyncio.run(fetch())]


ENTRIES = "SELECT count(*) FROM audit"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_attack_81_nobody_who_has_not_signed_in_gives_a_command(stack: LocalStack, command: tuple[str, ...]) -> None:
    sign_in_file(stack).unlink(missing_ok=True)
    before = [audit_of(stack, service, ENTRIES) for service in OPERATOR_ROLE_OF]
    code, output = give(stack, *command, LOGNAME="chief.constable", ADMIN_OPERATOR="chief.constable")
    assert (code, output) == (1, "refused: not_signed_in: run `pipeline sign-in`\n")
    assert [audit_of(stack, service, ENTRIES) for service in OPERATOR_ROLE_OF] == before


@pytest.mark.parametrize("role", Role)
def test_attack_81_a_command_is_refused_to_every_role_that_the_table_does_not_name(
    pipeline: LocalStack, role: Role
) -> None:
    person = PERSON_WITH[role]
    sign_in(pipeline, person)
    for command, action in COMMANDS.items():
        if PERMISSIONS[action].roles.isdisjoint(ROLES_OF[person]):
            code, output = give(pipeline, *command)
            assert (code, output) == (1, f"refused: not_permitted ({action}): no role of yours allows it\n")


ACT = "SELECT actor, sign_in FROM audit WHERE action = 'events_resent' ORDER BY id DESC LIMIT 1"
PROOF = "SELECT actor, sign_in, reason FROM audit WHERE action = 'operator_proven' AND subject = $1"


def test_attack_81_the_audit_names_who_signed_in_and_what_proved_it(pipeline: LocalStack) -> None:
    operator = sign_in(pipeline, "operations-1")
    code, output = give(
        pipeline, "resend", SINCE, "--reason", "lost", LOGNAME="chief.constable", USER="chief.constable"
    )
    assert code == 0, output
    for service in OPERATOR_ROLE_OF:
        ((actor, proven_by),) = audit_of(pipeline, service, ACT)
        assert actor == operator
        ((proven, own, shown),) = audit_of(pipeline, service, PROOF, proven_by)
        assert (proven, own) == (operator, proven_by)
        assert "auth_time=" in shown
        assert "id_token=sha256:" in shown


async def test_attack_81_a_role_or_an_account_that_is_taken_away_counts_for_the_next_command(
    pipeline: LocalStack,
) -> None:
    await asyncio.to_thread(sign_in, pipeline, "operations-1")
    async with ProviderControl.open(pipeline) as provider:
        await provider.change("operations-1", groups=[])
        code, output = await asyncio.to_thread(give, pipeline, "parked", "list")
        assert (code, "not_permitted" in output) == (1, True)
        await provider.change("operations-1", enabled=False)
        code, output = await asyncio.to_thread(give, pipeline, "parked", "list")
        assert (code, output) == (1, "refused: sign_in_ended: the sign-in counts no longer: run `pipeline sign-in`\n")


HARMLESS = {
    Fault.NONE,
    Fault.NONCE,  # a device sends none
    Fault.CALLBACK_ISSUER,  # a device has no callback
    Fault.NOT_FRESH,  # matters only to what needs a fresh sign-in
}
FORGED = [fault for fault in Fault if fault not in HARMLESS]


@pytest.mark.parametrize("fault", FORGED)
async def test_attack_81_a_token_that_proves_nothing_lets_nobody_in(pipeline: LocalStack, fault: Fault) -> None:
    await asyncio.to_thread(sign_in, pipeline, "operations-1")
    async with ProviderControl.open(pipeline) as provider:
        await provider.misbehave(fault)
        code, output = await asyncio.to_thread(give, pipeline, "parked", "list")
        assert code == 1
        assert output.startswith(("refused: sign_in_ended", "refused: provider_away"))


def test_attack_81_a_sign_in_that_others_can_read_counts_no_more(pipeline: LocalStack) -> None:
    sign_in(pipeline, "operations-1")
    file = sign_in_file(pipeline)
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    code, output = give(pipeline, "parked", "list")
    assert (code, "refused: sign_in_open" in output) == (1, True)
    file.unlink()


def test_attack_81_a_sign_in_that_was_ended_and_copied_before_counts_no_more(pipeline: LocalStack) -> None:
    sign_in(pipeline, "operations-1")
    file = sign_in_file(pipeline)
    copied = file.read_bytes()
    assert give(pipeline, "sign-out") == (0, "signed out\n")
    assert give(pipeline, "parked", "list")[1].startswith("refused: not_signed_in")
    file.touch(0o600)
    file.write_bytes(copied)
    assert give(pipeline, "parked", "list")[1].startswith("refused: sign_in_ended")


@pytest.mark.parametrize("command", [c for c, action in COMMANDS.items() if PERMISSIONS[action].needs_reason])
def test_attack_81_what_needs_a_reason_is_refused_without_one(pipeline: LocalStack, command: tuple[str, ...]) -> None:
    sign_in(pipeline, "operations-1")
    code, output = give(pipeline, *(" " if word in {"mended", "lost", "order 7"} else word for word in command))
    assert (code, output) == (1, "refused: no_reason: a reason is needed (--reason)\n")


ENTER = "INSERT INTO audit (actor, action, subject) VALUES ('{}', 'x', 'x')"
FORBIDDEN = [
    *[(service, "SELECT value FROM outbox") for service in OPERATOR_ROLE_OF],
    *[(service, "SELECT signature FROM outbox") for service in OPERATOR_ROLE_OF],
    *[(service, "SELECT sealed FROM parked") for service in OPERATOR_ROLE_OF],
    *[(service, "DELETE FROM parked") for service in OPERATOR_ROLE_OF],
    *[(service, "DELETE FROM audit") for service in OPERATOR_ROLE_OF],
    *[(service, "UPDATE audit SET actor = 'operator:x'") for service in OPERATOR_ROLE_OF],
    *[(service, ENTER.format("person:x")) for service in OPERATOR_ROLE_OF],
    *[(service, ENTER.format("service:x")) for service in OPERATOR_ROLE_OF],
    *[(service, "INSERT INTO outbox (event_id) VALUES (gen_random_uuid())") for service in OPERATOR_ROLE_OF],
    *[(service, "CREATE TABLE x ()") for service in OPERATOR_ROLE_OF],
    *[(service, "SELECT pg_try_advisory_lock(1)") for service in OPERATOR_ROLE_OF],
    ("intake", "SELECT agency_id FROM submission"),
    ("intake", "SELECT secret_hmac FROM agency_key"),
    ("intake", "UPDATE agency_key SET secret_hmac = ''"),
    ("intake", "SELECT * FROM rate_bucket"),
    ("sanitiser", "SELECT source_ref FROM source_record"),
    ("sanitiser", "SELECT sealed FROM source_record"),
    ("sanitiser", "SELECT sealed FROM held"),
    ("sanitiser", "UPDATE held SET state = 'released'"),
    ("sanitiser", "SELECT * FROM session"),
    ("sanitiser", "SELECT actor FROM audit"),
    ("sanitiser", "SELECT take_sealed_source(gen_random_uuid(), 'person:x', 'why', 'x')"),
    ("sanitiser", "SELECT take_sealed_source(gen_random_uuid(), 'operator:x', ' ', 'x')"),
    ("sanitiser", "SELECT take_sealed_source(gen_random_uuid(), 'operator:x', 'why', '')"),
    ("triage", "SELECT content FROM triage_case"),
    ("triage", "SELECT reason FROM decision"),
    ("triage", "SELECT * FROM person"),
    ("triage", "INSERT INTO session DEFAULT VALUES"),
    ("transfer", "SELECT envelope FROM transfer"),
    ("transfer", "UPDATE transfer SET envelope = ''"),
]


@pytest.mark.parametrize(("service", "statement"), FORBIDDEN)
async def test_attack_81_the_operators_role_in_the_database_can_do_no_more_than_the_commands_need(
    stack: LocalStack, service: str, statement: str
) -> None:
    connection = await asyncpg.connect(stack.installation().database(service))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


MADE = {
    "outbox": "INSERT INTO outbox (event_id, topic, partition, key, value, set_aside_at)"
    " VALUES (gen_random_uuid(), 'x', 0, $1, '', now())",
    "parked": "INSERT INTO parked (consumer, topic, partition, kafka_offset, sealed, error, attempts)"
    " VALUES ('x', $1::uuid::text, 0, 0, '', 'x', 1)",
}
PASSED_OVER = [
    ("outbox", "UPDATE outbox SET published_at = now() WHERE key = $1"),
    ("outbox", "UPDATE outbox SET set_aside_at = now() WHERE key = $1"),
    ("parked", "UPDATE parked SET state = 'replayed' WHERE topic = $1::uuid::text"),
]


@pytest.mark.parametrize(("table", "statement"), PASSED_OVER)
async def test_attack_81_an_operator_cannot_pass_a_row_over(stack: LocalStack, table: str, statement: str) -> None:
    admin = await asyncpg.connect(stack.admin_databases()["intake"])
    transaction, key = admin.transaction(), uuid4()
    await transaction.start()
    try:
        await admin.execute(MADE[table], key)
        await admin.execute(f"SET LOCAL ROLE {OPERATOR_ROLE_OF['intake']}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await admin.execute(statement, key)
    finally:
        await transaction.rollback()
        await admin.close()


async def test_attack_81_an_operator_cannot_lock_a_row_that_the_relay_has_to_send(stack: LocalStack) -> None:
    admin = await asyncpg.connect(stack.admin_databases()["intake"])
    transaction, key = admin.transaction(), uuid4()
    await transaction.start()
    try:
        await admin.execute(MADE["outbox"].replace("now()", "NULL"), key)
        await admin.execute(f"SET LOCAL ROLE {OPERATOR_ROLE_OF['intake']}")
        assert await admin.fetch("SELECT id FROM outbox WHERE key = $1", key)
        assert await admin.fetch("SELECT id FROM outbox WHERE key = $1 FOR UPDATE", key) == []
    finally:
        await transaction.rollback()
        await admin.close()


AN_AGENCY = "INSERT INTO agency (agency_id, name, category) VALUES ($1, $1::uuid::text, 'school')"
A_KEY = """
INSERT INTO agency_key (prefix, agency_id, secret_hmac, expires_at)
VALUES ($1::uuid::text, $1, '', now() + $2::interval)
"""


async def test_attack_81_an_agency_and_its_keys_change_with_a_trace_and_within_bounds_also_without_a_command(
    stack: LocalStack,
) -> None:
    admin = await asyncpg.connect(stack.admin_databases()["intake"])
    transaction, agency_id = admin.transaction(), uuid4()
    await transaction.start()
    try:
        await admin.execute(f"SET LOCAL ROLE {OPERATOR_ROLE_OF['intake']}")
        await admin.execute(AN_AGENCY, agency_id)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            async with admin.transaction():
                await admin.execute(A_KEY, agency_id, timedelta(days=2_000))
        await admin.execute(A_KEY, agency_id, timedelta(days=1))
        await admin.execute("UPDATE agency_key SET revoked_at = now() WHERE agency_id = $1", agency_id)
        again = "UPDATE agency_key SET revoked_at = NULL WHERE agency_id = $1"
        assert await admin.execute(again, agency_id) == "UPDATE 0"
        await admin.execute("RESET ROLE")
        trace = await admin.fetch("SELECT actor, action FROM audit WHERE subject = $1 ORDER BY id", str(agency_id))
        assert [row["action"] for row in trace] == ["row_insert", "row_insert", "row_update"]
        assert {row["actor"] for row in trace} == {"operator:role:postgres"}
    finally:
        await transaction.rollback()
        await admin.close()


@pytest.mark.parametrize("process", [each for each in SERVICE_PROCESSES if each.database_role], ids=lambda p: p.name)
@pytest.mark.parametrize("actor", ["operator:person:x", "Operator:x"])
async def test_attack_81_no_process_enters_anything_in_an_operators_name(
    stack: LocalStack, process: object, actor: str
) -> None:
    connection = await asyncpg.connect(stack.app_dsn(getattr(process, "name", "")))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await connection.execute(ENTER.format(actor))
    finally:
        await connection.close()
