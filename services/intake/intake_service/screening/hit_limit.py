"""Limits the number of hits: enough to show the reasons and places, even when a text repeats itself."""

from collections import Counter
from collections.abc import Iterable

from pipeline_shared.language.restricted import SafetyHit

MOST_HITS = 100  # per submission
MOST_ALIKE = 3  # of one rule in one text


def keep(hits: Iterable[SafetyHit]) -> tuple[SafetyHit, ...]:
    """Return at most MOST_HITS hits: the first of every reason, the first of every rule, then others in order.

    At most MOST_ALIKE hits of one rule in one text are kept. The kept hits stay in the order in which they were found.
    """
    found = _not_too_alike(hits)
    if len(found) <= MOST_HITS:
        return tuple(found)
    reasons = {hit.reason: at for at, hit in reversed([*enumerate(found)])}
    rules = {hit.rule: at for at, hit in reversed([*enumerate(found)])}
    wanted = dict.fromkeys([*sorted(reasons.values()), *sorted(rules.values()), *range(len(found))])
    return tuple(found[at] for at in sorted([*wanted][:MOST_HITS]))


def _not_too_alike(hits: Iterable[SafetyHit]) -> list[SafetyHit]:
    alike: Counter[tuple[str, str]] = Counter()
    kept: list[SafetyHit] = []
    for hit in hits:
        alike[hit.rule, hit.path] += 1
        if alike[hit.rule, hit.path] <= MOST_ALIKE:
            kept.append(hit)
    return kept
