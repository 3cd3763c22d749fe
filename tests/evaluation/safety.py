"""How well the safety screen does on the labelled set: `python -m tests.evaluation.safety`.

The honest figures are those of the first table: each author's texts by weights fitted on the others', at a threshold
chosen without that author. The product's own weights have met every text of the set: what they say of it is no measure.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from intake_service.screening.lexicon import load_lexicon
from tests.evaluation import adapter
from tests.evaluation.fit_screen import (
    Counts,
    Example,
    choose_threshold,
    count,
    left_out_scores,
    read_examples,
)
from tests.evaluation.labelled import AUTHORS, FIRST

ROUNDS = 5
RECALLS = (0.90, 0.95, 0.98, 0.99)


def _line(name: str, texts: int, counts: Counts) -> str:
    rates = f"recall {100 * counts.recall:5.1f} %   precision {100 * counts.precision:5.1f} %"
    return f"{name:8}{texts:6}{counts.high:6}   {rates}"


def _print_authors(examples: Sequence[Example], scores: Mapping[str, float]) -> None:
    """Print how each author's texts are judged without them."""
    print("author   texts  HIGH   (weights and threshold without the author)")
    total = Counts()
    for author in AUTHORS:
        others = _scored(examples, scores, [one for one in AUTHORS if one != author])
        own = _scored(examples, scores, [author])
        counts = count(own, choose_threshold(others))
        print(_line(author, len(own), counts))
        total = Counts(total.right + counts.right, total.wrong + counts.wrong, total.high + counts.high)
    print(_line("all five", sum(one.text.author in AUTHORS for one in examples), total))
    own = _scored(examples, scores, [FIRST])
    counts = count(own, choose_threshold(_scored(examples, scores, AUTHORS)))
    print(_line(FIRST, len(own), counts), "  (flattered: the rules were written on these)")


def _scored(
    examples: Iterable[Example], scores: Mapping[str, float], authors: Sequence[str]
) -> list[tuple[float, bool]]:
    return [(scores[one.text.id], one.text.high) for one in examples if one.text.author in authors]


def _print_curve(scored: Sequence[tuple[float, bool]]) -> None:
    print("\nthe five authors together, each left out once")
    for recall in RECALLS:
        thresholds = sorted((value for value, high in scored if high), reverse=True)
        threshold = next(value for value in thresholds if count(scored, value).recall >= recall)
        print(f"  recall {100 * recall:.0f} % costs precision {100 * count(scored, threshold).precision:.1f} %")


def _print_rules(examples: Sequence[Example]) -> None:
    """Print how often each rule is right on other authors' texts, were it to decide alone."""
    fired: Counter[tuple[str, bool]] = Counter()
    for one in examples:
        if one.text.author != FIRST:
            fired.update((name, one.text.high) for name in one.features if name.startswith("r:"))
    print("\nrule, were it alone, on other authors' texts   right  wrong")
    for rule in ("r:any", *(f"r:{rule.id}" for rule in load_lexicon().rules)):
        print(f"  {rule.removeprefix('r:'):45}{fired[rule, True]:5}{fired[rule, False]:7}")


def _print_errors(examples: Sequence[Example], scores: Mapping[str, float], threshold: float) -> None:
    print("\nmissed and false alarms when their author is left out")
    for one in sorted(examples, key=lambda one: one.text.id):
        said = scores[one.text.id] >= threshold
        if one.text.author != FIRST and said != one.text.high:
            print(f"  {'missed' if one.text.high else 'false '} {one.text.id:12} {one.text.why}")


def _print_time(narratives: Sequence[str]) -> None:
    typical = [" ".join(narratives[at : at + 5])[:500] for at in range(0, len(narratives) - 5, 5)]
    print(f"\n{_milliseconds(typical):.2f} ms for 500 characters (texts joined, the fastest of {ROUNDS} rounds)")


def _milliseconds(narratives: Sequence[str]) -> float:
    rounds: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for narrative in narratives:
            adapter.screen(narrative)
        rounds.append(time.process_time() - began)
    return 1_000 * min(rounds) / len(narratives)


def main() -> None:
    """Print the tables."""
    examples = read_examples()
    scores = left_out_scores(examples)
    others = _scored(examples, scores, AUTHORS)
    _print_authors(examples, scores)
    _print_curve(others)
    _print_rules(examples)
    _print_errors(examples, scores, choose_threshold(others))
    _print_time([one.text.narrative for one in examples])


if __name__ == "__main__":
    main()
