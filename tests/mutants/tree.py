"""A copy of the working tree. Its tests import the packages of the copy, so a fault never touches the checkout.

The path file of the environment leads to the checkout. PYTHONPATH comes before it, and the local stack passes it on to
the services that it starts.
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
        """Copy the files that git knows or would add, as they are in the working tree."""
        listed = subprocess.run(LIST, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
        for name in filter(None, listed.split("\0")):
            source, target = REPOSITORY / name, root / name
            if source.is_file():  # the list contains files whose removal is not committed yet
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        return cls(root)

    def environment(self) -> Mapping[str, str]:
        """Return the environment in which Python imports this copy."""
        folders = [str(self.root / package) for package in (".", *PACKAGES)]
        return {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}

    @contextmanager
    def mutated(self, mutant: Mutant) -> Generator[None, None, None]:
        """Keep the fault in this copy while the block runs; raise DoesNotApplyError."""
        path = self.root / mutant.file
        original = path.read_text(encoding="utf-8")
        _write(path, mutant.put_into(original))
        try:
            yield
        finally:
            _write(path, original)


_seconds = itertools.count(1_000_000_000)


def _write(path: Path, text: str) -> None:
    # Python recognises compiled code by the file's second and size, so each version gets a second of its own
    path.write_text(text, encoding="utf-8")
    second = next(_seconds)
    os.utime(path, (second, second))
