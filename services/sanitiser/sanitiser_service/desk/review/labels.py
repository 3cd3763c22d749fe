"""Codes and paths as words for the source desk."""

from collections.abc import Iterable

from sanitiser_service.matcher.findings import Band
from sanitiser_service.matcher.reasons import disclosure_sentence_of, sentence_of

WHOSE = {"source": "The source's", "submitter": "The submitter's", "agency": "The agency's"}
ONE_OF = {"people": "person", "places": "place", "vehicles": "vehicle", "phones": "phone"}


def explain(code: str) -> str:
    """Return a reason code as a sentence."""
    kind, _, detail = code.partition(":")
    if kind == "left_over":
        rule, _, path = detail.partition(":")
        return f"{protected_label(rule)} may still be in: {label_of(path).lower()}"
    if kind == "told":
        disclosure, _, path = detail.partition(":")
        return f"{disclosure_sentence_of(disclosure)}: {label_of(path).lower()}"
    if kind in (Band.PROPOSE, Band.FLAG):
        rule, _, path = detail.partition(":")
        return f"{sentence_of(rule)}: {label_of(path).lower()}"
    if kind == "unread":
        return "Part of this is not in English: no software has read it"
    return "Sanitising failed, so nothing was proposed"


def explain_all(codes: Iterable[str]) -> list[str]:
    """Return reason codes as sentences, each once with the labels of all its texts."""
    places: dict[str, list[str]] = {}
    for code in codes:
        sentence, _, place = explain(code).rpartition(": ")
        places.setdefault(sentence or place, []).extend([place] if sentence else [])
    return [
        f"{sentence}: {'; '.join(dict.fromkeys(where))}" if where else sentence for sentence, where in places.items()
    ]


def protected_label(rule: str) -> str:
    """Return the label of a protected value: `source.name.part` becomes "The source's name"."""
    whose, _, what = rule.removesuffix(".part").partition(".")
    return f"{WHOSE[whose]} {what.replace('.', ', ').replace('_', ' ')}"


def label_of(path: str) -> str:
    """Return a path as words: `subjects.people.0.name` becomes "Person 1, name"."""
    words: list[str] = []
    for part in path.removeprefix("subjects.").split("."):
        if part.isdecimal() and words:
            words[-1] = f"{ONE_OF.get(words[-1], words[-1])} {int(part) + 1}"
        else:
            words.append(part.replace("_", " "))
    return ", ".join(words).capitalize()
