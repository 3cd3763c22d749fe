"""The import contracts name every module, and the linter refuses each forbidden import."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.unit.docs.repository import paths

ROOT = Path(__file__).parents[3]
PROJECT = ROOT / "pyproject.toml"
LINTER = Path(sys.executable).with_name("lint-imports")
WITHHELD = "Who spoke is nothing that triage and transfer could read"
WRONG = [
    ("triage", "cases/domain.py", "pipeline_shared.language.restricted", WITHHELD),
    ("transfer", "domain.py", "pipeline_shared.language.restricted", WITHHELD),
    ("intake", "settings.py", "pipeline_shared.web.paging", "Intake and transfer have no pages"),
    ("triage", "cases/domain.py", "triage_service.cases.pages", "Layers of triage's capabilities with pages"),
    ("triage", "rules/without_a_place.py", "uuid", "Layers of triage's rules"),
]


def containers() -> set[str]:
    """Return each package whose children must all stand in a layer."""
    contracts = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    whole = [row for row in contracts if row.get("exhaustive") and not row.get("exhaustive_ignores")]
    return {container for contract in whole for container in contract["containers"]}


def modules() -> list[str]:
    """Return each module and package of the services and of what is shared, without the root packages."""
    code = [Path(path) for path in paths() if path.endswith(".py") and path.startswith(("services/", "shared/"))]
    below = [path.relative_to("shared" if path.parts[0] == "shared" else Path(*path.parts[:2])) for path in code]
    names = [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in below]
    return [name for name in names if "." in name]


def copy_of(service: str, folder: Path) -> Path:
    """Copy the code of a service, so that a test can spoil it."""
    package = f"{service}_service"
    return shutil.copytree(ROOT / "services" / service / package, folder / package)


def broken_contracts(folder: Path) -> set[str]:
    """Return the contracts that the linter finds broken when the packages of a folder take the place of ours."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    command = [LINTER, "--no-cache", "--config", PROJECT]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert "Contracts: " in run.stdout, run.stderr
    broken = {line.partition(" BROKEN")[0] for line in run.stdout.splitlines() if " BROKEN" in line}
    assert bool(broken) == bool(run.returncode)
    return broken


def test_every_module_stands_in_an_exhaustive_layers_contract() -> None:
    known = containers()
    assert modules()
    assert [name for name in modules() if name.rpartition(".")[0] not in known] == []


def test_a_copy_of_our_code_breaks_no_contract(tmp_path: Path) -> None:
    copy_of("triage", tmp_path)
    assert broken_contracts(tmp_path) == set()


@pytest.mark.parametrize(("service", "file", "imported", "contract"), WRONG)
def test_a_forbidden_import_breaks_its_contract(
    service: str, file: str, imported: str, contract: str, tmp_path: Path
) -> None:
    with (copy_of(service, tmp_path) / file).open("a", encoding="utf-8") as module:
        module.write(f"\nimport {imported}\n")
    assert broken_contracts(tmp_path) == {contract}
