"""Reads each labelled text with an encoder that was fitted on the texts of other authors."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline_shared.encoder.encoder import Token
from pipeline_training.telling.fitting import Fitter, fitter_of
from pipeline_training.telling.layers import Array
from pipeline_training.telling.texts import Labelled, Piece
from sanitiser_service.matcher.disclosure.telling import Logits, joined

Reader = Callable[[Sequence[Token], Sequence[int]], Logits]
PARTS = 2  # the authors are divided into this many parts; each part is read by the fit on the others


def left_out_reader(documents: Sequence[Labelled], wheel: Path) -> Reader:
    """Return a reader of these documents' texts that never reads a text with what was fitted on its author."""
    fitter, pieces = fitter_of(documents, wheel)
    authors = list(dict.fromkeys(one.author for one in documents))
    known: dict[tuple[int, ...], Logits] = {}
    for part in range(PARTS):
        own = {author for at, author in enumerate(authors) if at % PARTS == part}
        judged = [at for at, piece in enumerate(pieces) if documents[piece.document].author in own]
        rest = [at for at, piece in enumerate(pieces) if documents[piece.document].author not in own]
        found = fitter.judge(_fitted(fitter, rest, own), judged)
        known |= _by_tokens(documents, pieces, found)

    def read(tokens: Sequence[Token], _marks: Sequence[int]) -> Logits:
        return known[tuple(token.id for token in tokens)]

    return read


def _fitted(fitter: Fitter, rest: Sequence[int], own: set[str]) -> object:
    return fitter.fit(rest, f"without {' '.join(sorted(own))}:")


def _by_tokens(
    documents: Sequence[Labelled], pieces: Sequence[Piece], found: dict[int, Array]
) -> dict[tuple[int, ...], Logits]:
    windows: dict[int, list[tuple[int, Logits]]] = {}
    for at, logits in found.items():
        windows.setdefault(pieces[at].document, []).append((pieces[at].first, logits))
    return {
        tuple(token.id for token in documents[number].tokens): joined(len(documents[number].tokens), ones)
        for number, ones in windows.items()
    }
