"""All matchers over all texts: what one text teaches about other people's names protects them in every text."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache

from pipeline_shared.submission import Agency, Submission
from sanitiser_service.profile import Protected, protected_values
from sanitiser_service.sanitising.addresses import addresses_in
from sanitiser_service.sanitising.cues import cues_in
from sanitiser_service.sanitising.emails import emails_in, handles_in, other_emails_in
from sanitiser_service.sanitising.exact import exact_in
from sanitiser_service.sanitising.findings import Match, Who
from sanitiser_service.sanitising.names import Others, learn_others, names_in, others_of
from sanitiser_service.sanitising.normalising import fold, squeezed
from sanitiser_service.sanitising.organisations import organisations_in
from sanitiser_service.sanitising.persons import Protection, protection_of
from sanitiser_service.sanitising.phones import phones_in
from sanitiser_service.sanitising.reading import Reading, read
from sanitiser_service.sanitising.relatives import relatives_in
from sanitiser_service.sanitising.resolving import resolve
from sanitiser_service.sanitising.roles import roles_in
from sanitiser_service.sanitising.vehicles import vehicles_in

_MENTIONS = frozenset(
    {"name", "name.part", "name.nickname", "name.misspelling", "name.initials", "role", "role.similar", "relationship"}
)


def matches_of(submission: Submission, agency: Agency, texts: Mapping[str, str]) -> dict[str, list[Match]]:
    """Return what was found in each text, in order, without overlaps."""
    return {
        path: resolve(len(reading.text), [*direct, *([] if _is_about_subjects(path) else cues_in(reading, direct))])
        for path, (reading, direct) in direct_of(submission, agency, texts).items()
    }


def direct_of(
    submission: Submission, agency: Agency, texts: Mapping[str, str]
) -> dict[str, tuple[Reading, list[Match]]]:
    """Return each text as read, with what names, reaches or describes source, submitter or agency in it."""
    protection = protection_of(submission, agency)
    readings = {path: read(text) for path, text in texts.items()}
    others = others_of(_subject_names(submission))
    for reading in readings.values():
        learn_others(reading, protection, others)
    exact = _exact_values(protected_values(submission, agency))
    places = " ".join(fold(person.address).text for person in submission.subjects.people)
    return {
        path: (reading, _settled(reading, [*found, *described], protection, others))
        for path, reading in readings.items()
        for found in [_direct(reading, protection, others, exact=exact, places=places)]
        for described in [() if _is_about_subjects(path) else tuple(roles_in(reading, protection, others))]
    }


def _is_about_subjects(path: str) -> bool:
    """Tell whether a text describes a subject: the roles in it are the subject's, and it tells of nobody else."""
    return path.startswith("subjects.")


def _subject_names(submission: Submission) -> Iterator[str]:
    for person in submission.subjects.people:
        for name in (person.name, person.also_known_as):
            yield from fold(name).text.replace("-", " ").replace("'", "").split()


def _exact_values(values: tuple[Protected, ...]) -> tuple[tuple[Protected, str], ...]:
    return tuple(
        (item, _squeezed(item.value)) for item in values if item.rule.partition(".")[2] not in {"role", "relationship"}
    )


@lru_cache(maxsize=2048)
def _squeezed(value: str) -> str:
    return squeezed(value)


def _direct(
    reading: Reading,
    protection: Protection,
    others: Others,
    *,
    exact: tuple[tuple[Protected, str], ...],
    places: str,
) -> list[Match]:
    """Return what names, reaches or describes source, submitter or agency."""
    return [
        *names_in(reading, protection, others),
        *exact_in(reading, exact),
        *phones_in(reading, protection.phones),
        *emails_in(reading, protection),
        *other_emails_in(reading, protection),
        *handles_in(reading, protection, others),
        *addresses_in(reading, protection.address, places),
        *organisations_in(reading, protection, others),
    ]


def _settled(reading: Reading, direct: list[Match], protection: Protection, others: Others) -> list[Match]:
    mentions = _mentions(reading, direct)
    near = [*relatives_in(reading, protection, others, mentions), *vehicles_in(reading, mentions)]
    return resolve(len(reading.text), [*direct, *near])


def _mentions(reading: Reading, matches: list[Match]) -> tuple[int, ...]:
    """Return the words that name the source."""
    starts = reading.original_starts
    found = {match.start for match in matches if match.who is Who.SOURCE and match.kind in _MENTIONS}
    last = [(bisect_right(starts, start) - 1, start) for start in sorted(found)]
    return tuple(at for at, start in last if starts[at] == start)
