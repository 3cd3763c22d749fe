"""The operator's commands on a running installation: each change is in the audit, with its operator and its reason."""

import asyncio
import json
from collections.abc import Sequence
from uuid import uuid4

import asyncpg
import pytest

from pipeline_local.frontends import register
from pipeline_local.stack import LocalStack
from pipeline_settings.processes import DATABASE_OF
from pipeline_shared.language.restricted import Agency
from pipeline_shared.language.vocabulary import AgencyCategory
from pipeline_shared.messaging.topics import SERVICES
from tests.support.operators import give, sign_in

AUDITED = """
SELECT actor, action, subject, reason FROM audit
WHERE subject = ANY($1::text[]) AND action NOT LIKE 'row_%' ORDER BY id
"""
PARK = """
INSERT INTO parked (consumer, topic, partition, kafka_offset, sealed, error, attempts)
VALUES ('triage', 'none.v1', 0, $1, 'x', 'not_readable', 1) RETURNING id
"""

Row = tuple[str, ...]


class Commands:
    """The operator's commands on one stack, given by whoever signed in last."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack

    def give(self, *arguments: str) -> tuple[int, str]:
        return give(self._stack, *arguments)

    def run(self, *arguments: str) -> str:
        code, output = self.give(*arguments)
        assert code == 0, output
        return output

    def sign_in(self, person: str) -> str:
        return sign_in(self._stack, person)

    def rows(self, service: str, query: str, *arguments: object) -> list[Row]:
        async def fetch() -> list[Row]:
            connection = await asyncpg.connect(self._stack.admin_databases()[service])
            try:
                return [tuple(row) for row in await connection.fetch(query, *arguments)]
            finally:
                await connection.close()

        return asyncio.run(fetch())

    def audited(self, service: str, *subjects: str) -> list[Row]:
        return self.rows(service, AUDITED, list(subjects))


@pytest.fixture
def commands(pipeline: LocalStack) -> Commands:
    return Commands(pipeline)


def actions(entries: Sequence[Row]) -> list[str]:
    return [action for _, action, *_ in entries]


def test_everything_that_is_done_to_an_agency_is_audited(commands: Commands) -> None:
    name, operator = f"Council {uuid4()}", commands.sign_in("agencies-1")
    first = commands.run("agency", "add", name, "--category", "council").strip().split("_")[1]
    second = commands.run("agency", "rotate", name).strip().split("_")[1]
    commands.run("agency", "limit", name, "--per-minute", "10", "--burst", "20")
    commands.run("agency", "limit", "--key", second, "--per-minute", "1", "--burst", "2")
    commands.run("agency", "revoke", "--key", first)
    commands.run("agency", "revoke", name)
    ((agency_id,),) = commands.rows("intake", "SELECT agency_id::text FROM agency WHERE name = $1", name)
    of_agency = commands.audited("intake", agency_id)
    assert actions(of_agency) == ["agency_put", "agency_limited", "agency_disabled"]
    assert [reason for *_, reason in of_agency] == ["council", "10 a minute, 20 at once", ""]
    assert {actor for actor, *_ in of_agency} == {operator}
    of_keys = commands.audited("intake", first, second)
    assert {actor for actor, *_ in of_keys} == {operator}
    assert actions(of_keys) == [
        "agency_key_added",
        "agency_key_added",
        "agency_key_limited",
        "agency_key_revoked",
        "agency_key_revoked",
    ]
    assert [reason for *_, reason in of_keys] == [agency_id, agency_id, "1 a minute, 2 at once", agency_id, agency_id]
    assert first in commands.run("agency", "list")


READ = "SELECT actor, subject, reason, sign_in FROM audit WHERE action = $1 ORDER BY id DESC LIMIT 1"
PROVEN = "SELECT actor FROM audit WHERE action = 'operator_proven' AND subject = $1"


def test_what_an_operator_reads_of_agencies_is_audited_with_its_number(commands: Commands) -> None:
    operator = commands.sign_in("agencies-1")
    commands.run("agency", "add", f"School {uuid4()}")
    commands.run("agency", "list")
    ((actor, subject, reason, proven_by),) = commands.rows("intake", READ, "agencies_listed")
    ((count,),) = commands.rows("intake", "SELECT count(*) FROM agency LEFT JOIN agency_key USING (agency_id)")
    assert (actor, subject, reason) == (operator, "agencies", f"{count} shown")
    assert commands.rows("intake", PROVEN, proven_by) == [(operator,)]


def test_what_an_operator_reads_of_parked_things_is_audited_and_only_where_there_are_some(commands: Commands) -> None:
    operator = commands.sign_in("operations-1")
    ((parked_id,),) = commands.rows("triage", PARK, uuid4().int % 10**9)
    try:
        before = commands.rows("triage", "SELECT count(*) FROM audit WHERE subject = 'triage-outbox'")
        commands.run("parked", "list")
        ((count,),) = commands.rows("triage", "SELECT count(*) FROM parked WHERE state <> 'replayed'")
        ((*listed, proven_by),) = commands.rows("triage", READ, "parked_listed")
        assert listed == [operator, "triage", f"{count} shown"]
        assert commands.rows("triage", PROVEN, proven_by) == [(operator,)]
        assert commands.rows("triage", "SELECT count(*) FROM audit WHERE subject = 'triage-outbox'") == before
        commands.run("parked", "show", "triage", str(parked_id))
        ((*shown, _),) = commands.rows("triage", READ, "parked_shown")
        assert shown == [operator, f"triage {parked_id}", "1 shown"]
    finally:
        commands.rows("triage", "DELETE FROM parked WHERE id = $1", parked_id)


def test_pure_counts_leave_no_entry(commands: Commands) -> None:
    commands.sign_in("operations-1")
    entries = "SELECT count(*) FROM audit WHERE actor LIKE 'operator:person:%'"
    before = [commands.rows(service, entries) for service in SERVICES]
    commands.run("status", "--json")
    commands.run("backup", "gap")
    assert [commands.rows(service, entries) for service in SERVICES] == before


@pytest.mark.parametrize(("site", "service"), [("triage", "triage"), ("desk", "sanitiser")])
def test_the_reading_of_an_audit_is_itself_in_the_audit(commands: Commands, site: str, service: str) -> None:
    operator = commands.sign_in("auditor-1")
    code, _ = commands.give("audit", "verify", site, "--since", "2200-01-01T00:00+0000")
    assert code in (0, 1)  # 1: other tests of this stack let people act without a site, so without an entry
    ((*entry, proven_by),) = commands.rows(service, READ, "audit_verified")
    assert entry == [operator, site, "0 entries read"]
    assert commands.rows(service, PROVEN, proven_by) == [(operator,)]


def test_a_made_up_agency_is_registered_with_its_trace(commands: Commands, stack: LocalStack) -> None:
    agency = Agency(name=f"Made up {uuid4()}", category=AgencyCategory.SCHOOL)
    key = asyncio.run(register(stack.installation().database("intake"), agency, b"k" * 32))
    assert [(actor, action) for actor, action, *_ in commands.audited("intake", key.split("_")[1])] == [
        ("operator:demonstration", "agency_key_added")
    ]


def test_a_replay_is_audited_with_what_it_had_failed_by(commands: Commands) -> None:
    operator = commands.sign_in("operations-1")
    ((parked_id,),) = commands.rows("triage", PARK, uuid4().int % 10**9)
    try:
        assert parked_id in [int(word) for word in commands.run("parked", "list").split() if word.isdigit()]
        assert "not_readable" in commands.run("parked", "show", "triage", str(parked_id))
        assert (
            commands.run("parked", "replay", "triage", str(parked_id), "--reason", "mended")
            == "1 will be handled again\n"
        )
        entry = (operator, "parked_replay_asked", str(parked_id), "not_readable: mended")
        assert entry in commands.audited("triage", str(parked_id))
    finally:
        commands.rows("triage", "DELETE FROM parked WHERE id = $1", parked_id)


def test_sending_again_is_audited_in_each_database_that_it_concerns(commands: Commands) -> None:
    operator = commands.sign_in("operations-1")
    since = "2200-01-01T00:00:00+00:00"
    assert "triage: 0 will be published again" in commands.run(
        "resend", since.replace("+00:00", "+0000"), "--reason", "lost"
    )
    for service in SERVICES:
        assert (operator, "events_resent", "outbox", f"since {since}: lost") in commands.audited(service, "outbox")


def test_provisioning_is_audited_with_each_migration_that_it_applied(commands: Commands, stack: LocalStack) -> None:
    actor = "service:provision"
    before = {service: len(commands.audited(service, database)) for service, database in DATABASE_OF.items()}
    assert stack.provision() == []
    for service, database in DATABASE_OF.items():
        migrations = [name for (name,) in commands.rows(service, "SELECT name FROM migration")]
        audited = commands.audited(service, *migrations)
        assert sorted(audited) == sorted((actor, "schema_migrated", name, "") for name in migrations)
        runs = commands.audited(service, database)
        assert len(runs) == before[service] + 1
        assert runs[-1][:2] == (actor, "provisioned")
        assert f"{service}_app" in runs[-1][3]


def test_the_status_is_read_with_nothing_but_addresses_and_credentials(commands: Commands) -> None:
    commands.sign_in("operations-1")
    stages = json.loads(commands.run("status", "--json"))
    assert [stage["name"] for stage in stages] == [*SERVICES, "desk"]
    assert all(stage["database"] for stage in stages)
