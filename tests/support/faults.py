"""Matchers that fail, for a child process; the child imports them by name."""

import os
import resource
import time
from collections.abc import Sequence
from unittest.mock import patch

from pipeline_shared.encoder.encoder import Token
from pipeline_shared.language.events import SafetyPreview
from pipeline_shared.language.restricted import SealedContent
from sanitiser_service.matcher.disclosure import telling
from sanitiser_service.matcher.disclosure.telling import Logits, logits_of
from sanitiser_service.preview.domain import preview_of
from sanitiser_service.worker.domain import ClearOrHold, clear_or_hold

HANGS, DIES = "This one hangs, she told me.", "This one dies, she told me."  # the encoder reads who told


def faulty(opened: SealedContent) -> ClearOrHold:
    """Clear or hold, but hang or die if the narrative asks for it."""
    _fail_as_told(opened)
    return clear_or_hold(opened)


def with_faulty_encoder(opened: SealedContent) -> ClearOrHold:
    """Clear or hold with an encoder that hangs or dies while it reads, if the narrative asks for it."""

    def read(tokens: Sequence[Token], marks: Sequence[int]) -> Logits:
        _fail_as_told(opened)
        return logits_of(tokens, marks)

    with patch.object(telling, "logits_of", read):
        return clear_or_hold(opened)


def faulty_preview(opened: SealedContent) -> SafetyPreview:
    """Preview, but hang or die if the narrative asks for it."""
    _fail_as_told(opened)
    return preview_of(opened)


def wait_for_ever() -> None:
    """Wait longer than any test."""
    time.sleep(3_600)


def die() -> None:
    """End this process at once."""
    os._exit(3)


def core_limit() -> tuple[int, int]:
    """Return how large a core dump of this process may be."""
    return resource.getrlimit(resource.RLIMIT_CORE)


def _fail_as_told(opened: SealedContent) -> None:
    if opened.submission.narrative == HANGS:
        time.sleep(3_600)
    if opened.submission.narrative == DIES:
        os._exit(3)
