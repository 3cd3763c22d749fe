"""Reads a text with the sentence encoder and its head, window by window, and finds the words that add most."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from intake_service.screening.deadline import Deadline
from intake_service.screening.encoder_head import GRAPH, Head, load_head
from intake_service.screening.features import Reading
from intake_service.screening.lexicon import DATA
from intake_service.screening.text import fold_character
from pipeline_shared.encoder.allowance import Allowance
from pipeline_shared.encoder.encoder import LONGEST, Encoder, starts_of_windows
from pipeline_shared.encoder.files import HASHES, TOKENIZER, VERSION
from pipeline_shared.text.fold import fold_text

HEAD: Head = load_head()
SHOWN = 12  # figures of the hash in the model's version
MOST_TOKENS = 1_000  # of a submission, about 700 words; of a longer one the words read all, and the encoder a part


@dataclass(frozen=True, slots=True)
class EncoderReading:
    """The score of the window that weighs most, and what each of its tokens adds: (start in the text, how much)."""

    score: float
    parts: tuple[tuple[int, float], ...]

    def weight_of_words(self, reading: Reading) -> dict[int, float]:
        """Return what each word adds, if it speaks for danger."""
        starts = reading.words.starts
        weight: dict[int, float] = defaultdict(float)
        for start, much in self.parts:
            weight[bisect_right(starts, start) - 1] += much
        return {at: much for at, much in weight.items() if at >= 0 and much > 0}


NOT_READ = EncoderReading(0.0, ())


@lru_cache(maxsize=1)
def load_encoder() -> Encoder:
    """Return this process's encoder, loaded once; raise EncoderError."""
    return Encoder(GRAPH)


def read_with_encoder(text: str, deadline: Deadline, allowance: Allowance, *, near: int = 0) -> EncoderReading:
    """Return what the encoder says of a text; raise EncoderError, OutOfTimeError.

    The windows next to the place `near` are read first; those beyond the allowance are not read.
    """
    encoder = load_encoder()
    tokens = encoder.tokens_of(fold_text(text, fold_character))
    if not tokens:
        return NOT_READ
    best = NOT_READ
    deadline.check()
    middle = bisect_right([token.start for token in tokens], near) - LONGEST // 2
    for first in sorted(starts_of_windows(len(tokens)), key=lambda first: (abs(first - middle), first)):
        window = tokens[first : first + LONGEST]
        if not allowance.take(len(window)):
            break
        parts = HEAD.parts(encoder.read(window)[1:-1])
        if best is NOT_READ or HEAD.total(parts) > best.score:
            starts = [token.start for token in window]
            best = EncoderReading(HEAD.total(parts), tuple(zip(starts, map(float, parts), strict=True)))
        deadline.check()
    return best


def _model() -> str:
    """Return the version of the encoder, and a hash of its files and of all the screen's data."""
    every = sha256((HASHES[GRAPH] + HASHES[TOKENIZER]).encode())
    for path in sorted(path for path in DATA.rglob("*") if path.is_file()):
        every.update(path.read_bytes())
    return f"{VERSION}+{every.hexdigest()[:SHOWN]}"


MODEL = _model()
