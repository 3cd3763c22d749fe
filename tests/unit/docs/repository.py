"""The files of the repository, as git would commit them now."""

import subprocess
from functools import cache

from pipeline_local.home import REPOSITORY
from tests.mutants.tree import LIST


@cache
def paths() -> tuple[str, ...]:
    """Return the path of each file, relative to the top of the repository."""
    listed = subprocess.run(LIST, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    return tuple(path for path in listed.split("\0") if path and (REPOSITORY / path).is_file())


@cache
def text_of(path: str) -> str:
    """Return the text of a file, or no text for a file that is not UTF-8."""
    try:
        return (REPOSITORY / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def documents() -> list[str]:
    """Return the paths of all Markdown documents."""
    return [path for path in paths() if path.endswith(".md")]
