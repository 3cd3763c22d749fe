"""`pipeline provision` names a missing or wrong setting and never shows its value."""

import json

import pytest
from typer.testing import CliRunner

from pipeline_admin.provision import OWNERS_OF
from pipeline_local.main import app

PASSWORD = "zq-secret"
RIGHT = {
    "PROVISION_KAFKA_BOOTSTRAP": "127.0.0.1:9",
    "PROVISION_KAFKA_PASSWORD": PASSWORD,
    "PROVISION_KAFKA_PASSWORDS": json.dumps(dict.fromkeys(OWNERS_OF["kafka_passwords"], PASSWORD)),
    "PROVISION_POSTGRES_URL": f"postgresql://postgres:{PASSWORD}@127.0.0.1:9/postgres",
    "PROVISION_POSTGRES_PASSWORDS": json.dumps(dict.fromkeys(OWNERS_OF["postgres_passwords"], PASSWORD)),
}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"PROVISION_KAFKA_REPLICAS": "1"}, "PROVISION_KAFKA_MIN_INSYNC, PROVISION_KAFKA_REPLICAS"),
        (
            {"PROVISION_KAFKA_REPLICAS": "3", "PROVISION_KAFKA_MIN_INSYNC": "1"},
            "PROVISION_KAFKA_MIN_INSYNC, PROVISION_KAFKA_REPLICAS",
        ),
        ({"PROVISION_KAFKA_MIN_INSYNC": "0"}, "PROVISION_KAFKA_MIN_INSYNC, PROVISION_KAFKA_REPLICAS"),
        ({"PROVISION_KAFKA_REPLICAS": "many"}, "PROVISION_KAFKA_REPLICAS"),
        ({"PROVISION_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}, "PROVISION_KAFKA_SECURITY_PROTOCOL"),
        ({"PROVISION_KAFKA_PASSWORDS": json.dumps({"intake": PASSWORD})}, "PROVISION_KAFKA_PASSWORDS"),
        ({"PROVISION_POSTGRES_PASSWORDS": json.dumps({"intake": PASSWORD})}, "PROVISION_POSTGRES_PASSWORDS"),
        ({"PROVISION_POSTGRES_URL": None}, "PROVISION_POSTGRES_URL"),
        ({"PROVISION_POSTGRES_URL": "postgresql://postgres:zq/secret@127.0.0.1:9/postgres"}, "PROVISION_POSTGRES_URL"),
        ({"PROVISION_POSTGRES_URL": "postgresql://postgres:zq#secret@127.0.0.1:9/postgres"}, "PROVISION_POSTGRES_URL"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_named_in_one_line(changes: dict[str, str | None], named: str) -> None:
    done = CliRunner().invoke(app, ["provision"], env={**RIGHT, **changes})
    assert (done.exit_code, done.output) == (1, f"missing or wrong: {named}\n")
