"""Folding: one spelling for characters that look alike, with the way back to the text as it was submitted.

A finding is shown and redacted in the original text, so every place in a folded text must lead to one there, whatever
folding did to the length. Each reader has its own table of characters; the way back is the same for all.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

FoldCharacter = Callable[[str], str]
_STRANGE = re.compile(r"[^\x00-\x7f]")


class Folded(NamedTuple):
    """A folded text; `offsets` leads each character back, and the end; None where every place is the original one."""

    text: str
    offsets: list[int] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the place of some characters in the original, with the marks that belong to the last of them."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], max(self.offsets[end], self.offsets[end - 1] + 1)

    def starts(self, places: list[int]) -> list[int]:
        """Return where characters begin in the original."""
        offsets = self.offsets
        return places if offsets is None else [offsets[place] for place in places]

    def ends(self, places: list[int]) -> list[int]:
        """Return where the characters before these places end in the original, without the marks behind them."""
        offsets = self.offsets
        return places if offsets is None else [offsets[place - 1] + 1 for place in places]

    def after(self, earlier: Sequence[int] | None) -> "Folded":
        """Return the same text with offsets of what it was before an earlier change, given the offsets of that."""
        if earlier is None:
            return self
        return Folded(self.text, [*earlier] if self.offsets is None else [earlier[at] for at in self.offsets])


def fold_text(text: str, fold_character: FoldCharacter) -> Folded:
    """Return a text in lower case, each character that is not ASCII as `fold_character` spells it.

    Where a character becomes several or none, `fold_character` spells the ASCII characters of that text, too.
    """
    if text.isascii():
        return Folded(text.lower(), None)
    spelled = {character: fold_character(character) for character in {*_STRANGE.findall(text)}}
    if all(len(one) == 1 for one in spelled.values()):
        return Folded(_STRANGE.sub(lambda found: spelled[found[0]], text).lower(), None)
    parts = [*map(fold_character, text)]
    offsets = [at for at, part in enumerate(parts) for _ in part]
    return Folded("".join(parts), [*offsets, len(text)])
