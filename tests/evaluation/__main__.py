"""`make eval`: the words that the matcher removes, catches, highlights and damages on each labelled set, and its speed.

Read the figures together: "caught" means little without "highlighted". Texts that go onward without a person have a
table of their own, because a missed span there is a leak. The encoder was tuned on the hand-written sets. So the first
table flatters it; in the tables by author each text is read by an encoder that was tuned on other authors.
"""

import argparse
import time
from collections import Counter
from contextlib import nullcontext
from typing import Any

from pipeline_training.forms import documents_in
from sanitiser_service.matcher.findings import Band, Finding
from tests.evaluation import hostile, score
from tests.evaluation.adapter import evaluate, findings_of
from tests.evaluation.authors import KEPT, kept, left_out, print_reviews, tuned_on
from tests.evaluation.onward import print_onward, print_short
from tests.evaluation.sets import FOLDER

SETS = ("handwritten", "handwritten2", "fresh", "generated")
COLUMNS = {
    "direct removed %": "direct removed", "quasi removed %": "quasi removed", "direct caught %": "direct caught",
    "quasi caught %": "quasi caught", "text highlighted %": "highlighted", "subject facts intact %": "subjects intact",
    "look-alikes intact %": "look-alikes", "documents without direct leak %": "no direct leak",
    "documents per second (one core)": "docs/s",
}  # fmt: skip
SLOWEST = 16
Document = dict[str, Any]
Misses = list[tuple[str, str, str, str]]


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--misses", type=int, default=20, help="how many misses to list of each set")
    options.add_argument(
        "--as-it-is", action="store_true", help="judge every author by the product: no fit, minutes less"
    )
    args = options.parse_args()
    sets = {name: documents_in([FOLDER / f"{name}.jsonl"]) for name in SETS}
    rows = {name: measured(documents) for name, documents in sets.items()}
    print_table(rows)
    with nullcontext() if args.as_it_is else left_out():
        print("\nBy author, each left out of the fit:")
        print_authors(tuned_on())
    print("\nBy author, never used for a fit or a choice:")
    print_authors(kept())
    short = documents_in([FOLDER / "short.jsonl"])
    others = {name: documents_in([FOLDER / f"{name}.jsonl"]) for name in ("handwritten3", *KEPT)}
    print_onward({**sets, **others, "short": short})
    print_short(short)
    print_rules([document for name in SETS[:3] for document in sets[name]])
    print_hostile()
    for name in SETS[:3]:
        print(f"\nMissed or damaged in {name} (the first {args.misses}):")
        for miss in [miss for miss in rows[name][1] if miss[1] != "flagged"][: args.misses]:
            print(" ", *miss, sep=" | ")


def print_authors(groups: dict[str, list[Document]]) -> None:
    """Print for each group of texts what is found and what a reviewer is asked."""
    rows = {name: measured(documents) for name, documents in groups.items()}
    print_table(rows)
    kinds = Counter(kind for _, what, kind, _ in rows["all"][1] if what == "MISSED")
    print("neither replaced nor asked about, by kind:", dict(kinds.most_common()))
    print_reviews(groups)


def measured(documents: list[Document]) -> tuple[dict[str, Any], Misses]:
    """Return the figures of a set and its misses."""
    seconds: list[float] = []
    totals: Counter[str] = Counter()
    misses: Misses = []
    for document in documents:
        begin = time.process_time()
        output = evaluate(document["form"], document["narrative"])
        seconds.append(time.process_time() - begin)
        score.score_document(document, output, totals, misses)
    figures = score.report(totals, sum(seconds))
    return figures | {"p99 ms": round(1000 * sorted(seconds)[int(0.99 * len(seconds))], 1)}, misses


def print_table(rows: dict[str, tuple[dict[str, Any], Misses]]) -> None:
    """Print one row of figures for each set."""
    titles = [*COLUMNS.values(), "p99 ms"]
    print(f"{'set':18}", *(f"{title:>16}" for title in titles))
    for name, (figures, _) in rows.items():
        cells = [figures[column] for column in (*COLUMNS, "p99 ms")]
        print(f"{name:18}", *(f"{'-' if cell is None else cell:>16}" for cell in cells))


def print_rules(documents: list[Document]) -> None:
    """Print for each rule how many spans are right and how many damage a text that must stay."""
    rules: dict[tuple[Band, str], Counter[str]] = {}
    for document in documents:
        for finding in findings_of(document["form"], document["narrative"]):
            rules.setdefault((finding.band, finding.rule), Counter())[_verdict(finding, document)] += 1
    print(f"\n{'rule':40} {'band':8} {'spans':>6} {'right':>6} {'damage':>7} {'precision':>10}")
    for (band, rule), counts in sorted(rules.items()):
        share = counts["right"] / counts.total()
        print(f"{rule:40} {band:8} {counts.total():6} {counts['right']:6} {counts['damage']:7} {share:10.0%}")
    needing = sum(counts.total() for (band, _), counts in rules.items() if band is not Band.AUTO)
    print(f"\nFor a person to decide: {needing / len(documents):.1f} findings a document")


def _verdict(finding: Finding, document: Document) -> str:
    touched = [s for s in document["spans"] if s["start"] < finding.end and s["end"] > finding.start]
    if any(span["sev"] != "keep" for span in touched):
        return "right"
    return "damage" if touched and finding.token else "other"


def print_hostile() -> None:
    """Print the kinds of hostile text that take longest for 100 kB; no kind may take long."""
    seconds: dict[tuple[str, ...], float] = {}
    for kind in hostile.KINDS:
        text = hostile.hostile_text(kind, 20_000)
        begin = time.process_time()
        for _ in range(5):
            evaluate(hostile.FORM, text)
        seconds[kind] = time.process_time() - begin
    print(f"\n100 kB of hostile text, in pieces as long as a narrative may be; the slowest of {len(seconds)} kinds:")
    for kind, taken in sorted(seconds.items(), key=lambda item: -item[1])[:SLOWEST]:
        print(f"  {' then '.join(map(repr, kind)):36} {taken:6.2f} s")


if __name__ == "__main__":
    main()
