"""The figures of the safety screen on the labelled set: `python -m tests.evaluation.safety`.

Only the first tables are a fair measure: weights fitted on other authors judge each author's texts, at thresholds
chosen without that author. The product's own weights were fitted on every text of the set, so their results count only
on the held-out texts.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from intake_service.screening.learned import load_learned
from intake_service.screening.lexicon import load_lexicon
from pipeline_training.screen.fitting import Example, as_examples
from pipeline_training.screen.judging import (
    Counts,
    Judged,
    choose_sentence_threshold,
    choose_threshold,
    count,
    judge_left_out,
    judge_short,
)
from pipeline_training.screen.texts import (
    AUTHORS,
    FIRST,
    MIXED,
    NOTE,
    SHORT,
    USUAL,
    Labelled,
    read_held_out,
    read_set,
)
from tests.evaluation import adapter
from tests.evaluation.sets import FOLDER

ROUNDS = 5
RECALLS = (0.90, 0.95, 0.98, 0.99)
JOINED = "joined"
Thresholds = tuple[float, float]


def main() -> None:
    """Print the tables."""
    examples = as_examples(read_set(FOLDER))
    judged = judge_left_out(examples, [*examples, *as_examples(list(_joined(read_set(FOLDER))))])
    usual = [one for one in judged if one.text.kind == USUAL]
    thresholds = _print_authors(usual)
    others = [one for one in usual if one.text.author in AUTHORS]
    _print_curve([one.whole for one in others])
    _print_kinds(judged, judge_short(examples), thresholds)
    _print_rules([one for one in examples if one.text.author in AUTHORS])
    _print_errors(others, thresholds)
    _print_time([one.text.narrative for one in examples if one.text.kind == USUAL])


def _joined(texts: Sequence[Labelled]) -> Iterator[Labelled]:
    """Yield each text of the five authors between two texts of its author that are not HIGH."""
    for author in AUTHORS:
        own = [text for text in texts if text.author == author]
        ordinary = [text for text in own if not text.high]
        for n, text in enumerate(own):
            before, after = ordinary[(n + 1) % len(ordinary)], ordinary[(n + 2) % len(ordinary)]
            narrative = f"{before.narrative} {text.narrative} {after.narrative}"
            yield replace(text, id=f"{JOINED}-{text.id}", kind=JOINED, narrative=narrative)


def _line(name: str, counts: Counts, texts: int) -> str:
    rates = f"recall {100 * counts.recall:5.1f} %   precision {100 * counts.precision:5.1f} %"
    return f"{name:34}{texts:6}{counts.high:6}   {rates}"


def _choose(judged: Sequence[Judged]) -> Thresholds:
    threshold = choose_threshold([one.whole for one in judged])
    return threshold, choose_sentence_threshold(judged, threshold)


def _count(judged: Iterable[Judged], thresholds: Thresholds) -> Counts:
    return _counts([(one.is_raised(*thresholds), one.text.high) for one in judged])


def _counts(said: Sequence[tuple[bool, bool]]) -> Counts:
    right = sum(raised and high for raised, high in said)
    return Counts(right, sum(raised for raised, _ in said) - right, sum(high for _, high in said))


def _print_authors(judged: Sequence[Judged]) -> Thresholds:
    """Print the results for each author, judged without that author; return the thresholds from all five."""
    print(f"{'author':34} texts  HIGH   (weights and thresholds without the author)")
    total = Counts()
    for author in AUTHORS:
        others = [one for one in judged if one.text.author in AUTHORS and one.text.author != author]
        own = [one for one in judged if one.text.author == author]
        counts = _count(own, _choose(others))
        print(_line(author, counts, len(own)))
        total = Counts(total.right + counts.right, total.wrong + counts.wrong, total.high + counts.high)
    five = [one for one in judged if one.text.author in AUTHORS]
    print(_line("all five", total, len(five)))
    thresholds = _choose(five)
    own = [one for one in judged if one.text.author == FIRST]
    print(_line(FIRST, _count(own, thresholds), len(own)), "  (flattered: the rules were written on these)")
    return thresholds


def _print_curve(scored: Sequence[tuple[float, bool]]) -> None:
    print("\nthe five authors together, each left out once, rules that are certain and whole texts alone")
    for recall in RECALLS:
        thresholds = sorted((value for value, high in scored if high), reverse=True)
        threshold = next(value for value in thresholds if count(scored, value).recall >= recall)
        print(f"  recall {100 * recall:.0f} % costs precision {100 * count(scored, threshold).precision:.1f} %")


def _print_kinds(judged: Sequence[Judged], short: Sequence[Judged], thresholds: Thresholds) -> None:
    """Print the results for other forms of text, with and without the additions made for them."""
    print(f"\n{'kind':34} texts  HIGH")
    for kind in (JOINED, MIXED):
        own = [one for one in judged if one.text.kind == kind]
        bare = [(one.score >= thresholds[0], one.text.high) for one in own]
        print(_line(f"{kind}, author left out", _count(own, thresholds), len(own)))
        print(_line(f"{kind}, weights of the whole alone", _counts(bare), len(own)))
    for kind in (SHORT, NOTE):
        own = [one for one in short if one.text.kind == kind]
        print(_line(f"{kind}, voices left out", count([one.whole for one in own], _few_words_threshold()), len(own)))
        print(
            _line(f"{kind}, certain rules alone", _counts([(one.is_certain, one.text.high) for one in own]), len(own))
        )
    for kind in (SHORT, MIXED, NOTE):
        held_out = [text for text in read_held_out(FOLDER) if text.kind == kind]
        said = [(adapter.screen(text.narrative), text.high) for text in held_out]
        print(_line(f"{kind}, held out, by the product", _counts(said), len(said)))


def _few_words_threshold() -> float:
    return load_learned().few_words.threshold


def _print_rules(examples: Sequence[Example]) -> None:
    """Print how often each rule would be right on other authors' texts if it decided alone."""
    fired: Counter[tuple[str, bool]] = Counter()
    for one in examples:
        fired.update((name, one.text.high) for name in one.features if name.startswith("r:"))
        fired.update([("certain", one.text.high)] * one.is_certain)
    rules = {f"r:{rule.id}": rule.certain for rule in load_lexicon().rules}
    print("\nrule, were it alone, on other authors' texts   right  wrong")
    for rule, is_certain in {"r:any": False, "certain": True, **rules}.items():
        note = "  certain" if is_certain else ""
        print(f"  {rule.removeprefix('r:'):45}{fired[rule, True]:5}{fired[rule, False]:7}{note}")


def _print_errors(judged: Sequence[Judged], thresholds: Thresholds) -> None:
    print("\nmissed and false alarms when their author is left out")
    for one in sorted(judged, key=lambda one: one.text.id):
        if one.is_raised(*thresholds) != one.text.high:
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


if __name__ == "__main__":
    main()
