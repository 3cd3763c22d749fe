"""A pooled connection goes to its next user unchanged, so no statement may leave anything on it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline_local.home import REPOSITORY

LEAVES = re.compile(
    r"^\s*(SET\s+(SESSION\s+)?(ROLE\b|[\w.]+\s*(=|TO\b))|RESET\b|LISTEN\b|PREPARE\b|DECLARE\b|CREATE\s+(LOCAL\s+)?TEMP|DISCARD\b)"
    r"|set_config\s*\([^)]*\bfalse\b|pg_advisory_lock(_shared)?\s*\(",
    re.IGNORECASE,
)
# They use a connection of their own, which ends with its work.
OWN_CONNECTION = {"migrations.py"}


def python_files() -> list[Path]:
    folders = (REPOSITORY / "services", REPOSITORY / "shared")
    return [path for folder in folders for path in folder.rglob("*.py") if path.name not in OWN_CONNECTION]


def texts_in(path: Path) -> Iterator[str]:
    """Yield every text in a file but its docstrings."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_attack_49_no_statement_leaves_a_setting_on_a_pooled_connection(path: Path) -> None:
    assert [text for text in texts_in(path) if LEAVES.search(text)] == []


@pytest.mark.parametrize(
    "statement",
    [
        "SET application.person = 'x'",
        "set session role x",
        "SELECT set_config('a.b', $1, false)",
        "LISTEN x",
        "CREATE TEMP TABLE x ()",
        "SELECT pg_advisory_lock(1)",
    ],
)
def test_what_would_be_left_is_noticed(statement: str) -> None:
    assert LEAVES.search(statement)


@pytest.mark.parametrize(
    "statement", ["SET LOCAL lock_timeout = 1", "UPDATE x SET a = 1", "SELECT set_config('a.b', $1, true)"]
)
def test_what_ends_with_its_transaction_may_stay(statement: str) -> None:
    assert not LEAVES.search(statement)
