"""Resolves overlaps between matches: the most certain match wins, and no other place overlaps it."""

from sanitiser_service.matcher.findings import KINDS, Band, Match

SHORTEST = 4
_ORDER = {Band.AUTO: 0, Band.PROPOSE: 1, Band.FLAG: 2}


def resolve(size: int, matches: list[Match]) -> list[Match]:
    """Return the matches in order without overlaps: certain before doubtful ones, long before short ones."""
    taken = bytearray(size)
    kept: list[Match] = []
    for match in sorted(matches, key=_precedence):
        for one in _free(taken, match):
            taken[one.start : one.end] = b"\x01" * (one.end - one.start)
            kept.append(one)
    return sorted(kept)


def _free(taken: bytearray, match: Match) -> list[Match]:
    """Return a match that overlaps nothing taken, or the free parts of an indirect identifier, or nothing."""
    if match.end <= match.start:
        return []
    at = taken.find(1, match.start, match.end)
    if at < 0:
        return [match]
    spans = _free_spans(taken, match) if match.phrase_class else []
    return [match._replace(start=start, end=end) for start, end in spans if end - start >= SHORTEST]


def _free_spans(taken: bytearray, match: Match) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = match.start
    while at < match.end:
        start = taken.find(0, at, match.end)
        if start < 0:
            break
        end = taken.find(1, start, match.end)
        at = end if end >= 0 else match.end
        spans.append((start, at))
    return spans


def _precedence(match: Match) -> tuple[int, int, float, Match]:
    band, score, subject = KINDS[match.kind]
    # An address is one thing, although its words can be names as well. An indirect identifier is the least certain.
    order = 0 if subject == "contact" else _ORDER[band] + bool(match.phrase_class)
    return order, match.start - match.end, -score, match
