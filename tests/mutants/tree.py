"""A copy of the working tree whose own packages are what its tests import, so that a fault never touches the checkout.

The environment's path file leads to the checkout. PYTHONPATH stands before it, and the local stack passes it on to the
services that it starts.
"""

import itertools
import os
import shutil
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline_local.home import REPOSITORY
from pipeline_local.link_environment import PACKAGES
from tests.mutants.model import Mutant

LIST = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")


@dataclass(frozen=True, slots=True)
class Tree:
    """One copy."""

    root: Path

    @classmethod
    def copy_to(cls, root: Path) -> "Tree":
        """Copy what git knows or would add, as it stands in the working tree."""
        listed = subprocess.run(LIST, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
        for name in filter(None, listed.split("\0")):
            source, target = REPOSITORY / name, root / name
            if source.is_file():  # what was removed and not yet committed is listed too
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        return cls(root)

    def environment(self) -> Mapping[str, str]:
        """Return the environment in which this copy is what Python imports."""
        folders = [str(self.root / package) for package in (".", *PACKAGES)]
        return {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}

    @contextmanager
    def mutated(self, mutant: Mutant) -> Generator[None, None, None]:
        """Have the fault in this copy for a while; raise DoesNotApplyError."""
        path = self.root / mutant.file
        original = path.read_text(encoding="utf-8")
        _write(path, mutant.put_into(original))
        try:
            yield
        finally:
            _write(path, original)


_seconds = itertools.count(1_000_000_000)


def _write(path: Path, text: str) -> None:
    # Python trusts compiled code by the file's second and size: each version gets a second of its own
    path.write_text(text, encoding="utf-8")
    second = next(_seconds)
    os.utime(path, (second, second))
