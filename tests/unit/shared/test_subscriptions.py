"""The type checker ties a use case to its topic: it refuses each wrong row of a table of subscriptions."""

import json
import subprocess
import sys
from pathlib import Path

from pipeline_shared.messaging.subscriptions import Subscription
from tests.unit.shared import subscriptions_typed

FILE = Path(subscriptions_typed.__file__)
ROOT = Path(__file__).parents[3]
IGNORE = "  # pyright: ignore[reportArgumentType]"


def lines_refused(source: str, folder: Path) -> set[int]:
    """Return the lines of a file that the type checker refuses under the repository's settings."""
    file = folder / "table.py"
    file.write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", str(file)]
    answer = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=False).stdout)
    assert answer["summary"]["filesAnalyzed"] == 1
    return {found["range"]["start"]["line"] for found in answer["generalDiagnostics"] if found["severity"] == "error"}


def test_a_use_case_of_another_topic_is_a_type_error_and_its_own_is_none(tmp_path: Path) -> None:
    source = FILE.read_text(encoding="utf-8")
    wrong = {number for number, line in enumerate(source.splitlines()) if line.endswith(IGNORE)}
    assert len(wrong) == len(subscriptions_typed.wrong())
    assert lines_refused(source.replace(IGNORE, ""), tmp_path) == wrong


def test_a_table_that_is_right_can_be_made() -> None:
    assert all(isinstance(row, Subscription) for row in subscriptions_typed.right())
