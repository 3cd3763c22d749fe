"""The posted review form: answers, texts, and hashes of the shown texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from pipeline_shared.language.when import POLICY, Precision
from sanitiser_service.desk.review.domain import UNREAD, rewritten
from sanitiser_service.desk.review.labels import label_of
from sanitiser_service.desk.review.occurrence import FIELD, precision_in
from sanitiser_service.matcher.questions import Answer

FORM_FIELDS = frozenset({"csrf", "version", "reason", FIELD})
# Prefixes of field names: of a question's key, of the path of a shown text, and of a leak's code.
DECIDE, SHOWN, STAY = "decide.", "shown.", "stay."
LONGEST_PATH = 80


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """The posted review: answers by question, texts and hashes of shown texts by path, leaks to keep.

    `precision` is the precision of the released time. Invalid answers are ignored.
    """

    answers: Mapping[str, Answer]
    texts: Mapping[str, str]
    shown: Mapping[str, str]
    staying: frozenset[str]
    precision: Precision = POLICY

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """Read the posted fields."""
        chosen = {name.removeprefix(DECIDE): value for name, value in form.items() if name.startswith(DECIDE)}
        return cls(
            answers={key: Answer(value) for key, value in chosen.items() if value in list(Answer)},
            texts={n: t for n, t in form.items() if n not in FORM_FIELDS and not n.startswith((DECIDE, SHOWN, STAY))},
            shown={name.removeprefix(SHOWN): mark for name, mark in form.items() if name.startswith(SHOWN)},
            staying=frozenset(name.removeprefix(STAY) for name in form if name.startswith(STAY)),
            precision=precision_in(form),
        )

    @property
    def changed(self) -> dict[str, str]:
        """Return the rewritten texts."""
        return rewritten(self.texts, self.shown)


def typed_in(form: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the typed texts by label: each rewritten text, and the reason."""
    changed = ReviewForm.read(form).changed
    typed = [(label_of(path), text) for path, text in changed.items() if len(path) <= LONGEST_PATH and text != UNREAD]
    reason = form.get("reason")
    return [*typed, ("Reason", reason)] if reason else typed


def version_in(form: Mapping[str, str]) -> int:
    """Return the form's version, or 0, which is never valid."""
    text = form.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 - fits PostgreSQL's integer
