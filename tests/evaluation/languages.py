"""The texts recognised as another language, and English taken for one: `python -m tests.evaluation.languages`.

`tuned` texts in other languages were in use while the lists and weights were chosen. `kept` texts had been written by
then, were not looked at, and were never used for a choice. One author wrote both.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from intake_service.screening.screen import LANGUAGES

FOLDER = Path(__file__).parent
OTHERS = FOLDER / "other_languages.jsonl"


def main() -> None:
    """Print the missed texts, and English texts taken for another language; named files are read in addition."""
    rows = [json.loads(line) for line in OTHERS.read_text("utf-8").splitlines()]
    for half in ("tuned", "kept"):
        own = [row for row in rows if row["id"].startswith(half)]
        missed = [row for row in own if not LANGUAGES.find(row["narrative"])]
        print(f"{half}: {len(own) - len(missed)} of {len(own)} recognised; missed {_listed(missed)}")
    english = [path for path in sorted(FOLDER.glob("*.jsonl")) if path != OTHERS]
    total = wrong = 0
    for path in [*english, *map(Path, sys.argv[1:])]:
        texts = [json.loads(line)["narrative"] for line in path.read_text("utf-8").splitlines()]
        found = [text for text in texts if LANGUAGES.find(text)]
        lower = sum(bool(LANGUAGES.find(text.lower())) for text in texts)
        print(f"{path.name}: {len(found)} of {len(texts)} called another language, {lower} when in small letters")
        total, wrong = total + len(texts), wrong + len(found)
        for text in found:
            print("   ", [text[start:end] for start, end in LANGUAGES.find(text)])
    print(f"English: {wrong} of {total}")


def _listed(rows: Iterable[dict[str, str]]) -> str:
    return ", ".join(row["language"] for row in rows) or "none"


if __name__ == "__main__":
    main()
