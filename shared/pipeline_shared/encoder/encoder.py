"""Reads text with the sentence encoder: token by token, in overlapping windows of bounded length, on one thread."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions  # pyright: ignore[reportAttributeAccessIssue]
from tokenizers import Tokenizer

from pipeline_shared.encoder.files import FOLDER, TOKENIZER, read_file
from pipeline_shared.text.fold import Folded

LONGEST, STEP = 160, 144  # tokens of a window, and from the start of one window to the next
# What joins words in spoilt text, and the halves of a pair that the tokenizer refuses
NO_WORD = re.compile(r"[^\w\s!-/:-@\[-`{-~\u00a3]")
FIRST, LAST, UNKNOWN = 101, 102, 100  # the marks around a window, and a token for an empty text
States = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a word: its number, and its character offsets in the original text."""

    id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Window:
    """The tokens from `first` up to, not including, `after`, and the encoder's output for each: [tokens, width]."""

    first: int
    after: int
    states: States


def starts_of_windows(tokens: int, longest: int = LONGEST, step: int = STEP) -> range:
    """Return the number of the first token of each window."""
    return range(0, max(tokens - longest, 0) + step, step)


class Encoder:
    """One graph of the encoder with its tokenizer; not safe for use by two threads at once."""

    def __init__(self, name: str, folder: Path = FOLDER) -> None:
        """Load a graph by the name of its file; raise EncoderError."""
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # a long text must not keep its memory
        self._tokenizer = Tokenizer.from_str(read_file(TOKENIZER, folder).decode())
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._session = InferenceSession(read_file(name, folder), options, providers=["CPUExecutionProvider"])

    def tokens_of(self, folded: Folded) -> list[Token]:
        """Return the tokens of a folded text, as the words of its reader are, with their places in the original."""
        encoding = self._tokenizer.encode(NO_WORD.sub(" ", folded.text), add_special_tokens=False)
        offsets = zip(encoding.ids, encoding.offsets, strict=True)
        return [Token(id_, *folded.original(start, end)) for id_, (start, end) in offsets]

    def read(self, tokens: Sequence[Token], marks: Sequence[int] | None = None) -> States:
        """Return the output for each of a window's tokens and the marks around them; `marks` are one number a token."""
        ids = [token.id for token in tokens] or [UNKNOWN]
        inputs = {"ids": np.array([[FIRST, *ids, LAST]])}
        if marks is not None:
            inputs["marks"] = np.array([[0, *(marks or [0]), 0]])
        (out,) = self._session.run(None, inputs)
        return np.asarray(out, np.float32)[0]

    def windows(
        self, tokens: Sequence[Token], marks: Sequence[int] | None = None, *, longest: int = LONGEST, step: int = STEP
    ) -> Iterator[Window]:
        """Yield the windows of some tokens, each read when it is asked for; `marks` are one small number per token."""
        for first in starts_of_windows(len(tokens), longest, step):
            part = slice(first, first + longest)
            states = self.read(tokens[part], None if marks is None else marks[part])
            yield Window(first, min(first + longest, max(len(tokens), 1)), states)
