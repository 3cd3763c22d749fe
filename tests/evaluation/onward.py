"""The texts that go onward without a person, and the identifying words that they still contain."""

from typing import Any
from uuid import UUID

from pipeline_shared.language.restricted import SealedContent
from pipeline_training.forms import agency_of, submission_of
from sanitiser_service.worker.domain import Clear, clear_or_hold
from tests.evaluation.adapter import evaluate
from tests.support.building import NOW

Document = dict[str, Any]


def goes_onward(document: Document) -> bool:
    """Tell whether a document goes onward without a person."""
    form = document["form"]
    submission = submission_of(form, document["narrative"])
    sealed = SealedContent(submission=submission, agency=agency_of(form), status_token=UUID(int=0), received_at=NOW)
    return isinstance(clear_or_hold(sealed), Clear)


def print_onward(sets: dict[str, list[Document]]) -> None:
    """Print how many documents go onward, and each one with a span that the matcher missed."""
    print(f"\n{'set':14}{'documents':>12}{'onward':>9}{'with a missed span':>21}")
    for name, documents in sets.items():
        onward = [document for document in documents if goes_onward(document)]
        missed = {document["id"]: spans for document in onward if (spans := _missed(document))}
        print(f"{name:14}{len(documents):12}{len(onward):9}{len(missed):21}")
        for key, spans in missed.items():
            print(f"  {key}: {', '.join(spans)}")


def _missed(document: Document) -> list[str]:
    """Return the spans that should have been removed from a text that went onward; AUTO findings were replaced."""
    redacted = evaluate(document["form"], document["narrative"])["redact"]
    return [
        span["text"]
        for span in document["spans"]
        if span["sev"] in {"direct", "quasi"}
        and not any(start <= span["start"] and end >= span["end"] for start, end in redacted)
    ]


def print_short(documents: list[Document]) -> None:
    """Print the results for short texts: revealing ones must be held, most of the plain ones must not."""
    for hold, what in ((True, "that tell who spoke: held"), (False, "that only describe: onward")):
        group = [document for document in documents if document["hold"] is hold]
        right = sum(goes_onward(document) is not hold for document in group)
        print(f"short texts {what:28} {right:4} of {len(group)}  {right / len(group):7.1%}")
