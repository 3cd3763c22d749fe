"""The table of settings gives each process what its settings class wants, and docker-compose.yml says the same."""

import importlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from pipeline_admin.production.folder import GIVEN_SECRETS, InstallationFolder
from pipeline_admin.production.place import COPIES, OneHost
from pipeline_admin.provision import ProvisionSettings
from pipeline_local.container_secrets import Containers
from pipeline_local.home import REPOSITORY, Home
from pipeline_local.keys import load_keys
from pipeline_local.ports import PREFERRED
from pipeline_local.programs import Machine
from pipeline_settings.processes import PROCESS_OF, PROCESSES, SERVICE_PROCESSES, Process
from pipeline_settings.setting import variable
from pipeline_settings.sources import Deployment, Place
from pipeline_settings.table import PROVISION, SETTINGS_OF, environment_of, secrets_of, settings_in

CONTAINERS: dict[str, dict[str, Any]] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]
PRODUCTION_FILE = REPOSITORY / "deploy" / "compose.production.yml"
IN_PRODUCTION: dict[str, dict[str, Any]] = yaml.safe_load(PRODUCTION_FILE.read_text(encoding="utf-8"))["services"]
GIVEN = re.compile(r"\$\{(\w+):(-[^}]*|\?)\}")
EXAMPLE_LINES = (REPOSITORY / "deploy/production/settings.example").read_text(encoding="utf-8").splitlines()
PAIRS = (line.partition("=") for line in EXAMPLE_LINES if line and not line.startswith("#"))
EXAMPLE = {name: value for name, _, value in PAIRS}
EACH = [(name, deployment) for name in SETTINGS_OF for deployment in Deployment if settings_in(name, deployment)]


def settings_class(name: str) -> type[BaseSettings]:
    """Return the class that a process reads its environment with: the one that its main module uses."""
    if name == PROVISION:
        return ProvisionSettings
    module = importlib.import_module(PROCESS_OF[name].module)
    main = importlib.import_module(f"{module.__name__}.__main__") if hasattr(module, "__path__") else module
    classes = [each for each in vars(main).values() if isinstance(each, type) and issubclass(each, BaseSettings)]
    (found,) = (each for each in classes if each.model_config.get("env_prefix") == variable(name, ""))
    return found


def settings_of_containers() -> list[str]:
    return [name for name in SETTINGS_OF if settings_in(name, Deployment.CONTAINERS)]


def interpolated(value: str) -> str:
    """Return a value of the compose file, filled in from the example of the settings."""
    name: str
    default: str
    for name, default in GIVEN.findall(value):
        found = EXAMPLE.get(name, default[1:])
        value = value.replace(f"${{{name}:{default}}}", found.strip("'"))
    return value


@pytest.fixture
def places(tmp_path: Path) -> dict[Deployment, Place]:
    home = Home(tmp_path)
    home.create()
    keys = load_keys(home)
    given = home.root / "given"
    given.mkdir()
    for file in GIVEN_SECRETS.values():
        (given / file).write_text(keys.trust_root)
    (home.root / "made").mkdir()
    production = OneHost(InstallationFolder(home.root, makes=True))
    return {
        Deployment.LOCAL: Machine(home, keys, PREFERRED),
        Deployment.CONTAINERS: Containers(keys),
        Deployment.PRODUCTION: production,
    }


@pytest.mark.parametrize(("name", "deployment"), EACH)
def test_a_process_is_given_every_setting_that_it_needs_and_none_that_it_does_not_know(
    name: str, deployment: Deployment
) -> None:
    fields = settings_class(name).model_fields
    given = [setting.name.lower() for setting in settings_in(name, deployment)]
    assert sorted(given) == sorted(set(given))
    assert {field for field, info in fields.items() if info.is_required()} <= set(given) <= fields.keys()


@pytest.mark.parametrize(("name", "deployment"), EACH)
def test_a_process_accepts_the_values_that_it_is_given(
    name: str,
    deployment: Deployment,
    places: dict[Deployment, Place],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    secrets = secrets_of(name, places[deployment])
    for setting, value in secrets.items():
        (tmp_path / setting).write_text(value, encoding="ascii")
    for key, value in environment_of(name, places[deployment]).items():
        monkeypatch.setenv(key, interpolated(value))
    for setting in secrets:
        monkeypatch.setenv(f"{variable(name, setting)}_FILE", str(tmp_path / setting))
    given = {setting.name.lower() for setting in settings_in(name, deployment)}
    assert settings_class(name)().model_fields_set == given


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("process", SERVICE_PROCESSES, ids=lambda process: process.name)
def test_the_compose_file_of_production_says_what_the_table_says(
    process: Process, copy: str, places: dict[Deployment, Place]
) -> None:
    place = replace(places[Deployment.PRODUCTION], copy=copy)  # pyright: ignore[reportArgumentType]
    given = IN_PRODUCTION[f"{process.name}-{copy}"]["environment"]
    assert {key: value for key, value in given.items() if key != "PROCESS"} == environment_of(process.name, place)


def test_provisioning_in_production_says_what_the_table_says(places: dict[Deployment, Place]) -> None:
    given = IN_PRODUCTION[PROVISION]["environment"]
    expected = environment_of(PROVISION, places[Deployment.PRODUCTION])
    assert {key: value for key, value in given.items() if not key.startswith("ADMIN_")} == expected


@pytest.mark.parametrize("name", settings_of_containers())
def test_the_compose_file_says_what_the_table_says(name: str, places: dict[Deployment, Place]) -> None:
    expected = environment_of(name, places[Deployment.CONTAINERS])
    assert {key: value for key, value in CONTAINERS[name]["environment"].items() if key != "PROCESS"} == expected


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_a_container_publishes_its_processs_port_and_no_other(process: Process) -> None:
    port = f"127.0.0.1:${{{variable(process.name, 'port')}:-{process.port}}}:{process.port}"
    assert CONTAINERS[process.name].get("ports", []) == ([port] if process.port else [])


@pytest.mark.parametrize("process", SERVICE_PROCESSES, ids=lambda process: process.name)
def test_a_container_runs_its_processs_module_from_its_services_image(process: Process) -> None:
    container = CONTAINERS[process.name]
    assert container["build"]["args"] == {"SERVICE": process.service, "PYTHON_IMAGE": None}
    command = container.get("command", ["python", "-m", f"{process.service}_service.main"])  # the image's own
    assert command == ["python", "-m", process.module]
    assert container["environment"].get("PROCESS", process.service) == process.name


def test_no_two_processes_share_a_port_a_role_or_a_user() -> None:
    ports = [port for each in PROCESSES for port in (each.port, each.operations_port) if port]
    roles, users = [each.database_role for each in SERVICE_PROCESSES], [each.kafka_user for each in PROCESSES]
    for values in (ports, [role for role in roles if role], [user for user in users if user]):
        assert len(values) == len(set(values))
