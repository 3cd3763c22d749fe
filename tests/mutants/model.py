"""A mutant: one plausible fault, and the smallest choice of tests that must notice it.

It is a piece of code and its replacement, not a patch: lines that move around it do not break it.
"""

from dataclasses import dataclass


class DoesNotApplyError(Exception):
    """The code that a mutant replaces does not stand in its file exactly once."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: in `file`, `old` (which stands there once) becomes `new`; `tests` are pytest node ids."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def put_into(self, text: str) -> str:
        """Return the file's text with the fault in it; raise DoesNotApplyError."""
        if text.count(self.old) != 1 or self.old == self.new:
            raise DoesNotApplyError(self.name)
        return text.replace(self.old, self.new)
