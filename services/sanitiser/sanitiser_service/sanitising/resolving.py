"""Which of overlapping places count: the surest first; what is left never overlaps a replacement."""

from sanitiser_service.sanitising.findings import KINDS, Band, Match

_ORDER = {Band.AUTO: 0, Band.PROPOSE: 1, Band.BLOCK: 2, Band.FLAG: 3}


def resolve(size: int, matches: list[Match]) -> list[Match]:
    """Return the places in order: a sure one goes before a doubtful one, a longer before a shorter; none overlap."""
    taken = bytearray(size)
    kept: list[Match] = []
    for match in sorted(set(matches), key=_precedence):
        if match.end > match.start and not any(taken[match.start : match.end]):
            taken[match.start : match.end] = b"\x01" * (match.end - match.start)
            kept.append(match)
    return sorted(kept)


def _precedence(match: Match) -> tuple[int, int, float, Match]:
    kind = KINDS[match.kind]
    return _ORDER[kind.band], match.start - match.end, -kind.score, match


def redacted(match: Match) -> bool:
    """Tell whether a match is replaced in the proposal."""
    return KINDS[match.kind].band in (Band.AUTO, Band.PROPOSE)
