"""A mutant: one plausible fault, and the smallest choice of tests that must notice it.

It is a piece of code with a replacement, not a patch, so moving the lines around it does not break it.
"""

from dataclasses import dataclass


class DoesNotApplyError(Exception):
    """The code that a mutant replaces does not occur exactly once in its file."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: in `file`, `old` (which occurs once) becomes `new`; `tests` are pytest node ids."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def put_into(self, text: str) -> str:
        """Return the text of the file with the fault in it; raise DoesNotApplyError."""
        if text.count(self.old) != 1 or self.old == self.new:
            raise DoesNotApplyError(self.name)
        return text.replace(self.old, self.new)
