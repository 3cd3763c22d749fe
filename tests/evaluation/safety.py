"""The figures of the safety screen's two levels on the labelled sets: `python -m tests.evaluation.safety`.

Weights, head, stack and bars are fitted anew without each group of authors, and judge the texts of that group. The kept
sets are judged by the product; nothing was ever fitted or chosen on them.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from intake_service.screening.encoder_reading import MODEL
from intake_service.screening.screen import level_of
from intake_service.screening.text_level import LEXICON
from intake_service.screening.windows import FEW_WORDS
from pipeline_shared.language.vocabulary import SafetyLevel
from pipeline_training.screen.fitting import Example, as_examples
from pipeline_training.screen.judging import judge_left_out, levels_left_out
from pipeline_training.screen.texts import KEPT, MIX, MIXED, NOTE, SHORT, USUAL, Labelled, read_kept, read_set
from tests.evaluation.disguises import DISGUISES
from tests.evaluation.sets import FOLDER

NOW, SOON = SafetyLevel.NOW, SafetyLevel.SOON
BRIEF = 200  # letters
LONG = 100  # words; the narratives of handwritten forms are about that long
Levels = list[tuple[Labelled, SafetyLevel]]


def main() -> None:
    """Print the tables."""
    print(f"Safety screen, model {MODEL}")
    examples = as_examples(read_set(FOLDER))
    judged = list(levels_left_out(judge_left_out(examples)))
    levels: Levels = [(one.text, level) for one, level in judged]
    _print_sets("authors left out", _by_author(levels))
    _print_sets("ordinary weeks, author left out", [("base, week", _of_kinds(levels, MIX))])
    few = [(one.text, level) for one, level in judged if one.is_few_words]
    _print_sets("under 12 words, author left out", [("all", few), ("notes", _of_kinds(few, NOTE))])
    kept = [(file, [(text, level_of(text.narrative)) for text in read_kept(FOLDER, file)]) for file in KEPT]
    _print_sets("kept sets, by the product", kept)
    _print_sets(f"kept texts to {BRIEF} letters, disguised", _disguised([text for _, some in kept for text, _ in some]))
    _print_rules(examples)
    _print_misses([*levels, *(one for _, some in kept for one in some)])
    _print_time([text.narrative for text, _ in _of_kinds(levels, USUAL, MIX)])


def _disguised(texts: Sequence[Labelled]) -> Iterator[tuple[str, Levels]]:
    """Yield the levels of the short texts with something around them, or in other letters."""
    short = [text for text in texts if len(text.narrative) <= BRIEF]
    for name, disguise in DISGUISES.items():
        yield name, [(text, level_of(disguise(text.narrative))) for text in short]


def _of_kinds(levels: Levels, *kinds: str) -> Levels:
    return [(text, level) for text, level in levels if text.kind in kinds]


def _by_author(levels: Levels) -> list[tuple[str, Levels]]:
    """Return the levels by author and kind, and those of all longer texts of strangers to the screen together."""
    names = sorted({(text.author, text.kind) for text, _ in levels})
    rows = [
        (f"{author} ({kind})", [one for one in levels if (one[0].author, one[0].kind) == (author, kind)])
        for author, kind in names
    ]
    return [*rows, ("all usual texts", _of_kinds(levels, USUAL)), ("short, mixed", _of_kinds(levels, SHORT, MIXED))]


def _print_sets(title: str, rows: Iterable[tuple[str, Levels]]) -> None:
    print(f"\n{title:34} texts  HIGH | HIGH in NOW      in NOW or SOON | others NOW  raised | NOW and raised of 100")
    for name, levels in rows:
        high = [level for text, level in levels if text.high]
        others = [level for text, level in levels if not text.high]
        found = f"{_share(high, NOW)} {_share(high, NOW, SOON)}"
        false = f"{others.count(NOW):6} {_raised(others):10}"
        every = [*high, *others]
        hundred = f"{100 * every.count(NOW) / len(every):6.1f} {100 * _raised(every) / len(every):6.1f}"
        print(f"{name:34}{len(levels):6}{len(high):6} | {found} | {false}   | {hundred}")


def _raised(levels: Sequence[SafetyLevel]) -> int:
    return levels.count(NOW) + levels.count(SOON)


def _share(levels: Sequence[SafetyLevel], *wanted: SafetyLevel) -> str:
    found = sum(level in wanted for level in levels)
    return f"{found:5} ({100 * found / max(len(levels), 1):5.1f} %)"


def _print_rules(examples: Sequence[Example]) -> None:
    """Print how often each certain rule is right and wrong; a rule stays certain only while this supports it."""
    certain = {rule.id for rule in LEXICON.rules if rule.certain}
    fired = Counter((rule, one.text.high) for one in examples for rule in one.rules & certain)
    print("\ncertain rules on all texts of the fit         right  wrong")
    for rule in sorted(certain, key=lambda rule: -fired[rule, False]):
        if fired[rule, True] + fired[rule, False]:
            print(f"  {rule:44}{fired[rule, True]:5}{fired[rule, False]:7}")


def _print_misses(levels: Levels) -> None:
    """Print the HIGH texts that are not raised, by the length of the text, with what their authors say of them."""
    missed = [text for text, level in levels if text.high and level is SafetyLevel.ORDINARY]
    print(f"\n{len(missed)} HIGH texts are neither NOW nor SOON, by kind:")
    print(" ", dict(Counter(_length(text) for text in missed)))
    for text in sorted(missed, key=lambda text: (text.kind, text.id)):
        print(f"  {_length(text):14} {text.id:18} {text.why}")


def _length(text: Labelled) -> str:
    words = len(text.narrative.split())
    return "few words" if words < FEW_WORDS else "long" if words >= LONG else "usual"


def _print_time(narratives: Sequence[str]) -> None:
    """Print the CPU time of a text on this machine."""
    level_of(narratives[0])
    spent = sorted(_milliseconds(narrative) for narrative in narratives)
    print(
        f"\nms per text: p50 {spent[len(spent) // 2]:.1f}, p99 {spent[int(0.99 * len(spent))]:.1f} ({len(spent)} texts)"
    )


def _milliseconds(narrative: str) -> float:
    began = time.process_time()
    level_of(narrative)
    return 1_000 * (time.process_time() - began)


if __name__ == "__main__":
    main()
