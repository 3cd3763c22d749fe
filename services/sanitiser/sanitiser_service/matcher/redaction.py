"""Makes the content for release from the original and a reviewer's decisions.

Each proposal and each flag is decided singly: there is no default and no accept-all. Accepting a proposal replaces the
place with its token; accepting a flag removes the place; rejecting keeps the original words.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from pipeline_shared.language.restricted import Submission
from pipeline_shared.language.sanitised import SanitisedContent
from sanitiser_service.form.fields import content_of, texts_of, with_texts
from sanitiser_service.form.profile import Token
from sanitiser_service.matcher.findings import Band, Finding


class Decision(StrEnum):
    """A reviewer's decision on one finding."""

    ACCEPT = "accept"
    REJECT = "reject"


class UndecidedError(Exception):
    """A proposal or flag has no decision, or a decision has no finding; `keys` are the keys of these findings."""

    def __init__(self, keys: Iterable[str]) -> None:
        super().__init__("findings are undecided or unknown")
        self.keys = tuple(keys)


def decide(
    submission: Submission, findings: tuple[Finding, ...], decisions: Mapping[str, Decision]
) -> SanitisedContent:
    """Return the content as decided; raise UndecidedError unless exactly the proposals and flags are decided."""
    wanted = {finding.key for finding in findings if finding.band is not Band.AUTO}
    if wanted != set(decisions):
        raise UndecidedError(sorted(wanted ^ set(decisions)))
    content = content_of(submission)
    texts = texts_of(content)
    chosen = [one for one in findings if one.band is Band.AUTO or decisions[one.key] is Decision.ACCEPT]
    return with_texts(content, {path: _as_decided(path, text, chosen) for path, text in texts.items()})


def _as_decided(path: str, text: str, chosen: list[Finding]) -> str:
    return _written(text, [(one.start, one.end, one.token or Token.REMOVED) for one in chosen if one.path == path])


def replaced(text: str, findings: list[Finding]) -> str:
    """Return a text with each finding that has a token replaced by it."""
    return _written(text, [(one.start, one.end, one.token) for one in findings if one.token])


def _written(text: str, places: list[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    at = 0
    for start, end, token in sorted(places):
        parts += (text[at:start], token)
        at = end
    return "".join((*parts, text[at:]))
