"""How well the safety screen does on the labelled set: `python -m tests.evaluation.safety`.

The set has parts (SAFETY.md): what rules were tuned on, a third held out, and texts written after the rules.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from intake_service.screening.screen import screen
from pipeline_shared.submission import RiskAnswers
from tests.evaluation import adapter

SET = Path(__file__).with_name("safety.jsonl")
PARTS = {"a": "dev", "b": "dev", "c": "later", "d": "later", "e": "later", "f": "later", "g": "later"}
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, whether it is HIGH, and what the screen said."""

    id: str
    narrative: str
    high: bool
    why: str
    said: bool

    @property
    def part(self) -> str:
        """Return the part of the set that the text belongs to."""
        batch, number = self.id.split("-")
        held_out = PARTS[batch] == "dev" and int(number) % 3 == 2
        return "hold-out" if held_out else PARTS[batch]


def read_set() -> list[Labelled]:
    """Return the labelled texts with what the screen says of each."""
    rows = [json.loads(line) for line in SET.read_text("utf-8").splitlines()]
    return [Labelled(**row, said=adapter.screen(row["narrative"])) for row in rows]


def _rate(right: int, all_of_them: int) -> str:
    return f"{100 * right / all_of_them:5.1f} %" if all_of_them else "      –"


def _line(name: str, texts: list[Labelled]) -> str:
    hits = sum(text.high and text.said for text in texts)
    high, said = sum(text.high for text in texts), sum(text.said for text in texts)
    return f"{name:10}{len(texts):6}{high:6}   recall {_rate(hits, high)}   precision {_rate(hits, said)}"


def _rules_that_fired(texts: Iterable[Labelled]) -> Counter[tuple[str, bool]]:
    fired: Counter[tuple[str, bool]] = Counter()
    for text in texts:
        fired.update((rule, text.high) for rule in {rule for rule, _ in _hits(text)})
    return fired


def _hits(text: Labelled) -> Iterable[tuple[str, str]]:
    for hit in screen({"narrative": text.narrative}, RiskAnswers()).hits:
        yield hit.rule, text.narrative[hit.start : hit.end]


def _milliseconds(narratives: list[str]) -> float:
    began = time.process_time()
    for _ in range(ROUNDS):
        for narrative in narratives:
            adapter.screen(narrative)
    return 1_000 * (time.process_time() - began) / ROUNDS / len(narratives)


def main() -> None:
    """Print the table."""
    texts = read_set()
    print("part       texts  HIGH")
    for part in ("dev", "hold-out", "later"):
        print(_line(part, [text for text in texts if text.part == part]))
    print(_line("all", texts))
    _print_rules(texts)
    _print_errors(texts)
    _print_time([text.narrative for text in texts])


def _print_rules(texts: list[Labelled]) -> None:
    fired = _rules_that_fired(texts)
    print("\nrule                            right  wrong  precision")
    for rule in sorted({rule for rule, _ in fired}):
        right, wrong = fired[rule, True], fired[rule, False]
        print(f"{rule:32}{right:5}{wrong:7}   {_rate(right, right + wrong)}")


def _print_errors(texts: list[Labelled]) -> None:
    print("\nmissed, outside the hold-out")
    for text in texts:
        if text.part != "hold-out" and text.high and not text.said:
            print(f"  {text.id}  {text.narrative}")
    print("\nfalse alarms, outside the hold-out")
    for text in texts:
        if text.part != "hold-out" and text.said and not text.high:
            print(f"  {text.id}  {text.why}: {list(_hits(text))}")


def _print_time(narratives: list[str]) -> None:
    length = sum(map(len, narratives)) // len(narratives)
    typical = [" ".join(narratives[at : at + 5])[:500] for at in range(0, len(narratives) - 5, 5)]
    print(f"\n{_milliseconds(narratives):.2f} ms for a text of this set ({length} characters on average)")
    print(f"{_milliseconds(typical):.2f} ms for 500 characters (texts of this set joined)")


if __name__ == "__main__":
    main()
