"""The word lists of the matcher: data files that the intelligence unit owns, read once when the module is loaded.

The first lines of each file name its owner and its version.
"""

from collections.abc import Iterator

from pipeline_shared.text import lexicon
from sanitiser_service.form.common_words import data_of, lines_of, word_sets_of, words_of

MOST_LINES = 3


def sections_of(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return each line of a data file with sections: the name of its section and its entries."""
    return ((section, lexicon.entries_of(line)) for section, line in lexicon.sections_of(data_of(name)))


_WORD_SETS = word_sets_of("small_words.txt")


def word_set(name: str) -> frozenset[str]:
    """Return a small set of words by its name, which begins with the name of its matcher."""
    return _WORD_SETS[name]


def _forms_of_names(file: str) -> dict[str, frozenset[str]]:
    """Return the other forms of each name: all names on its lines, or the first of each if its lines are too many."""
    lines = [line.split() for line in lines_of(file)]
    found: dict[str, list[list[str]]] = {}
    for line in lines:
        for name in line:
            found.setdefault(name, []).append(line)
    return {
        name: frozenset(form for line in on for form in (line if len(on) <= MOST_LINES else line[:1])) - {name}
        for name, on in found.items()
    }


WORD_NAMES = words_of("word_names.txt")
GREETINGS = words_of("greetings.txt")
ABBREVIATIONS = words_of("abbreviations.txt")
NICKNAMES = _forms_of_names("nicknames.txt")
SURNAMES = _forms_of_names("surnames.txt")
COGNATES = _forms_of_names("cognates.txt")
BONDS = word_set("lexicons_bonds")
FAMILY = frozenset(
    entry
    for section, found in sections_of("indirect_identifiers.txt")
    if section == "family"
    for entry in found
    if " " not in entry
)
