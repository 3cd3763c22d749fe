"""Provisioning for production refuses this stack's one broker, says why, and changes nothing there."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from pipeline_local.certificates import authorities_file
from pipeline_local.main import app
from pipeline_local.stack import LocalStack
from tests.support.operators import sign_in, sign_in_file

FEW = {"PROVISION_KAFKA_REPLICAS": "1", "PROVISION_KAFKA_MIN_INSYNC": "1", "PROVISION_ENVIRONMENT": "local"}
LAST = "SELECT actor, subject, sign_in FROM audit WHERE action = '{}' ORDER BY id DESC LIMIT 1"


@pytest.fixture
def environment(stack: LocalStack, tmp_path: Path) -> dict[str, str]:
    secrets = {
        "KAFKA_PASSWORD": stack.keys.kafka["admin"],
        "KAFKA_PASSWORDS": json.dumps(stack.keys.kafka),
        "POSTGRES_URL": stack.admin_dsn("postgres"),
        "POSTGRES_PASSWORDS": json.dumps(stack.keys.postgres),
    }
    for name, value in secrets.items():
        (tmp_path / name).write_text(value)
        (tmp_path / name).chmod(0o600)
    return {
        "PROVISION_ENVIRONMENT": "production",
        "PROVISION_KAFKA_BOOTSTRAP": stack.kafka.address,
        "PROVISION_KAFKA_CA_FILE": str(authorities_file(stack.home)),
        **{f"PROVISION_{name}_FILE": str(tmp_path / name) for name in secrets},
    }


def test_attack_81_production_is_provisioned_by_a_proven_person_only(
    pipeline: LocalStack, environment: dict[str, str]
) -> None:
    refused = CliRunner().invoke(app, ["provision"], env=environment)
    assert (refused.exit_code, "missing or wrong: ADMIN_DATABASES" in refused.output) == (1, True)
    sign_in_file(pipeline).unlink(missing_ok=True)
    refused = CliRunner().invoke(app, ["provision"], env=at(pipeline, environment))
    assert (refused.exit_code, "refused: not_signed_in" in refused.output) == (1, True)
    sign_in(pipeline, "agencies-1")
    refused = CliRunner().invoke(app, ["provision"], env=at(pipeline, environment))
    assert (refused.exit_code, "refused: not_permitted" in refused.output) == (1, True)


def at(stack: LocalStack, environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "ADMIN_FILE": str(stack.home.installation_file)}


def test_production_refuses_one_broker_and_says_every_reason(pipeline: LocalStack, environment: dict[str, str]) -> None:
    sign_in(pipeline, "operations-1")
    done = CliRunner().invoke(app, ["provision"], env=at(pipeline, environment))
    assert done.exit_code == 1
    assert done.stderr.startswith(
        "as Lee Cragmoor\nrefused: there are 1 brokers for 3 replicas; offsets.topic.replication.factor is less"
    )


async def test_attack_81_provisioning_leaves_who_did_it_and_what_proved_them(
    pipeline: LocalStack, environment: dict[str, str]
) -> None:
    operator = await asyncio.to_thread(sign_in, pipeline, "operations-1")
    done = await asyncio.to_thread(CliRunner().invoke, app, ["provision"], env=at(pipeline, {**environment, **FEW}))
    assert (done.exit_code, done.stdout) == (0, "provisioned\n")
    for dsn in pipeline.admin_databases().values():
        connection = await asyncpg.connect(dsn)
        act = await connection.fetchrow(LAST.format("provisioned"))
        proof = await connection.fetchrow(LAST.format("operator_proven"))
        await connection.close()
        assert act
        assert proof
        assert act["actor"] == proof["actor"] == operator
        assert act["sign_in"] == proof["subject"] != ""


def test_production_refuses_to_ask_for_one_replica(environment: dict[str, str]) -> None:
    few = {"PROVISION_KAFKA_REPLICAS": "1", "PROVISION_KAFKA_MIN_INSYNC": "1"}
    done = CliRunner().invoke(app, ["provision"], env={**environment, **few})
    assert done.exit_code == 1
    assert "PROVISION_KAFKA_REPLICAS: the loss of one broker loses records" in done.output


def test_a_demonstration_may_have_one_broker(environment: dict[str, str]) -> None:
    done = CliRunner().invoke(app, ["provision"], env={**environment, **FEW})
    assert (done.exit_code, done.stdout) == (0, "provisioned\n")


def test_a_broker_may_stop_only_when_all_are_there_and_in_sync(environment: dict[str, str]) -> None:
    done = CliRunner().invoke(app, ["brokers"], env=environment)
    assert (done.exit_code, done.output) == (1, "do not stop another broker: 2 of 3 brokers away\n")
    done = CliRunner().invoke(app, ["brokers"], env={**environment, **FEW})
    assert (done.exit_code, done.output) == (0, "all brokers are there, and every replica is in sync\n")


def test_a_broker_that_does_not_answer_is_said_without_a_stack_trace(environment: dict[str, str]) -> None:
    away = {"PROVISION_KAFKA_BOOTSTRAP": "127.0.0.1:1"}
    done = CliRunner().invoke(app, ["brokers"], env={**environment, **away})
    assert done.exit_code == 1
    assert done.output.startswith("do not stop another broker: no broker answers")
