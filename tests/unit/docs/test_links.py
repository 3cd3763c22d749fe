"""The targets of links, and files and folders in backticks, exist in the repository."""

import re
from pathlib import Path, PurePosixPath

import pytest

from pipeline_local.home import REPOSITORY
from tests.unit.docs.repository import documents, paths, text_of

LINK = re.compile(r"\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`([\w./-]+)`")
SUFFIXES = {suffix for path in paths() if (suffix := PurePosixPath(path).suffix)}
FOLDERS = {str(folder) for path in paths() for folder in PurePosixPath(path).parents if folder.name}
TOP_LEVEL = {folder for folder in FOLDERS if "/" not in folder}


def is_path(name: str) -> bool:
    """Tell whether a name in backticks is meant as a file or a folder of the repository."""
    parts = PurePosixPath(name).parts
    is_file = PurePosixPath(name).suffix in SUFFIXES
    return not name.startswith("/") and (is_file or parts[:1] == ("..",) or (len(parts) > 1 and parts[0] in TOP_LEVEL))


def exists(document: str, name: str) -> bool:
    """Tell whether a path exists: relative to its document, or as the end of a path of the repository."""
    if ((REPOSITORY / document).parent / name).exists():
        return True
    wanted = name.rstrip("/")
    return any(path == wanted or path.endswith(f"/{wanted}") for path in (*paths(), *FOLDERS))


@pytest.mark.parametrize("document", documents())
def test_a_link_in_a_document_leads_to_a_file(document: str) -> None:
    targets = [target.partition("#")[0] for target in LINK.findall(text_of(document)) if "://" not in target]
    folder = Path(REPOSITORY, document).parent
    assert [target for target in targets if not (folder / target).exists()] == []


@pytest.mark.parametrize("document", documents())
def test_a_path_in_a_document_exists(document: str) -> None:
    names = [name for name in QUOTED.findall(text_of(document)) if is_path(name)]
    assert [name for name in names if not exists(document, name)] == []


@pytest.mark.parametrize("name", ["deploy/local/", "relay.py", "data/terse.yaml", "../tests"])
def test_a_file_or_folder_is_taken_for_a_path(name: str) -> None:
    assert is_path(name)


@pytest.mark.parametrize("name", ["/v1/submissions", "safety.flagged.v1", "Idempotency-Key", "accept/reject", "."])
def test_other_words_are_not_taken_for_a_path(name: str) -> None:
    assert not is_path(name)


@pytest.mark.parametrize("name", ["shared/pipeline_shared", "pipeline_shared/__init__.py", "README.md"])
def test_a_path_that_is_there_is_found(name: str) -> None:
    assert exists("README.md", name)


@pytest.mark.parametrize("name", ["shared/missing.py", "shared/pipeline_sha", "issing.md"])
def test_a_path_that_is_not_there_is_noticed(name: str) -> None:
    assert not exists("README.md", name)
