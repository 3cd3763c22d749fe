"""The commands of docs/backup.md as an operator types them, on a real PostgreSQL and a real broker."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from pipeline_local.certificates import authorities_file
from pipeline_local.stack import LocalStack
from tests.integration.backup.drill import Drill
from tests.support.intake import add_agency
from tests.support.operators import sign_in
from tests.support.stack import create_stack, running

AGENCIES = "SELECT split_part(name, ' ', 1) FROM agency ORDER BY name"
ACTS = "SELECT actor FROM audit WHERE action = $1"
COMMANDS = ("take", "check", "unlock", "restore", "gap")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[LocalStack]:
    """Start a stack of its own without services, as a restore needs it, and the identity provider."""
    with running(create_stack(tmp_path_factory.mktemp("stack")), "provider") as stack:
        yield stack


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal on a computer with these environment variables."""

    environment: dict[str, str]

    def run(self, *words: object, status: int = 0, answer: str = "") -> str:
        """Run `pipeline backup …` as a program, check its status, and return what it printed."""
        command = [sys.executable, "-m", "pipeline_admin", "backup", *map(str, words)]
        known = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "COLUMNS": "120", **self.environment}
        done = subprocess.run(
            command, env=known, input=answer, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr


def operators_host(stack: LocalStack, folder: Path) -> Terminal:
    """Return a terminal with an operator's credentials, and those of `pipeline provision`, in files."""
    secrets = {
        "KAFKA_PASSWORD": stack.keys.kafka["admin"],
        "KAFKA_PASSWORDS": json.dumps(dict(stack.keys.kafka)),
        "POSTGRES_URL": stack.admin_dsn("postgres"),
        "POSTGRES_PASSWORDS": json.dumps(dict(stack.keys.postgres)),
    }
    for name, secret in secrets.items():
        file = folder / name
        file.touch(0o600)
        file.write_text(secret)
    return Terminal(
        {
            "ADMIN_FILE": str(stack.home.installation_file),
            "PROVISION_ENVIRONMENT": "local",
            "PROVISION_KAFKA_BOOTSTRAP": stack.kafka.address,
            "PROVISION_KAFKA_CA_FILE": str(authorities_file(stack.home)),
            "PROVISION_KAFKA_REPLICAS": "1",
            "PROVISION_KAFKA_MIN_INSYNC": "1",
            **{f"PROVISION_{name}_FILE": str(folder / name) for name in secrets},
        }
    )


def offline_folder(stack: LocalStack, place: Path) -> Path:
    """Return a folder of the offline computer, with the private backup key."""
    place.mkdir(mode=0o700)
    shutil.copy(stack.home.keys / "backup-1.key", place)
    return place


async def fetch(stack: LocalStack, query: str, *arguments: object) -> list[str]:
    connection = await asyncpg.connect(stack.admin_dsn("intake"))
    try:
        return [row[0] for row in await connection.fetch(query, *arguments)]
    finally:
        await connection.close()


async def test_a_backup_is_taken_checked_unlocked_and_restored_as_the_guide_says(
    stack: LocalStack, tmp_path: Path
) -> None:
    host, offline = operators_host(stack, tmp_path), Terminal({})
    programs = Drill(stack).programs
    tools = ("--programs", programs.folder, *(("--socket", programs.socket) if programs.socket else ()))
    root, folder, key = stack.keys.trust_root, tmp_path / "backup", tmp_path / "backup.key"
    await add_agency(stack, "Before the backup")
    bundle = ("--bundle", stack.home.keys / "bundle.json", "--trust-root", root)
    assert "copy it to another place" in host.run("take", folder, *bundle, *tools)
    assert await fetch(stack, ACTS, "backup_taken") == ["service:backup"]
    assert "backup_exists" in host.run("take", folder, *bundle, *tools, status=1)
    assert "4 parts" in host.run("check", folder)
    await add_agency(stack, "After the backup")

    keys = offline_folder(stack, tmp_path / "offline")
    assert "service_host" in host.run("unlock", folder, "--keys", keys, "--out", key, status=1)
    assert "destroy it after the restore" in offline.run("unlock", folder, "--keys", keys, "--out", key)

    restoring = ("restore", folder, "--key", key, "--trust-root", root, *tools)
    assert "not_signed_in" in host.run(*restoring, status=1)
    operator = await asyncio.to_thread(sign_in, stack, "operations-1")
    host.run(*restoring, answer="n\n", status=1)
    assert await fetch(stack, AGENCIES) == ["After", "Before"]
    printed = host.run(*restoring, answer="y\n")
    assert "Replace all databases by those of" in printed
    assert "go on with “After a restore”" in printed
    assert await fetch(stack, AGENCIES) == ["Before"]
    assert host.run("gap").startswith("0 submissions")
    assert await fetch(stack, ACTS, "database_restored") == [operator]
    assert await fetch(stack, ACTS, "backup_taken") == []  # the entry came after the backup
    (folder / "triage.part").write_bytes(b"")
    assert "backup_damaged" in host.run("check", folder, status=1)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_says_in_plain_words_what_it_does_and_what_it_needs(command: str) -> None:
    shown = Terminal({"TERM": "dumb"}).run(command, "--help")
    assert re.search(r"Usage: python -m pipeline_admin backup \w+", shown)
    options = re.findall(r"--[a-z-]+ +<\w+> +(.+?) *│", shown)
    assert options
    assert all(len(described.split()) > 3 and described[0].isupper() for described in options), shown


def test_the_list_of_commands_names_each_with_its_purpose() -> None:
    shown = Terminal({"TERM": "dumb"}).run("--help")
    assert all(re.search(rf"{command} +\w[\w ]{{10,}}", shown) for command in COMMANDS)
