"""Finds indirect identifiers: phrases that may reveal the source without a name, such as a view from a window.

People say such things in more ways than a list can hold. So each phrase is weighed by the classes of words in it,
around it and in its sentence (`indirect_identifiers.txt`), by the people it mentions, and by the use of the first
person. A flag never changes the text: it only highlights a phrase.
"""

from collections.abc import Sequence

from sanitiser_service.matcher.disclosure.phrases import BIT, masks_of, phrases_of
from sanitiser_service.matcher.disclosure.weighing import reason_of, scores_of
from sanitiser_service.matcher.findings import Match, Who
from sanitiser_service.matcher.text.reading import Reading

# Below this threshold flags are hardly better than chance: `docs/sanitiser.md` has the curve and the control.
THRESHOLD, CROWDED = -1.75, 2.5
NOBODY_SPEAKS, RISE, SPOKEN = 1.8, 2.0, 0.12
MOST = 0.405
_ANCHORS = sum(BIT[name] for name in ("me", "us", "source", "submitter", "organisation", "role"))


def indirect_identifiers_in(reading: Reading, direct: Sequence[Match]) -> list[Match]:
    """Return the phrases whose weight reaches the threshold, with neighbours in a sentence joined."""
    phrases = phrases_of(reading)
    masks = masks_of(reading, phrases, direct)
    sizes = [reading.ends[last] - reading.starts[first] for first, last, _ in phrases]
    runs: list[list[int]] = []
    bar = bar_for(masks)
    for at in chosen(scores_of(reading, phrases, masks), sizes, bar=bar, room=_room(reading, direct)):
        if runs and runs[-1][-1] == at - 1 and phrases[at - 1].sentence == phrases[at].sentence:
            runs[-1].append(at)
        else:
            runs.append([at])
    places = [reading.original(phrases[run[0]].first, phrases[run[-1]].last) for run in runs]
    return [
        Match(start, end, Who.SOURCE, "cue", reason_of(masks[run[0]]))
        for run, (start, end) in zip(runs, places, strict=True)
    ]


def _room(reading: Reading, direct: Sequence[Match]) -> float:
    """Return the number of characters that may be highlighted; highlighting everything would help no reader."""
    return MOST * len(reading.text) - sum(match.end - match.start for match in direct)


def bar_for(masks: Sequence[int]) -> float:
    """Return the threshold of a text: low if it mentions its source often, high if it does not."""
    anchors = sum(1 for mask in masks if mask & _ANCHORS and not mask & BIT["quoted"])
    if not anchors:
        return NOBODY_SPEAKS
    return THRESHOLD + RISE * max(0.0, 1 - anchors / (SPOKEN * len(masks)))


def chosen(scores: Sequence[float], sizes: Sequence[int], *, bar: float, room: float) -> list[int]:
    """Return the phrases to highlight, heaviest first; a neighbour of a chosen phrase needs more weight."""
    picked: set[int] = set()
    for at in sorted(range(len(scores)), key=scores.__getitem__, reverse=True):
        if room <= 0 or scores[at] < bar:
            break
        if scores[at] >= bar + CROWDED or (at - 1 not in picked and at + 1 not in picked):
            picked.add(at)
            room -= sizes[at]
    return sorted(picked)
