"""Decides whether a text may say how its information became known, or who told it. Such a text is held (D-S3).

A person then reads the whole text; what this person is asked is a separate result (`telling.py`). A text is published
without review only if it has no word of disclosure, or if the encoder is sure that these words tell nothing. The words
belong to classes, which are data (`disclosure.txt`). Some signs are on no list: a person described and not named, an
observation during an activity, a quoted sentence, words in a language that is not read, a time to the minute
(`clock.py`).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from pipeline_shared.text.lexicon import entries_of
from pipeline_shared.text.tokens import JOINED
from sanitiser_service.form.common_words import WORDS, lines_of
from sanitiser_service.matcher.disclosure.clock import tells_the_time
from sanitiser_service.matcher.disclosure.phrase_table import PhraseTable
from sanitiser_service.matcher.findings import KINDS, Band, Match
from sanitiser_service.matcher.text.lexicons import NICKNAMES, sections_of
from sanitiser_service.matcher.text.normalising import fold
from sanitiser_service.matcher.text.reading import CAPITALISED, CAPITALS, LOWER, Reading

SELF, ROLE, SHORT_ROLE, PLAIN = "self", "role", "short_role", "plain"
NAMED, DESCRIBED, TWO, DOING = "named", "described", "two", "doing"
QUOTED, MISSPELT, UNREAD, CLOCK = "quoted", "misspelt", "unread", "clock"
TOO_LONG = "too_long"  # the encoder has not read it
SHORT, LONG, LONGEST, A_SENTENCE, MUCH = 3, 6, 20, 3, 12
_NOUNS = frozenset({"family", "bond", "role", "identity", "meeting"})
_SHE = frozenset({"she", "her", "hers", "herself", "she's", "she'd", "she'll", "shes"})
_HE = frozenset({"he", "him", "his", "himself", "he's", "he'd", "he'll", "hes"})
_NO_DOING = frozenset({"something", "anything", "nothing", "everything", "morning", "evening", "building", "being"})


def _sections() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    for section, found in sections_of("disclosure.txt"):
        sections.setdefault(section, []).extend(entry.replace("-", " ") for entry in found)
    return sections


_SECTIONS = _sections()
_PERSONS, _PLACED, _POINTERS, _POINTED, _DURING = (
    frozenset(_SECTIONS.pop(name)) for name in ("persons", "placed", "pointers", "pointed", "during")
)
_PLAIN, _NO_ROLE = (frozenset(_SECTIONS.pop(name)) for name in ("plain", "no_role"))

CLASSES = (*_SECTIONS, NAMED)
# Plain signs of a source, which few texts have that only describe; and what the encoder does not judge.
SURE = frozenset({NAMED, DESCRIBED, QUOTED, UNREAD, CLOCK, "only", "secret", "traced", "fear"})


def _verb(stem: str) -> Iterator[str]:
    """Yield the regular forms of a verb."""
    yield stem
    if stem.endswith("e"):
        yield from (f"{stem}s", f"{stem}d", f"{stem[:-1]}ing")
    elif stem.endswith("y") and stem[-2] not in "aeou":
        yield from (f"{stem[:-1]}ies", f"{stem[:-1]}ied", f"{stem}ing")
    else:
        yield from (f"{stem}{'es' if stem.endswith(('s', 'sh', 'ch', 'x')) else 's'}", f"{stem}ed", f"{stem}ing")


def _noun(entry: str) -> Iterator[str]:
    """Yield a noun and its plural."""
    yield entry
    if entry.endswith("y") and entry[-2:-1] not in {"a", "e", "o", "u"}:
        yield f"{entry[:-1]}ies"
    elif not entry.endswith("s"):
        yield f"{entry}{'es' if entry.endswith(('sh', 'ch', 'x')) else 's'}"


def _entries() -> Iterator[tuple[str, str]]:
    """Yield each class with each form of its entries; a form in two classes counts for the first."""
    for section, found in _SECTIONS.items():
        for entry in found:
            verb = entry.endswith("~")
            forms = _verb(entry[:-1]) if verb else _noun(entry) if section in _NOUNS else iter((entry,))
            yield from ((section, form) for form in forms)
    for line in lines_of("roles.txt"):
        for entry in entries_of(line.replace("-", " ")):
            section = SHORT_ROLE if len(entry) <= SHORT else ROLE
            yield from ((section, form) for form in _noun(entry) if entry not in _NO_ROLE)


def _phrases() -> PhraseTable[str]:
    """Return the phrases with their classes; a phrase in two classes counts for the first, plain ones before all."""
    found: dict[tuple[str, ...], str] = {}
    for section, entry in chain(((PLAIN, entry) for entry in _PLAIN), _entries()):
        words = tuple(entry.replace("'s ", " ").split())
        if len(words) > 1:
            found.setdefault(words, section)
    return PhraseTable(found.items())


def _singles() -> dict[str, str]:
    singles: dict[str, str] = {}
    for section, entry in _entries():
        if " " not in entry:
            singles.setdefault(entry, section)
    return singles


_SINGLES = _singles()
_PHRASES = _phrases()
_UNSURE = frozenset(key for key, section in _SINGLES.items() if section == SHORT_ROLE) | (
    _SINGLES.keys() & {word for entry in _PLAIN for word in entry.split()}
)
_SURE = frozenset(_SINGLES) - _UNSURE
_KNOWN = WORDS | _SINGLES.keys()


def _without_one(word: str) -> Iterator[str]:
    """Yield a word, and the word without each of its letters; two words are similar if these sets meet."""
    yield word
    yield from (word[:at] + word[at + 1 :] for at in range(len(word)))


_MISSPELT = frozenset(part for word in _SINGLES if len(word) >= LONG and word.isalpha() for part in _without_one(word))


def surnames_of(names: Iterable[str]) -> frozenset[str]:
    """Return the last word of each name of several words, because a subject may be called Cook."""
    return frozenset(words[-1] for name in names if len(words := fold(name).text.replace("-", " ").split()) > 1)


def disclosures_in(
    reading: Reading, direct: Sequence[Match] = (), *, surnames: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Return the classes of disclosure in a text; it is empty if the text, as far as words can show, only describes.

    `direct` are the places that name the source, the submitter or the agency; a text that names them is a disclosure,
    also once they are replaced. `surnames` are those of subjects. One class is enough, so signs are tested only if
    words show none.
    """
    found = _classes_of_words(reading, surnames) or _classes_of_phrases(reading, surnames)
    if any(_speaks_of(match) for match in direct):
        found.add(NAMED)
    return tuple(name for name in CLASSES if name in found) or tuple(
        name for name, holds in SIGNS.items() if holds(reading)
    )


