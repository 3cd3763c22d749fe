"""A bound on what the encoder reads of one submission, so that no sender makes others wait for long."""

from dataclasses import dataclass


@dataclass(slots=True)
class Allowance:
    """How many tokens of a submission the encoder may still read."""

    left: int

    def take(self, tokens: int) -> bool:
        """Take a text's tokens if so many are left; tell whether they were."""
        if tokens > self.left:
            return False
        self.left -= tokens
        return True
