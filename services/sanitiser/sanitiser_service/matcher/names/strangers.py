"""Finds names that neither a field of the form nor a subject row explains and that may belong to the source's side.

Most names in a text are those of subjects, so such a name is pointed at only with a sign: it signs the text, or whoever
tells confides in its owner, or a judge of the source's side gives it a high probability.
"""

from collections.abc import Sequence

from pipeline_shared.text.tokens import LINE, SENTENCE
from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.titles import TITLES
from sanitiser_service.matcher.findings import Match, Who
from sanitiser_service.matcher.names.bystanders import Bystanders
from sanitiser_service.matcher.protection import Protection
from sanitiser_service.matcher.text.lexicons import FAMILY, GREETINGS, NICKNAMES, WORD_NAMES, word_set
from sanitiser_service.matcher.text.reading import CAPITALISED, CAPITALS, Reading

LIKELY = 0.4
SHORTEST, MOST_SIGNING = 2, 6
_BEFORE_PLACES = word_set("strangers_before_places")
_CONFIDED = frozenset({("not", "even"), ("told", "only"), ("only", "told"), ("except", "for"), ("nobody", "but")})
_NOBODY = TITLES | GREETINGS | FAMILY


def strangers_in(
    reading: Reading,
    protection: Protection,
    bystanders: Bystanders,
    source_side: Sequence[float],
    *,
    explained: frozenset[str] = frozenset(),
) -> list[Match]:
    """Return the places of names that nothing on the form explains, if their owner may be on the source's side.

    `source_side` is for each word the probability that it names somebody on that side; `explained` are the words of
    names in subject rows.
    """
    if not reading.cased:
        return []
    signing = _last_from(reading, LINE)
    names = [
        at for at in reading.with_capital if reading.keys[at] not in explained and _is_name(reading, at, protection)
    ]
    signed = {at for at in (_last_from(reading, SENTENCE),) if _signs(reading, at, protection)}
    asked = {
        reading.keys[at]
        for at in sorted(signed.union(names))
        if at in signed
        or (at >= signing and reading.keys[at] not in bystanders.keys)
        or tuple(reading.keys[max(0, at - 2) : at]) in _CONFIDED
        or source_side[at] >= LIKELY
    }
    return [
        Match(*reading.original(at, at), Who.OTHER, "stranger")
        for at in sorted(signed.union(names))
        if reading.keys[at] in asked
    ]


def _last_from(reading: Reading, least: int) -> int:
    """Return the first word of a short last line or sentence, which may sign a text; otherwise the number of words."""
    last = max((at for at, broken in enumerate(reading.breaks[:-1], 1) if broken >= least), default=0)
    return last if last > 0 and len(reading) - last <= MOST_SIGNING else len(reading)


def _signs(reading: Reading, at: int, protection: Protection) -> bool:
    """Tell whether the first word of the end signs a text, by what follows: "Vic (SN)", "Al, housing", "If CMHN"."""
    if at + 1 >= len(reading) or reading.cases[at] != CAPITALISED:
        return False
    key, gap = reading.keys[at], reading.gaps[at]
    if key in _NOBODY or key in protection.known:
        return False
    if gap == " " and reading.cases[at + 1] == CAPITALS:
        return reading.breaks[at - 1] == LINE
    return gap in {", ", " (", " / "} and (key not in WORDS or key in NICKNAMES or key in WORD_NAMES)


def _is_name(reading: Reading, at: int, protection: Protection) -> bool:
    key = reading.keys[at]
    if reading.cases[at] != CAPITALISED or len(key) < SHORTEST or not key.isalpha():
        return False
    if key in _NOBODY or key in protection.known or (key in WORDS and key not in NICKNAMES):
        return False
    return not at or reading.keys[at - 1] not in _BEFORE_PLACES
