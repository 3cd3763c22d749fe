"""The operator's command stands alone: the environment or a file says where to work; it names what is missing."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from pydantic import SecretStr, ValidationError
from typer.testing import CliRunner

from pipeline_admin.installation import Installation
from pipeline_admin.main import app

HERE, THERE = "postgresql://postgres:zq-secret@127.0.0.1:9/here", "postgresql://postgres:zq-secret@127.0.0.1:9/there"
KEY = base64.b64encode(b"k" * 32).decode("ascii")
COMMANDS = ["status", "topology", "provision", "resend", "parked", "agency"]

WRONG = "missing or wrong: {} (ADMIN_FILE may name a file that holds them)\n"
UNENCODED = [
    "zq/secret",
    "zq#secret",
    "zq?secret",
    "12/zq",
    "12#zq",
    "12?zq",
    "zq[secret",
    "zq\u2100secret",
    "zq\nsecret",
]


@pytest.fixture(autouse=True)
def no_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ADMIN_DATABASES", "ADMIN_OPERATIONS", "ADMIN_INTAKE_HMAC_KEY", "ADMIN_FILE"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, arguments, env=environment)
    return done.exit_code, done.output


def test_a_file_says_what_the_environment_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "installation.json"
    file.write_text(json.dumps({"databases": {"intake": THERE}, "intake_hmac_key": KEY}), encoding="ascii")
    monkeypatch.setenv("ADMIN_FILE", str(file))
    assert Installation().database("intake") == THERE  # pyright: ignore[reportCallIssue] - from the file
    monkeypatch.setenv("ADMIN_DATABASES", json.dumps({"intake": HERE}))
    installation = Installation()  # pyright: ignore[reportCallIssue] - from both
    assert (installation.database("intake"), installation.hmac_key()) == (HERE, KEY)


def test_no_password_shows_when_an_installation_is_printed() -> None:
    assert "zq-secret" not in repr(Installation(databases={"intake": SecretStr(HERE)}))


@pytest.mark.parametrize(
    "command", [["status"], ["parked", "list"], ["agency", "list"], ["resend", "2026-05-12T09:30Z"]]
)
def test_a_command_without_an_installation_says_what_it_needs(command: list[str]) -> None:
    code, output = run(*command)
    assert (code, output) == (1, "missing or wrong: ADMIN_DATABASES (ADMIN_FILE may name a file that holds them)\n")


def test_a_key_is_not_made_without_the_key_of_intakes_hmacs() -> None:
    code, output = run("agency", "add", "A school", ADMIN_DATABASES=json.dumps({"intake": HERE}))
    assert (code, output) == (1, "missing: ADMIN_INTAKE_HMAC_KEY, for intake\n")


@pytest.mark.parametrize("password", UNENCODED)
def test_a_password_that_is_not_encoded_is_refused_and_no_part_of_it_shows(password: str) -> None:
    wrong = json.dumps({"intake": HERE, "triage": f"postgresql://postgres:{password}@127.0.0.1:9/triage"})
    code, output = run("parked", "list", ADMIN_DATABASES=wrong)
    assert (code, output) == (1, WRONG.format("ADMIN_DATABASES"))


@pytest.mark.parametrize("password", UNENCODED)
def test_the_error_of_a_wrong_address_has_no_part_of_it(password: str) -> None:
    with pytest.raises(ValidationError) as error:
        Installation(databases={"intake": SecretStr(f"postgresql://postgres:{password}@127.0.0.1:9/intake")})
    assert "zq" not in str(error.value)


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://postgres:{quote('zq/?#[@]:', safe='')}@127.0.0.1:9/here",
        "postgresql://postgres:zq+=~!$&'()*;,.@database.example/here?sslmode=verify-full",
        "postgres://postgres@[::1]:5432/here",
        "postgresql://postgres:zq@one:5432,two:5433/here",
        "postgresql:///here?host=/run/postgresql",
    ],
)
def test_an_address_that_the_driver_understands_is_accepted(address: str) -> None:
    assert Installation(databases={"intake": SecretStr(address)}).database("intake") == address


@pytest.mark.parametrize(
    "key", ["", "zq", "a2V5", KEY[:-1], f"{KEY}\n", f" {KEY}", base64.b64encode(b"k" * 33).decode()]
)
def test_a_key_of_hmacs_that_is_not_whole_is_refused(key: str) -> None:
    code, output = run(
        "agency", "add", "A school", ADMIN_DATABASES=json.dumps({"intake": HERE}), ADMIN_INTAKE_HMAC_KEY=key
    )
    assert (code, output) == (1, WRONG.format("ADMIN_INTAKE_HMAC_KEY"))


def test_an_operator_has_no_more_places_than_credentials() -> None:
    code, output = run("parked", "show", "triage", "1", ADMIN_DATABASES=json.dumps({"intake": HERE}))
    assert (code, output) == (1, "parked is in one of intake, intake-outbox\n")
    code, output = run("agency", "list", ADMIN_DATABASES=json.dumps({"triage": HERE}))
    assert (code, output) == (1, "missing: ADMIN_DATABASES, for intake\n")


def test_a_service_that_is_not_known_is_named_nowhere() -> None:
    code, output = run(
        "resend", "2026-05-12T09:30Z", "--service", "police", ADMIN_DATABASES=json.dumps({"intake": HERE})
    )
    assert (code, output) == (1, "a service is one of intake\n")


def test_help_lists_every_command() -> None:
    code, output = run("--help")
    assert code == 0
    assert [command for command in COMMANDS if command not in output] == []
