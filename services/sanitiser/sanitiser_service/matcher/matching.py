"""Runs all matchers over all texts; names of bystanders in one text are respected in every text."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from pipeline_shared.encoder.allowance import Allowance
from pipeline_shared.language.restricted import Agency, Submission
from sanitiser_service.form.fields import is_subject_identity
from sanitiser_service.form.profile import Protected, protected_values
from sanitiser_service.matcher.contacts.accounts import accounts_in
from sanitiser_service.matcher.contacts.codes import plates_in
from sanitiser_service.matcher.contacts.emails import emails_in, handles_in, other_emails_in
from sanitiser_service.matcher.contacts.exact import exact_in
from sanitiser_service.matcher.contacts.phones import phones_in
from sanitiser_service.matcher.contacts.vehicles import other_plates_in, vehicles_in
from sanitiser_service.matcher.disclosure.disclosure import TOO_LONG, disclosures_in, surely_told, surnames_of
from sanitiser_service.matcher.disclosure.telling import MOST_TOKENS, telling_in, told_by, without_unlikely
from sanitiser_service.matcher.findings import Match, Who
from sanitiser_service.matcher.names.bystanders import Bystanders, bystanders_of, learn_bystanders
from sanitiser_service.matcher.names.names import names_in
from sanitiser_service.matcher.names.relatives import relatives_in
from sanitiser_service.matcher.names.similar_names import alike_in
from sanitiser_service.matcher.names.strangers import strangers_in
from sanitiser_service.matcher.overlaps import resolve
from sanitiser_service.matcher.places.addresses import addresses_in
from sanitiser_service.matcher.protection import Protection, protection_of
from sanitiser_service.matcher.roles.organisations import organisations_in
from sanitiser_service.matcher.roles.role_parts import role_parts_in
from sanitiser_service.matcher.roles.roles import roles_in
from sanitiser_service.matcher.text.normalising import fold, squeezed
from sanitiser_service.matcher.text.reading import Reading, read

_MENTIONS = frozenset(
    {"name", "name.part", "name.nickname", "name.misspelling", "name.initials", "role", "role.similar", "relationship"}
)
_ROLES = ("role", "relationship")


class Found(NamedTuple):
    """The places found in one text, in order, and the classes of disclosure in it."""

    matches: list[Match]
    disclosures: tuple[str, ...]


class Direct(NamedTuple):
    """A text as read, the places of what is on the form, and what finds other names, given each word's probability."""

    reading: Reading
    matches: list[Match]
    strangers: Callable[[Sequence[float]], list[Match]]


NOTHING = Found([], ())
ROWS = "subjects.rows.name"  # not a path of the form: all names and numbers of subjects as one text


def found_in(submission: Submission, agency: Agency, texts: Mapping[str, str]) -> dict[str, Found]:
    """Return the places found in each text; they do not overlap.

    Names and numbers of subjects are short and mostly without a finding. So they are first read together, and singly
    only if something is found.
    """
    rows = {path: text for path, text in texts.items() if is_subject_identity(path)}
    together = {ROWS: "\n".join(rows.values())} if rows else {}
    others = {path: text for path, text in texts.items() if path not in rows}
    allowance = Allowance(MOST_TOKENS)
    found = _found_in_each(submission, agency, others | together, allowance)
    if found.pop(ROWS, NOTHING) != NOTHING:
        found |= _found_in_each(submission, agency, rows, allowance)
    return {path: found.get(path, NOTHING) for path in texts}


def _found_in_each(
    submission: Submission, agency: Agency, texts: Mapping[str, str], allowance: Allowance
) -> dict[str, Found]:
    surnames = surnames_of(person.name for person in submission.subjects.people)
    return {
        path: _found(path, direct, disclosures_in(direct.reading, direct.matches, surnames=surnames), allowance)
        for path, direct in direct_of(submission, agency, texts).items()
    }


