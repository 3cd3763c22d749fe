"""The judgement of mutants: the tests must pass on the clean copy and fail on the copy with the fault."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.mutants.model import DoesNotApplyError, Mutant
from tests.mutants.running import run_tests
from tests.mutants.tree import Tree

GREEN, RED = 0, 1  # exit statuses of pytest; any other means that no test was judged
CLEAN_SECONDS = 1_200


class Verdict(StrEnum):
    """The verdict on a mutant; only the first is good."""

    CAUGHT = "caught"
    SURVIVES = "SURVIVES"
    DOES_NOT_APPLY = "DOES NOT APPLY"
    TIMES_OUT = "TIMES OUT"
    BREAKS_TESTS = "BREAKS ITS TESTS"  # they could not even be collected
    RED_BEFORE = "RED WITHOUT IT"  # its tests fail without any fault


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one mutant, the test that noticed it, and the time this took."""

    mutant: Mutant
    verdict: Verdict
    by: str
    seconds: float


class Trees:
    """The copies of one run; one task uses a copy at a time."""

    def __init__(self, folder: Path, count: int) -> None:
        self.count = count
        self._free: asyncio.Queue[Tree] = asyncio.Queue()
        for number in range(count):
            self._free.put_nowait(Tree.copy_to(folder / f"tree-{number}"))

    @asynccontextmanager
    async def borrow(self) -> AsyncGenerator[Tree, None]:
        """Reserve a copy for one task."""
        tree = await self._free.get()
        try:
            yield tree
        finally:
            self._free.put_nowait(tree)


async def failures_when_clean(trees: Trees, mutants: Sequence[Mutant]) -> list[str]:
    """Run every test of the list on clean copies; return the failures, or the output of pytest."""
    files: dict[str, list[str]] = {}
    for test in sorted({test for mutant in mutants for test in mutant.tests}):
        files.setdefault(test.partition("::")[0], []).append(test)
    shares = [[test for file in list(files)[n :: trees.count] for test in files[file]] for n in range(trees.count)]
    return [line for lines in await asyncio.gather(*(_failures(trees, s) for s in shares if s)) for line in lines]


def is_red_before(mutant: Mutant, failures: Sequence[str]) -> bool:
    """Tell whether one of a mutant's tests fails without the mutant."""
    wanted = {test: (f"{test}::", f"{test}[") for test in mutant.tests}
    return any(failed == test or failed.startswith(begins) for failed in failures for test, begins in wanted.items())


async def _failures(trees: Trees, tests: list[str]) -> list[str]:
    async with trees.borrow() as tree:
        run = await run_tests(tree, tests, seconds=CLEAN_SECONDS)
    if run.status == GREEN:
        return []
    return list(run.failed) or run.text.splitlines()[-20:] or ["the tests were not run"]


async def judge(trees: Trees, mutant: Mutant, *, seconds: float, failures: Sequence[str] = ()) -> Judgement:
    """Put a fault into a copy and run its tests, unless they are among the `failures` without it."""
    if is_red_before(mutant, failures):
        return Judgement(mutant, Verdict.RED_BEFORE, "", 0)
    async with trees.borrow() as tree:
        began = time.monotonic()
        try:
            with tree.mutated(mutant):
                run = await run_tests(tree, mutant.tests, "-x", seconds=seconds)
        except (DoesNotApplyError, FileNotFoundError):
            return Judgement(mutant, Verdict.DOES_NOT_APPLY, "", 0)
    by = run.failed[0] if run.failed else ""
    return Judgement(mutant, _verdict(run.status), by, time.monotonic() - began)


def _verdict(status: int | None) -> Verdict:
    if status is None:
        return Verdict.TIMES_OUT
    return {GREEN: Verdict.SURVIVES, RED: Verdict.CAUGHT}.get(status, Verdict.BREAKS_TESTS)
