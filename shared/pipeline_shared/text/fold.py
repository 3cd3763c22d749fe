"""Folding: gives look-alike characters one spelling, and maps each position back to the original text.

A finding is shown and redacted in the original text, so every position in a folded text must map to an original one,
even when folding changes the length. Each reader has its own table of characters and shares this mapping.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

FoldCharacter = Callable[[str], str]
_STRANGE = re.compile(r"[^\x00-\x7f]")


class Folded(NamedTuple):
    """A folded text. `offsets` maps each position, and the end, to the original; None when positions are unchanged."""

    text: str
    offsets: list[int] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of a folded span, including combining marks after its last character."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], max(self.offsets[end], self.offsets[end - 1] + 1)

    def starts(self, places: list[int]) -> list[int]:
        """Return the original start positions of characters."""
        offsets = self.offsets
        return places if offsets is None else [offsets[place] for place in places]

    def ends(self, places: list[int]) -> list[int]:
        """Return the original end positions of the characters before these places, without the marks after them."""
        offsets = self.offsets
        return places if offsets is None else [offsets[place - 1] + 1 for place in places]

    def after(self, earlier: Sequence[int] | None) -> "Folded":
        """Return the same text with offsets into the text before an earlier change, given that change's offsets."""
        if earlier is None:
            return self
        return Folded(self.text, [*earlier] if self.offsets is None else [earlier[at] for at in self.offsets])


def fold_text(text: str, fold_character: FoldCharacter) -> Folded:
    """Return a text in lower case, with each non-ASCII character spelled by `fold_character`.

    If a character becomes several characters or none, `fold_character` spells the ASCII characters of that text too.
    """
    if text.isascii():
        return Folded(text.lower(), None)
    spelled = {character: fold_character(character) for character in {*_STRANGE.findall(text)}}
    if all(len(one) == 1 for one in spelled.values()):
        return Folded(_STRANGE.sub(lambda found: spelled[found[0]], text).lower(), None)
    parts = [*map(fold_character, text)]
    offsets = [at for at, part in enumerate(parts) for _ in part]
    return Folded("".join(parts), [*offsets, len(text)])
