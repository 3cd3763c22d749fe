"""The kept list: every file in `areas` has a tuple MUTANTS."""

import importlib
from pathlib import Path

from tests.mutants.model import Mutant

AREAS = Path(__file__).with_name("areas")


def area_names() -> list[str]:
    """Return the names of the areas."""
    return sorted(path.stem for path in AREAS.glob("[!_]*.py"))


def mutants_of(area: str) -> tuple[Mutant, ...]:
    """Return the mutants of one area."""
    return importlib.import_module(f"tests.mutants.areas.{area}").MUTANTS


def all_mutants() -> list[Mutant]:
    """Return the whole list, area by area."""
    return [mutant for area in area_names() for mutant in mutants_of(area)]
