"""No secret of the stack is in the environment, in the arguments or in the name of any of its processes."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from pipeline_local.stack import LocalStack
from pipeline_settings.table import SETTINGS_OF, secrets_of

WHERE = ("environ", "cmdline", "comm")


def secrets_in(stack: LocalStack) -> set[bytes]:
    """Return every secret of the stack, and its form in a URL; the trust root is public."""
    keys = stack.keys
    values = {*keys.kafka.values(), *keys.postgres.values(), *keys.parking.values()}
    values |= {keys.controller, keys.intake_hmac, keys.police_token}
    for name in SETTINGS_OF:
        if name != "provision":
            values |= {value for setting, value in secrets_of(name, stack.machine).items() if setting != "trust_root"}
    files = [*stack.home.keys.glob("*.key"), *stack.home.keys.glob("tls/*.pem")]
    values |= {line for file in files for line in file.read_text().splitlines() if len(line) > 30}
    return {form.encode() for value in values for form in (value, quote(value, safe=""))}


def processes_below(pids: list[int]) -> Iterator[int]:
    """Yield processes and all their descendants."""
    for pid in pids:
        yield pid
        for task in Path(f"/proc/{pid}/task").iterdir():
            yield from processes_below([int(child) for child in (task / "children").read_text().split()])


def test_no_process_shows_a_secret_to_whoever_lists_processes(pipeline: LocalStack) -> None:
    running = pipeline.processes.pids()
    assert {*SETTINGS_OF, "kafka", "postgres"} - {"provision"} <= running.keys()
    secrets, looked = secrets_in(pipeline), 0
    assert len(secrets) > 40
    for pid in processes_below(list(running.values())):
        for where in WHERE:
            content = Path(f"/proc/{pid}/{where}").read_bytes()
            looked += bool(content)
            assert not [secret for secret in secrets if secret in content], f"{where} of {pid}"
    assert looked > 3 * len(running)


@pytest.mark.parametrize("name", [name for name in SETTINGS_OF if name != "provision"])
def test_a_process_is_told_where_its_secrets_are_and_only_it_can_read_them(pipeline: LocalStack, name: str) -> None:
    environment = pipeline.program(name).environment
    for setting in secrets_of(name, pipeline.machine):
        path = Path(environment[f"{name}_{setting}_FILE".upper()])
        assert (path.stat().st_mode & 0o077, path.parent.stat().st_mode & 0o077) == (0, 0)


def test_every_file_beside_the_keys_is_its_owners_alone(pipeline: LocalStack) -> None:
    for path in (pipeline.home.keys, *pipeline.home.keys.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path.name
