"""Makes the preview of a flagged submission. An officer may see it before the text has been sanitised (D-T0).

It contains only choices on the form, the names and numbers of subjects (`preview_subjects.py`), a district, and the
words that the safety screen matched. Words that are not on a short list of plain words are masked. The leak check also
runs on the preview: a field that fails is left out, if necessary until only the choices remain. A flag is sent in every
case.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline_shared.language.events import SafetyPreview
from pipeline_shared.language.restricted import SafetyHit, SealedContent, Submission
from pipeline_shared.language.vocabulary import SafetyReason
from pipeline_shared.text.lexicon import words_of
from sanitiser_service.form.fields import content_of, texts_of
from sanitiser_service.form.profile import protected_values
from sanitiser_service.leak_check import find_leaks
from sanitiser_service.preview.preview_subjects import MASK, shown_rows

MOST_PHRASES = 10
CLOSE, LONGEST_PHRASE = 40, 300  # characters
PHRASES, SUBJECTS, DISTRICT = "phrases", "subjects", "district"

_WORD = re.compile(r"\w+(?:['\u2019]\w+)*")
_OUTWARD = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?)(?=\s*\d[A-Z]{2}\b|$)")


PLAIN_WORDS = words_of((Path(__file__).parent / "preview_words.txt").read_text(encoding="utf-8"))


def preview_of(opened: SealedContent) -> SafetyPreview:
    """Return the fullest preview that passes the leak check, with every other field withheld."""
    try:
        protected = protected_values(opened.submission, opened.agency)
        for candidate in _candidates(opened):
            if not find_leaks(candidate, protected, unseen=True):
                return candidate
    except Exception:  # noqa: BLE001 - fails closed; the error's message may contain the text
        return choices_of(opened)
    return choices_of(opened)


def choices_of(opened: SealedContent) -> SafetyPreview:
    """Return a preview with only the choices on the form. This needs no text."""
    return _without(_bare(opened), PHRASES, SUBJECTS, DISTRICT)


def _bare(opened: SealedContent) -> SafetyPreview:
    submission = opened.submission
    return SafetyPreview(category=submission.category, agency_category=opened.agency.category, risk=submission.risk)


def _candidates(opened: SealedContent) -> Iterator[SafetyPreview]:
    """Yield previews, each with fewer fields than the one before."""
    submission, bare = opened.submission, _bare(opened)
    subjects, is_masked = shown_rows(submission, opened.agency)
    phrases = masked_phrases(submission, opened.safety)
    full = bare.model_copy(
        update={
            SUBJECTS: subjects,
            DISTRICT: district_of(submission),
            PHRASES: phrases,
            "withheld": (SUBJECTS,) if is_masked else (),
        }
    )
    yield full
    for withheld in ((PHRASES,), (SUBJECTS,), (DISTRICT,), (PHRASES, SUBJECTS), (PHRASES, DISTRICT)):
        yield _without(full, *withheld)


def _without(preview: SafetyPreview, *fields: str) -> SafetyPreview:
    empty = SafetyPreview()
    withheld = tuple(dict.fromkeys((*fields, *preview.withheld)))
    return preview.model_copy(update={**{name: getattr(empty, name) for name in fields}, "withheld": withheld})


def district_of(submission: Submission) -> str:
    """Return the districts (`LS8`) of the postcodes in the places of the incident."""
    places = [place.postcode for place in submission.subjects.places]
    found = [match[1] for text in (*places, submission.occurrence.place) for match in _OUTWARD.finditer(text.upper())]
    return ", ".join(dict.fromkeys(found))


def masked_phrases(submission: Submission, hits: tuple[SafetyHit, ...]) -> tuple[str, ...]:
    """Return the phrases that the safety screen matched, with every word masked that could name or describe a person.

    Phrases in other languages are left out, because the list of plain words is English.
    """
    texts = texts_of(content_of(submission))
    read = tuple(hit for hit in hits if hit.reason is not SafetyReason.OTHER_LANGUAGE)
    phrases = [_shown(texts[path][start:end]) for path, start, end in _joined(read) if path in texts]
    return tuple(dict.fromkeys(filter(None, phrases)))[:MOST_PHRASES]


def _shown(phrase: str) -> str:
    """Return a masked phrase, cut at a limit: the screen may have matched a whole text."""
    shown = masked(phrase[:LONGEST_PHRASE])
    return f"{shown} {MASK}" if shown and len(phrase) > LONGEST_PHRASE else shown


def _joined(hits: tuple[SafetyHit, ...]) -> Iterator[tuple[str, int, int]]:
    """Yield the places of hits. Close ones are joined, because a phrase says more than its single words."""
    for path in dict.fromkeys(hit.path for hit in hits):
        places = sorted((hit.start, hit.end) for hit in hits if hit.path == path and hit.end > hit.start)
        while places:
            start, end = places.pop(0)
            while places and places[0][0] <= end + CLOSE:
                end = max(end, places.pop(0)[1])
            yield path, start, end


def masked(phrase: str) -> str:
    """Return the plain words of a phrase, with one mask for each run of other words; empty if no word is plain."""
    words = [word if word.casefold() in PLAIN_WORDS else MASK for word in _WORD.findall(phrase)]
    kept = [word for n, word in enumerate(words) if word != MASK or n == 0 or words[n - 1] != MASK]
    return " ".join(kept) if any(word != MASK for word in kept) else ""
