"""The kept list of faults stays valid, and tests import the copy that holds the fault."""

import ast
import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline_local.home import REPOSITORY
from pipeline_local.link_environment import PACKAGES
from tests.mutants.judging import Trees, Verdict, failures_when_clean, is_red_before, judge
from tests.mutants.listing import all_mutants
from tests.mutants.model import DoesNotApplyError, Mutant
from tests.mutants.tree import Tree

MUTANTS = all_mutants()
PROBE = f"""
import importlib, pathlib
own = [found.parent.name for package in {PACKAGES!r} for found in pathlib.Path(package).glob("*/__init__.py")]
for name in ["tests.mutants.tree", *own]:
    print(importlib.import_module(name).__file__)
"""


def test_no_two_mutants_have_one_name() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_applies_and_the_tests_that_should_notice_it_are_there(mutant: Mutant) -> None:
    text = mutant.put_into((REPOSITORY / mutant.file).read_text(encoding="utf-8"))
    if mutant.file.endswith(".py"):
        ast.parse(text)
    assert mutant.tests
    assert [test for test in mutant.tests if not is_there(test)] == []


def is_there(test: str) -> bool:
    path, _, name = test.partition("::")
    file = REPOSITORY / path
    return file.is_file() and (not name or f"def {name.partition('[')[0]}(" in file.read_text(encoding="utf-8"))


def test_code_that_stands_twice_or_nowhere_is_no_place_for_a_mutant() -> None:
    for text in ("a = 2", "a = 1; a = 1"):
        with pytest.raises(DoesNotApplyError):
            Mutant("x", "x.py", "a = 1", "a = 3", ()).put_into(text)


def test_a_copy_is_what_its_programs_import(tmp_path: Path) -> None:
    tree = Tree.copy_to(tmp_path / "tree")
    run = (sys.executable, "-c", PROBE)
    lines = subprocess.run(run, cwd=tree.root, env=tree.environment(), check=True, capture_output=True, text=True)
    files = lines.stdout.split()
    assert len(files) == len(PACKAGES) + 1
    assert all(Path(file).is_relative_to(tree.root) for file in files)


CODE = "def answer() -> int:\n    return 42\n"
TESTS = "import code_of_ours\n\ndef test_a() -> None:\n    assert code_of_ours.answer() > 40\n"


def trees_with(tmp_path: Path, test: str = TESTS) -> Trees:
    trees = Trees(tmp_path, 1)
    (tmp_path / "tree-0" / "code_of_ours.py").write_text(CODE)
    (tmp_path / "tree-0" / "test_ours.py").write_text(test)
    return trees


def fault(old: str, new: str) -> Mutant:
    return Mutant("x", "code_of_ours.py", old, new, ("test_ours.py::test_a",))


async def verdicts(trees: Trees, mutants: Sequence[Mutant]) -> list[Verdict]:
    judgements = await asyncio.gather(*(judge(trees, mutant, seconds=60) for mutant in mutants))
    return [judgement.verdict for judgement in judgements]


async def test_a_fault_is_caught_or_survives_or_does_not_apply_and_leaves_nothing(tmp_path: Path) -> None:
    trees = trees_with(tmp_path)
    mutants = [fault("42", "12"), fault("42", "43"), fault("44", "0"), fault("-> int:", "-> int")]
    expected = [Verdict.CAUGHT, Verdict.SURVIVES, Verdict.DOES_NOT_APPLY, Verdict.BREAKS_TESTS]
    assert await verdicts(trees, mutants) == expected
    assert (tmp_path / "tree-0" / "code_of_ours.py").read_text() == CODE


async def test_a_fault_that_makes_its_tests_hang_is_not_called_caught(tmp_path: Path) -> None:
    hang = fault("return 42", "import time; time.sleep(600); return 42")
    judgement = await judge(trees_with(tmp_path), hang, seconds=3)
    assert judgement.verdict is Verdict.TIMES_OUT


async def test_tests_that_fail_without_a_fault_are_named(tmp_path: Path) -> None:
    trees = trees_with(tmp_path, TESTS.replace("> 40", "> 50"))
    failures = await failures_when_clean(trees, [fault("42", "12")])
    assert failures == ["test_ours.py::test_a"]
    assert (await judge(trees, fault("42", "12"), seconds=60, failures=failures)).verdict is Verdict.RED_BEFORE


@pytest.mark.parametrize(
    ("failed", "red"),
    [
        ("t.py::test_a", True),
        ("t.py::test_a[x::y]", True),
        ("t.py::test_ab", False),
        ("u.py", True),
        ("u.py::test_c[1]", True),
        ("u.pyx::test_c", False),
    ],
)
def test_tests_that_fail_anyway_judge_no_fault(failed: str, *, red: bool) -> None:
    assert is_red_before(Mutant("x", "x.py", "a", "b", ("t.py::test_a", "u.py")), [failed]) == red