def _found(path: str, direct: Direct, disclosures: tuple[str, ...], allowance: Allowance) -> Found:
    """Return the findings of a text; in a subject row, roles and telling words need a disclosure beside them."""
    reading, matches, strangers = direct
    if _is_about_subjects(path) and not disclosures:
        return Found([match for match in matches if match.kind != "role.word"], disclosures)
    if is_subject_identity(path):
        return Found(matches, disclosures)  # a name or number is no sentence that could tell
    if not disclosures and not matches and not strangers([0.0] * len(reading)):
        return NOTHING  # a plain text costs no reading by the encoder
    told = told_by(reading, matches, allowance)
    if told is None:
        return Found(matches, (TOO_LONG, *disclosures))
    likely = without_unlikely(reading, told, matches)
    likely += strangers(told.direct)
    found = resolve(len(reading.text), [*likely, *telling_in(reading, told)])
    return Found(found, surely_told(disclosures) if told.is_calm and not likely else disclosures)


def direct_of(submission: Submission, agency: Agency, texts: Mapping[str, str]) -> dict[str, Direct]:
    """Return each text as read, with the places that name, describe or lead to source, submitter or agency."""
    protection = protection_of(submission, agency)
    readings = {path: read(text) for path, text in texts.items()}
    explained = frozenset(_subject_names(submission))
    bystanders = bystanders_of(explained)
    for reading in readings.values():
        learn_bystanders(reading, protection, bystanders)
    exact = _exact_values(protected_values(submission, agency))
    places = " ".join(fold(person.address).text for person in submission.subjects.people)
    return {
        path: Direct(
            reading,
            _settled(reading, found, protection, known),
            partial(strangers_in, reading, protection, known, explained=explained),
        )
        for path, reading in readings.items()
        for known in [Bystanders() if is_subject_identity(path) else bystanders]  # a name must not protect itself
        for found in [_for_subjects(path, _direct(reading, protection, known, exact=exact, places=places))]
    }


def _is_about_subjects(path: str) -> bool:
    return path.startswith("subjects.")


def _for_subjects(path: str, found: list[Match]) -> list[Match]:
    """Return the matches of a text; in a subject row a role may be the subject's, and single initials are dropped."""
    if not _is_about_subjects(path):
        return found
    return [
        match._replace(kind="role.word") if match.kind.startswith(_ROLES) else match
        for match in found
        if match.kind != "name.initials.unsure"
    ]


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
    bystanders: Bystanders,
    *,
    exact: tuple[tuple[Protected, str], ...],
    places: str,
) -> list[Match]:
    """Return the places that name, describe or lead to the source, the submitter or the agency."""
    return [
        *names_in(reading, protection, bystanders),
        *alike_in(reading, protection),
        *exact_in(reading, exact),
        *phones_in(reading, protection.phones),
        *emails_in(reading, protection),
        *other_emails_in(reading, protection),
        *handles_in(reading, protection, bystanders),
        *plates_in(reading, protection.registration),
        *other_plates_in(reading, protection),
        *accounts_in(reading, protection),
        *addresses_in(reading, protection.address, places),
        *organisations_in(reading, protection, bystanders),
        *_described(reading, protection, bystanders),
    ]


def _described(reading: Reading, protection: Protection, bystanders: Bystanders) -> tuple[Match, ...]:
    return (*roles_in(reading, protection, bystanders), *role_parts_in(reading, protection))


def _settled(reading: Reading, direct: list[Match], protection: Protection, bystanders: Bystanders) -> list[Match]:
    mentions = _mentions(reading, direct)
    near = [
        *relatives_in(reading, protection, bystanders, mentions),
        *vehicles_in(reading, mentions),
    ]
    return resolve(len(reading.text), [*direct, *near])


def _mentions(reading: Reading, matches: list[Match]) -> tuple[int, ...]:
    """Return the positions of the words that name the source."""
    starts = reading.original_starts
    found = {match.start for match in matches if match.who is Who.SOURCE and match.kind in _MENTIONS}
    last = [(bisect_right(starts, start) - 1, start) for start in sorted(found)]
    return tuple(at for at, start in last if starts[at] == start)
