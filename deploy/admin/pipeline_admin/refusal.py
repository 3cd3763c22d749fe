"""Refusals of the operator's commands: a code, the thing that it is about, and a sentence for the operator."""

from collections.abc import Mapping
from typing import ClassVar


class RefusedError(Exception):
    """A command refuses; `code` gives the reason, `subject` the key, file or part."""

    REASONS: ClassVar[Mapping[str, str]]

    def __init__(self, code: str, subject: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.subject = subject

    def __str__(self) -> str:
        named = f" ({self.subject})" if self.subject else ""
        return f"refused: {self.code}{named}: {self.REASONS.get(self.code, self.code)}"
