"""The review's form as it comes back: decisions, texts, and what the page had shown of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from pipeline_shared.language.when import POLICY, Precision
from sanitiser_service.desk.review.domain import UNREAD, rewritten
from sanitiser_service.desk.review.labels import label_of
from sanitiser_service.desk.review.occurrence import FIELD, precision_in
from sanitiser_service.matcher.redaction import Decision

FORM_FIELDS = frozenset({"csrf", "version", "reason", FIELD})
# Before a finding's key, before the path of a text that the page had shown, and before the code of what is left over.
DECIDE, SHOWN, STAY = "decide.", "shown.", "stay."
LONGEST_PATH = 80


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """What a form says: decisions by the findings' keys, texts and what was shown of them by path, codes that may stay.

    `precision` is how exactly the time may go onward. What is no decision is left out.
    """

    decisions: Mapping[str, Decision]
    texts: Mapping[str, str]
    shown: Mapping[str, str]
    staying: frozenset[str]
    precision: Precision = POLICY

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """Return what the posted fields say."""
        chosen = {name.removeprefix(DECIDE): value for name, value in form.items() if name.startswith(DECIDE)}
        return cls(
            decisions={key: Decision(value) for key, value in chosen.items() if value in list(Decision)},
            texts={n: t for n, t in form.items() if n not in FORM_FIELDS and not n.startswith((DECIDE, SHOWN, STAY))},
            shown={name.removeprefix(SHOWN): mark for name, mark in form.items() if name.startswith(SHOWN)},
            staying=frozenset(name.removeprefix(STAY) for name in form if name.startswith(STAY)),
            precision=precision_in(form),
        )

    @property
    def changed(self) -> dict[str, str]:
        """Return the texts that were written anew."""
        return rewritten(self.texts, self.shown)


def typed_in(form: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what a person had typed, by its label: each text that their page had shown otherwise, and the reason."""
    changed = ReviewForm.read(form).changed
    typed = [(label_of(path), text) for path, text in changed.items() if len(path) <= LONGEST_PATH and text != UNREAD]
    reason = form.get("reason")
    return [*typed, ("Reason", reason)] if reason else typed


def version_in(form: Mapping[str, str]) -> int:
    """Return the version a form was made for; nonsense is no version anybody ever saw."""
    text = form.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 - fits PostgreSQL's integer