def surely_told(disclosures: tuple[str, ...]) -> tuple[str, ...]:
    """Return the classes that hold a text though the encoder finds nothing in it."""
    return tuple(name for name in disclosures if name in SURE)


def _speaks_of(match: Match) -> bool:
    kind = KINDS[match.kind]
    return kind.band is Band.AUTO and kind.subject != "contact"


def _classes_of_words(reading: Reading, surnames: frozenset[str]) -> set[str]:
    """Return the classes of the words that count in every context."""
    return {_SINGLES[reading.keys[at]] for at in reading.places_of(_SURE) if _counts(reading, at, surnames)}


def _classes_of_phrases(reading: Reading, surnames: frozenset[str]) -> set[str]:
    """Return the classes of phrases, and of words that do not count inside plain phrases ("off-licence")."""
    hits = list(_PHRASES.find(reading.keys))
    plain = {at for first, size, section in hits if section == PLAIN for at in range(first, first + size)}
    found = {section for at, _, section in hits if at not in plain}
    for at in reading.places_of(_UNSURE):
        if at not in plain and _counts(reading, at, surnames):
            found.add(ROLE if _SINGLES[reading.keys[at]] == SHORT_ROLE else _SINGLES[reading.keys[at]])
    return found


def _counts(reading: Reading, at: int, surnames: frozenset[str]) -> bool:
    section = _SINGLES[reading.keys[at]]
    if section == SHORT_ROLE:  # in capitals, and not part of a plate
        return reading.cases[at] == CAPITALS and not (at and reading.keys[at - 1][-1].isdigit())
    return section == SELF or not _is_surname(reading, at, surnames)


def _is_surname(reading: Reading, at: int, surnames: frozenset[str]) -> bool:
    """Tell whether a word is part of a name: "Alan Cook", or the surname of a subject."""
    if not reading.cased or reading.cases[at] != CAPITALISED:
        return False
    if reading.keys[at] in surnames:
        return True
    if not at or not reading.cases[at - 1] or reading.breaks[at - 1] != JOINED:
        return False
    return reading.keys[at - 1] not in WORDS or reading.keys[at - 1] in NICKNAMES


def _describes(reading: Reading) -> bool:
    """Tell whether a text describes a person without a name: "a lad who", "the woman in"."""
    keys = reading.keys
    return any(
        reading.breaks[at] == JOINED
        and (
            keys[at + 1] in _PLACED
            or (keys[at + 1] in _POINTED and not _POINTERS.isdisjoint(keys[max(0, at - 2) : at]))
        )
        for at in reading.places_of(_PERSONS)
        if at + 1 < len(keys)
    )


def _speaks_of_two(reading: Reading) -> bool:
    """Tell whether "he" and "she" both occur: one of them may be the source."""
    return not (reading.present.isdisjoint(_SHE) or reading.present.isdisjoint(_HE))


def _does(reading: Reading) -> bool:
    """Tell whether a text mentions an activity during an observation: "when fixing the boiler"."""
    after = [reading.keys[at + 1] for at in reading.places_of(_DURING) if at + 1 < len(reading)]
    return any(key.endswith("ing") and len(key) >= LONG and key not in _NO_DOING for key in after)


def _quotes(reading: Reading) -> bool:
    """Tell whether a text quotes more than a name, which means that a person heard it."""
    quotes = reading.folded.text.split('"')[1::2] if '"' in reading.folded.text else ()
    return any(len(quoted.split()) >= A_SENTENCE for quoted in quotes)


def _strange(reading: Reading) -> list[str]:
    """Return the words of a text that are neither ordinary English words nor names."""
    keys = [key for key in reading.present - _KNOWN if key.isalpha()]
    return [key for key in keys if not reading.cased or any(reading.cases[at] == LOWER for at in reading.places[key])]


def _misspells(reading: Reading) -> bool:
    """Tell whether a strange word is nearly a word of disclosure."""
    return any(
        LONG <= len(key) + 1 <= LONGEST and not _MISSPELT.isdisjoint(_without_one(key)) for key in _strange(reading)
    )


def _is_unread(reading: Reading) -> bool:
    """Tell whether most of a text's words are not in the English lists."""
    strange = sum(map(len, _strange(reading)))
    return strange >= MUCH and 2 * strange > sum(len(key) for key in reading.present if key.isalpha())


SIGNS = {
    DESCRIBED: _describes,
    TWO: _speaks_of_two,
    DOING: _does,
    QUOTED: _quotes,
    MISSPELT: _misspells,
    UNREAD: _is_unread,
    CLOCK: tells_the_time,
}
