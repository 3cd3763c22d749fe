"""The names and numbers of subjects that an officer may see before the text has been sanitised.

A row is free text: "Mags's son" in the field for a name reveals the source. Therefore a name is shown only if it has
the form of a name, a number only if it is all digits, and a registration only if it has the form of a plate. A row with
anything of the source, the submitter or the agency, found by the matcher or the leak check, is never shown.
"""

import re
import unicodedata

from pipeline_shared.language.content import Person, Phone, Subjects, Vehicle
from pipeline_shared.language.restricted import Agency, Submission
from sanitiser_service.form.common_words import WORDS
from sanitiser_service.form.fields import texts_of
from sanitiser_service.form.profile import protected_values
from sanitiser_service.leak_check import find_leaks
from sanitiser_service.matcher.sanitising import pointed_at
from sanitiser_service.matcher.text.lexicons import NICKNAMES

MASK = "…"
MOST_WORDS = 5
MOST_ROWS = 10  # of each kind: enough for the first minutes, and it limits the time of a preview

_NAME_WORD = re.compile(r"[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*\.?")
_OWNED = re.compile(r"['\u2019]s?$", re.IGNORECASE)
_PARTICLES = frozenset({"bin", "la", "mac", "van"})  # small words in names that are also ordinary words
_NO_NAMES = frozenset(
    {"a", "an", "and", "at", "behind", "beside", "by", "for", "from", "in", "my", "near", "next", "of", "on"}
    | {"opposite", "or", "our", "over", "that", "the", "to", "under", "who", "with"}
)
_NUMBER = re.compile(r"\+?[\d ()-]{3,}")
_PLATE = re.compile(
    r"[A-Z]{2}\d{2}(?:[A-Z]{3})?"  # since 2001, whole or the first half
    r"|[A-Z]\d{1,3}[A-Z]{3}|[A-Z]{3}\d{1,3}[A-Z]"  # with a letter for the year
    r"|[A-Z]{1,3}\d{1,4}|\d{1,4}[A-Z]{1,3}"  # without a year
)


def shown_rows(submission: Submission, agency: Agency) -> tuple[Subjects, bool]:
    """Return the names and numbers of subjects, and whether any is left out or masked. Never show a description."""
    whole = _identified(submission.subjects)
    subjects = submission.subjects
    is_cut = any(len(rows) > MOST_ROWS for rows in (subjects.people, subjects.vehicles, subjects.phones))
    texts = texts_of(whole)
    doubtful = {item.path for item in find_leaks(whole, protected_values(submission, agency), unseen=True)}
    doubtful |= pointed_at(submission, agency, texts, prefix="subjects.")
    doubtful |= {path for path, text in texts.items() if not _looks_right(path.rpartition(".")[2], text)}
    return _masked(whole, doubtful), is_cut or bool(doubtful)


def _identified(subjects: Subjects) -> Subjects:
    """Return the first subjects of each kind with only their names, numbers and choices."""
    return Subjects(
        people=tuple(
            Person(
                name=person.name,
                also_known_as=person.also_known_as,
                date_of_birth=person.date_of_birth,
                approximate_age=person.approximate_age,
                tags=person.tags,
            )
            for person in subjects.people[:MOST_ROWS]
        ),
        vehicles=tuple(Vehicle(registration=vehicle.registration) for vehicle in subjects.vehicles[:MOST_ROWS]),
        phones=tuple(Phone(number=phone.number) for phone in subjects.phones[:MOST_ROWS]),
    )


def _masked(subjects: Subjects, doubtful: set[str]) -> Subjects:
    return Subjects(
        people=tuple(
            person.model_copy(update=_without(f"people.{n}", doubtful, "name", "also_known_as"))
            for n, person in enumerate(subjects.people)
        ),
        vehicles=tuple(
            vehicle.model_copy(update=_without(f"vehicles.{n}", doubtful, "registration"))
            for n, vehicle in enumerate(subjects.vehicles)
        ),
        phones=tuple(
            phone.model_copy(update=_without(f"phones.{n}", doubtful, "number"))
            for n, phone in enumerate(subjects.phones)
        ),
    )


def _without(row: str, doubtful: set[str], *fields: str) -> dict[str, str]:
    return {field: MASK for field in fields if f"{row}.{field}" in doubtful}


def _looks_right(field: str, text: str) -> bool:
    """Tell whether the text of a row has the form that its field asks for and contains nothing else."""
    folded = unicodedata.normalize("NFKC", text)
    match field:
        case "number":
            return bool(_NUMBER.fullmatch(folded))
        case "registration":
            return bool(_PLATE.fullmatch(re.sub(r"[\s-]", "", folded.upper())))
        case _:
            return _is_a_name(folded.split())


def _is_a_name(words: list[str]) -> bool:
    """Tell whether words may be a name: few, no possessive, no bracket, no ordinary word in small letters."""
    return (
        len(words) <= MOST_WORDS
        and all(_NAME_WORD.fullmatch(word) and not _OWNED.search(word) for word in words)
        and _NO_NAMES.isdisjoint(word.casefold() for word in words[1:])
        and not any(word.islower() and word in WORDS and word not in _PARTICLES | NICKNAMES.keys() for word in words)
    )
