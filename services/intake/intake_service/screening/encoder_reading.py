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
from pipeline_shared.encoder.encoder import Encoder
from pipeline_shared.encoder.files import HASHES, TOKENIZER, VERSION
from pipeline_shared.text.fold import fold_text

HEAD: Head = load_head()
SHOWN = 12  # figures of the hash in the model's version
MOST_TOKENS = 6_000  # of a submission: more than the longest narrative has in English; it costs half a second


class TooLongError(Exception):
    """The texts of a submission are so long that the encoder does not read this one."""


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


@lru_cache(maxsize=1)
def load_encoder() -> Encoder:
    """Return this process's encoder, loaded once; raise EncoderError."""
    return Encoder(GRAPH)


def read_with_encoder(text: str, deadline: Deadline, allowance: Allowance) -> EncoderReading:
    """Return what the encoder says of a text; raise EncoderError, OutOfTimeError, TooLongError."""
    encoder = load_encoder()
    tokens = encoder.tokens_of(fold_text(text, fold_character))
    if not allowance.take(len(tokens)):
        raise TooLongError
    best = EncoderReading(float("-inf"), ())
    deadline.check()
    for window in encoder.windows(tokens):
        parts = HEAD.parts(window.states[1:-1])
        score = HEAD.total(parts)
        if score > best.score:
            starts = [token.start for token in tokens[window.first : window.after]]
            best = EncoderReading(score, tuple(zip(starts, map(float, parts), strict=False)))
        deadline.check()
    return best


def _model() -> str:
    """Return the version of the encoder, and a hash of its files and of all the screen's data."""
    every = sha256((HASHES[GRAPH] + HASHES[TOKENIZER]).encode())
    for path in sorted(path for path in DATA.rglob("*") if path.is_file()):
        every.update(path.read_bytes())
    return f"{VERSION}+{every.hexdigest()[:SHOWN]}"


MODEL = _model()
